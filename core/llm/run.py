"""What one turn has gathered so far: its calls, their rows' acknowledgements, its deadline."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic, perf_counter

from core.events import AttemptReceipt, Notice
from core.llm.answer import Answer
from core.llm.estimate import Estimate
from core.llm.turn import Turn
from core.messages import Message, Parameters, TurnRequest


@dataclass(frozen=True, slots=True)
class Ask:
    """One round's question. `quiet`: nothing of the answer is shown before it is whole."""

    messages: tuple[Message, ...]
    parameters: Parameters
    round: int = 0
    quiet: bool = False


@dataclass(slots=True)
class Run:
    turn: Turn
    request: TurnRequest
    asked: str
    """The catalogue id that was asked for."""
    chain: tuple[str, ...]
    """Whom to ask, in order: usually `asked`, then its fallbacks."""
    deadline: float
    estimate: Estimate = field(default_factory=Estimate)
    accepted: float = field(default_factory=perf_counter)
    ended: float = 0.0
    """When its last call so far ended, by the monotonic clock."""
    hop: int = 0
    attempts: int = 0
    receipts: list[AttemptReceipt] = field(default_factory=list)
    acknowledgements: list["Future[int]"] = field(default_factory=list)
    call_ids: set[str] = field(default_factory=set)
    """Of the tool calls so far."""
    answer: Answer | None = None
    """The newest attempt's."""
    price_source: str | None = None
    cache_state: str = "off"
    cache_similarity: float | None = None
    saved: Decimal | None = None
    logged: bool = True
    before_call: Callable[["Run", Ask, str], None] = field(default=lambda *_: None)
    """Told of every call before it is made, with the model it goes to; may raise RefusedError."""

    @property
    def left_s(self) -> float:
        return self.deadline - monotonic()

    def notice(self, kind: str, text: str) -> None:
        self.turn.emit(Notice(kind, text))
