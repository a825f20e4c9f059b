"""One call's answer as its chunks come in, with the moments at which they came."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from core.llm.wire.seam import Chunk, Finish, Identity, Opened, RawUsage, Thinking, ToolDelta
from core.messages import Json, Message, TextPart, ToolCall


@dataclass(slots=True)
class Answer:
    """Filled by one attempt. `stamps` are perf_counter seconds, one per piece of text or reasoning."""

    sent: float = field(default_factory=perf_counter)
    quiet: bool = False
    """Held back: nothing of it is shown as it comes in."""
    opened: float | None = None
    first_tool: float | None = None
    stamps: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    reasonings: list[str] = field(default_factory=list)
    thinking: list[Json] = field(default_factory=list)
    tools: dict[int, "_Building"] = field(default_factory=dict)
    http_status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_usage: Mapping[str, Any] | None = None
    finish: str | None = None
    tier: str | None = None
    response_id: str | None = None
    response_model: str | None = None

    def take(self, chunk: Chunk) -> None:
        """Every kind of chunk but text and reasoning, which the attempt's own loop takes."""
        if isinstance(chunk, ToolDelta):
            self._tool(chunk)
        elif isinstance(chunk, Opened):
            self.opened = perf_counter()
            self.http_status, self.headers = chunk.http_status, chunk.headers
        elif isinstance(chunk, Identity):
            self.response_id = chunk.response_id or self.response_id
            self.response_model = chunk.model or self.response_model
        elif isinstance(chunk, RawUsage):
            self.raw_usage = chunk.raw
        elif isinstance(chunk, Finish):
            self.finish, self.tier = chunk.reason, chunk.tier
        elif isinstance(chunk, Thinking):
            self.thinking.append(chunk.block)

    def _tool(self, chunk: ToolDelta) -> None:
        if self.first_tool is None:
            self.first_tool = perf_counter()
        building = self.tools.setdefault(chunk.index, _Building())
        building.id = building.id or chunk.id
        building.name = building.name or chunk.name
        building.arguments.append(chunk.arguments)

    @property
    def first(self) -> float | None:
        """When the first text, reasoning or tool call came."""
        moments = [*self.stamps[:1], *([self.first_tool] if self.first_tool is not None else [])]
        return min(moments, default=None)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def reasoning(self) -> str:
        return "".join(self.reasonings)

    @property
    def begun(self) -> bool:
        """Whether any of it has arrived, so that tokens were spent."""
        return bool(self.texts or self.reasonings or self.tools)

    @property
    def seen(self) -> bool:
        """Whether a person has seen anything of it, so that starting over would contradict what they read."""
        return not self.quiet and bool(self.texts or self.reasonings)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(
            ToolCall(building.id or f"call_{index}", building.name or "", "".join(building.arguments) or "{}")
            for index, building in sorted(self.tools.items())
        )

    def message(self) -> Message:
        """As it is said back to the model in the next round."""
        parts = (TextPart(self.text),) if self.texts else ()
        return Message("assistant", parts, self.tool_calls, thinking=tuple(self.thinking))


@dataclass(slots=True)
class _Building:
    id: str | None = None
    name: str | None = None
    arguments: list[str] = field(default_factory=list)
