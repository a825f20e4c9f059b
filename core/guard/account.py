"""One budget's money in memory: what its window has spent, what calls under way have reserved."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from core.guard import periods

ZERO = Decimal(0)
SLOT = timedelta(minutes=1)


class Plan(Protocol):
    """A budget as somebody set it (core.workspace.budgets.Budget is one)."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def limit_usd(self) -> Decimal: ...
    @property
    def scope(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def warn_at(self) -> float: ...
    @property
    def action(self) -> str: ...
    @property
    def degrade_to(self) -> str | None: ...


@dataclass(slots=True)
class Account:
    """Spending is kept in slots of a minute, oldest first; what has left the window is dropped when it is read."""

    plan: Plan
    slots: deque[tuple[datetime, Decimal]] = field(default_factory=deque)
    total: Decimal = ZERO
    reserved: Decimal = ZERO
    warned_for: datetime | None = None

    def load(self, spent: Iterable[tuple[datetime, Decimal]]) -> None:
        self.slots, self.total = deque(spent), ZERO
        for _, amount in self.slots:
            self.total += amount

    def spent(self, now: datetime) -> Decimal:
        began = periods.start(self.plan.period, now)
        while began is not None and self.slots and self.slots[0][0] < _floor(began):
            self.total -= self.slots.popleft()[1]
        return self.total

    def spend(self, amount: Decimal, now: datetime) -> None:
        slot = _floor(now)
        if self.slots and self.slots[-1][0] >= slot:
            self.slots[-1] = (self.slots[-1][0], self.slots[-1][1] + amount)
        else:
            self.slots.append((slot, amount))
        self.total += amount

    def full(self, now: datetime) -> bool:
        """No room is left: what is spent and reserved has reached the limit."""
        return self.spent(now) + self.reserved >= self.plan.limit_usd

    def warns(self, now: datetime) -> bool:
        return self.spent(now) + self.reserved >= self.plan.limit_usd * Decimal(str(self.plan.warn_at))

    def frees_at(self, now: datetime) -> datetime | None:
        """When there will be room again if nothing more is spent; None when time alone makes none."""
        if self.plan.period not in periods.ROLLING:
            return periods.end(self.plan.period, now)
        over = self.spent(now) + self.reserved - self.plan.limit_usd
        for at, amount in self.slots:
            over -= amount
            if over < 0:
                return at + periods.ROLLING[self.plan.period] + SLOT
        return None


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
