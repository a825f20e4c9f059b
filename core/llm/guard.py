"""What the service asks before it spends: may this turn run, and what did it come to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from core.events import Notice
from core.llm.estimate import Estimate
from core.messages import TurnRequest


@dataclass(frozen=True, slots=True)
class Admission:
    """Leave to run. `model`: a cheaper one to ask instead, or None. `token` is the guard's own, handed back later."""

    notices: tuple[Notice, ...] = ()
    model: str | None = None
    token: Any = None


class Guard(Protocol):
    """Both run on the engine loop and must not block: memory only, no query."""

    def admit(self, request: TurnRequest, estimate: Estimate) -> Admission:
        """Raises BudgetError or LimitError, one sentence each."""
        ...

    def settle(self, admission: Admission, cost: Decimal | None, tokens: int | None) -> None:
        """Called exactly once for each admission, however the turn ended. None is unknown."""
        ...
