"""What the service asks before it spends: may this turn run, and what did it come to."""

from decimal import Decimal
from typing import Protocol

from core.events import Notice
from core.llm.estimate import Estimate
from core.messages import TurnRequest


class Admission(Protocol):
    """Leave to run. `model`: a cheaper one to ask instead, or None. What else it holds is the guard's own."""

    @property
    def notices(self) -> tuple[Notice, ...]: ...
    @property
    def model(self) -> str | None: ...


class Guard(Protocol):
    """Both run on the engine loop and must not block: memory only, no query."""

    def admit(self, request: TurnRequest, estimate: Estimate) -> Admission:
        """Raises BudgetError or LimitError, one sentence each."""
        ...

    def settle(self, admission: Admission, cost: Decimal | None, tokens: int | None) -> None:
        """Called exactly once for each admission, however the turn ended. None is unknown."""
        ...
