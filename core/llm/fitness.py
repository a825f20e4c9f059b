"""Whether a model can be asked this at all: abilities and context, checked before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.llm.estimate import Estimate
from core.llm.models import ModelInfo
from core.messages import ImagePart, Message, TurnRequest


@dataclass(frozen=True, slots=True)
class Misfit:
    """`context`: it is too long, rather than of a kind the model cannot read."""

    sentence: str
    context: bool = False


def unfit(model: ModelInfo, messages: Sequence[Message], request: TurnRequest, estimate: Estimate) -> Misfit | None:
    """What is unknown speaks against nothing. An approximate count refuses only what is far too long."""
    images = any(isinstance(part, ImagePart) for message in messages for part in message.parts)
    if images and "images" not in model.supports:
        return Misfit(f"{model.id} cannot read images; choose a model that can, or remove the image.")
    if request.tools and "tools" not in model.supports:
        return Misfit(f"{model.id} cannot call tools; choose a model that can, or turn the tools off.")
    if "embeddings" in model.supports:
        return Misfit(f"{model.id} makes embeddings and cannot chat; choose another model.")
    room = (model.context_window or 0) * (1.0 if estimate.exact else 1.5)
    if room and estimate.input_tokens and estimate.input_tokens > room:
        return Misfit(
            f"This needs about {estimate.input_tokens:,} tokens, and the context of {model.id} is "
            f"{model.context_window:,}; shorten it or choose a model with a larger context.",
            context=True,
        )
    return None
