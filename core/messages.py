"""What is said to a model: messages, their parts, tools, parameters, and the request that carries them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
CacheMode = Literal["off", "exact", "semantic"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image as it is sent. `sha256` (hex) names it in logs, so that the bytes are stored once in data/files."""

    media_type: str
    data: bytes
    sha256: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A document whose text was extracted; models read the text, people see the name."""

    name: str
    media_type: str
    text: str
    sha256: str


Part = TextPart | ImagePart | DocumentPart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is the JSON text exactly as the model produced it ("" is normalised to "{}")."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    parts: tuple[Part, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    thinking: tuple[Json, ...] = ()
    """Opaque reasoning blocks (with signatures) that a provider wants back beside tool results."""

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @classmethod
    def of(cls, role: Role, text: str) -> "Message":
        return cls(role, (TextPart(text),))


class Tool(Protocol):
    """A function a model may call. `parameters` is a JSON schema of an object."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def parameters(self) -> Json: ...
    @property
    def side_effects(self) -> bool: ...
    async def call(self, arguments: str) -> str:
        """`arguments` is JSON text from a model, so hostile. Returns text; raises PlatformError with one sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Parameters:
    """None means: not sent, the provider's default holds."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    reasoning_effort: str | None = None
    response_schema: Json | None = None
    tool_choice: str | None = None
    parallel_tool_calls: bool | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, from where, on behalf of what: copied as it is onto every ledger row of the turn."""

    door: str = "api"
    user_id: str | None = None
    team_id: str | None = None
    assistant_id: str | None = None
    assistant_version: int | None = None
    prompt_id: str | None = None
    prompt_version: int | None = None
    conversation_id: str | None = None
    match_id: str | None = None
    experiment_id: str | None = None
    tags: tuple[str, ...] = ()
    origin: str = "live"


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One question. `model` is a catalogue id "provider/model". `fallbacks` None means the configured default chain.

    `messages` ends with what is to be answered. `max_tool_rounds` caps the loop of calls and results.
    `approve` is asked before a tool with side effects runs; None refuses such tools.
    `on_end` runs once on a worker thread when the turn is over and its rows are on disk, before watchers see the end.
    """

    model: str
    messages: tuple[Message, ...]
    parameters: Parameters = Parameters()
    tools: tuple[Tool, ...] = ()
    fallbacks: tuple[str, ...] | None = None
    retries: int | None = None
    cache: CacheMode = "off"
    context: Context = Context()
    stream: bool = True
    max_tool_rounds: int = 8
    held: bool = False
    """Nobody watches: an answer is handed over whole, so that one that broke off can still be asked for again."""
    turn_id: str = ""
    """A UUIDv7; made by the service when empty."""
    approve: Callable[[ToolCall], Awaitable[bool]] | None = field(default=None, compare=False)
    on_end: Callable[[Any], None] | None = field(default=None, compare=False)
