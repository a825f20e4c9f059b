"""What the service asks before it spends: may this turn run, may it call once more, and what did it come to."""

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
    """All run on the engine loop and must not block: memory only, no query."""

    def admit(self, request: TurnRequest, estimate: Estimate) -> Admission:
        """Raises BudgetError or LimitError, one sentence each."""
        ...

    def go_on(
        self,
        admission: Admission,
        request: TurnRequest,
        estimate: Estimate,
        *,
        attempt: int,
        cost: Decimal | None,
        tokens: int | None,
    ) -> tuple[Notice, ...]:
        """Before each further call of the turn, and before the first when it goes to another model than was asked.

        `request`, `estimate` and `attempt` are of the next call; `cost` and `tokens` of those since the last word.
        Raises BudgetError.
        """
        ...

    def settle(self, admission: Admission, cost: Decimal | None, tokens: int | None) -> None:
        """Called exactly once for each admission, however the turn ended, with what came since the last word.

        None is unknown.
        """
        ...
