"""Leave to run: what one admission holds of budgets and limits, whom a budget concerns, and what a call may cost."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from core.events import Notice
from core.guard.account import ZERO, Account, Plan
from core.guard.limits import Window
from core.messages import TurnRequest


class Estimate(Protocol):
    """What is foretold of a call; None is unknown."""

    @property
    def input_tokens(self) -> int | None: ...
    @property
    def output_p50(self) -> int | None: ...
    @property
    def output_p90(self) -> int | None: ...
    @property
    def cost_p50(self) -> Decimal | None: ...
    @property
    def cost_p90(self) -> Decimal | None: ...
    @property
    def cost_most(self) -> Decimal | None: ...


@dataclass(slots=True)
class Admission:
    """Leave to run. `model`: a cheaper one to ask instead, or None. The rest is the guard's own.

    `reserved` is for the call under way; `tokens` are those of the turn's calls before it.
    """

    notices: tuple[Notice, ...] = ()
    model: str | None = None
    reserved: Decimal = ZERO
    accounts: tuple[Account, ...] = field(default=(), repr=False)
    counted: tuple[tuple[Window, list[float]], ...] = field(default=(), repr=False)
    tokens: int = 0
    asked: str = ""


def most(estimate: Estimate) -> Decimal:
    """The most that a call can cost: a usual amount would let calls that run at once overshoot together."""
    known = [cost for cost in (estimate.cost_most, estimate.cost_p90) if cost is not None]
    return max(known, default=ZERO)


def matches(plan: Plan, request: TurnRequest) -> bool:
    context = request.context
    return {
        "everyone": True,
        "user": context.user_id == plan.subject,
        "team": context.team_id == plan.subject,
        "assistant": context.assistant_id == plan.subject,
        "model": request.model == plan.subject,
        "provider": request.model.partition("/")[0] == plan.subject,
        "tag": plan.subject in context.tags,
    }.get(plan.scope, False)
