"""Whether a model can be asked this at all: abilities and context, checked before anything is sent."""

from collections.abc import Sequence

from core.llm.estimate import Estimate
from core.llm.models import ModelInfo
from core.messages import ImagePart, Message, TurnRequest


def unfit(model: ModelInfo, messages: Sequence[Message], request: TurnRequest, estimate: Estimate) -> str:
    """Why not, in one sentence; empty when nothing speaks against it. What is unknown speaks against nothing."""
    images = any(isinstance(part, ImagePart) for message in messages for part in message.parts)
    if images and "images" not in model.supports:
        return f"{model.id} cannot read images; choose a model that can, or remove the image."
    if request.tools and "tools" not in model.supports:
        return f"{model.id} cannot call tools; choose a model that can, or turn the tools off."
    if model.context_window and estimate.input_tokens and estimate.input_tokens > model.context_window:
        return (
            f"This needs about {estimate.input_tokens:,} tokens and the context of {model.id} is "
            f"{model.context_window:,}; shorten it or choose a model with a larger context."
        )
    return ""
