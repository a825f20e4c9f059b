"""A turn's leave to spend, kept up call by call: what came is booked, what comes next is reserved."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from core.llm.estimate import Estimate
from core.llm.guard import Admission, Guard
from core.llm.receipts import total_cost
from core.llm.run import Ask, Run
from core.messages import TurnRequest


@dataclass(slots=True)
class Leave:
    """The admission itself reserved for a first call to `model`, the one that was asked."""

    guard: Guard
    admission: Admission
    model: str
    foretell: Callable[[TurnRequest, str], Estimate]
    told: int = 0
    """Receipts that the guard knows of."""

    def before_call(self, run: Run, ask: Ask, model: str) -> None:
        """Raises BudgetError."""
        if run.attempts == 0 and model == self.model:
            return
        request = replace(run.request, model=model, messages=ask.messages, parameters=ask.parameters)
        cost, tokens = self._news(run)
        estimate = self.foretell(request, model)
        for notice in self.guard.go_on(
            self.admission, request, estimate, attempt=run.attempts + 1, cost=cost, tokens=tokens
        ):
            run.turn.emit(notice)

    def end(self, run: Run) -> None:
        self.guard.settle(self.admission, *self._news(run))

    def _news(self, run: Run) -> tuple[Decimal | None, int | None]:
        """Money and tokens of the calls that the guard has not heard of; None is unknown."""
        calls = run.receipts[self.told :]
        self.told = len(run.receipts)
        tokens = sum((call.usage.input_tokens or 0) + (call.usage.output_tokens or 0) for call in calls)
        return total_cost(calls), tokens or None
