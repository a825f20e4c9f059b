"""The answer in one piece, for callers that do not watch it being written."""

from dataclasses import dataclass

from core.events import Receipt, Status, Step
from core.messages import ToolCall


@dataclass(frozen=True, slots=True)
class Completion:
    """`tool_calls` are those the model made and nobody answered; `steps` those that ran, with their results."""

    text: str
    reasoning: str
    tool_calls: tuple[ToolCall, ...]
    steps: tuple[Step, ...]
    receipt: Receipt | None
    status: Status

    def __str__(self) -> str:
        return self.text
