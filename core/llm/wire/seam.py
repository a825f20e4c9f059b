"""The seam to a provider: one request in, one stream of chunks out; both wires have this one interface."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.messages import Message, Parameters, Tool


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where and as whom to ask. `dialect`: openai, anthropic, or litellm (only the general wire speaks it).

    `litellm_model` is the name LiteLLM routes by ("hosted_vllm/llama3"); `model` the provider's own name for it.
    """

    provider: str
    model: str
    dialect: str
    litellm_model: str
    base_url: str | None = None
    api_key: str | None = None

    def __repr__(self) -> str:
        return f"Deployment({self.provider}/{self.model} at {self.base_url})"


@dataclass(frozen=True, slots=True)
class WireRequest:
    deployment: Deployment
    messages: tuple[Message, ...]
    parameters: Parameters
    tools: tuple[Tool, ...] = ()
    stream: bool = True
    first_token_s: float = 30.0
    idle_s: float = 30.0
    total_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Opened:
    """Response headers are in. First chunk of every stream that got that far."""

    http_status: int | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """An opaque reasoning block (with its signature) to be handed back with tool results."""

    block: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolDelta:
    """A piece of tool call number `index`; `arguments` pieces are concatenated by whoever collects them."""

    index: int
    id: str | None
    name: str | None
    arguments: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What the provider calls this answer and the model that gave it."""

    response_id: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class RawUsage:
    """The provider's own usage object, untouched; the last one seen counts. Never invented by a wire."""

    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finish:
    """The provider said it is done, and why. A stream that ends without one is truncated.

    `tier`: its own word for the class of service it gave (flex, priority, …); None when it said none.
    """

    reason: str
    tier: str | None = None


Chunk = Opened | Text | Reasoning | Thinking | ToolDelta | Identity | RawUsage | Finish


class Wire(Protocol):
    """Runs on the engine loop only. Closing the iterator or cancelling its task closes the upstream connection.

    Raises core.errors.ModelError (redacted, capped) for every failure: status codes, time-outs, protocol errors, and
    TruncatedError when the stream ends without a Finish. Without streaming the same chunks come, in one burst.
    It never retries. `request` deadlines: first_token_s until the first Text, Reasoning or ToolDelta; idle_s between
    bytes that carry content; total_s over all.
    """

    name: str

    def stream(self, request: WireRequest) -> AsyncIterator[Chunk]: ...

    async def embed(
        self, deployment: Deployment, texts: list[str], timeout_s: float
    ) -> tuple[list[list[float]], Mapping[str, Any]]:
        """Vectors in the order of `texts`, and the raw usage object."""
        ...

    async def close(self) -> None: ...
