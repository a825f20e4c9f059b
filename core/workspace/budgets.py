"""Budgets as people set them; core/guard enforces them and the ledger keeps every decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from core.errors import InvalidError, NotFoundError
from core.workspace.database import Database
from core.workspace.ids import new_id, now
from core.workspace.plain_text import one_line
from core.workspace.schema import budgets

SCOPES = ("everyone", "user", "team", "assistant", "model", "provider", "tag")
PERIODS = ("day", "week", "month", "total", "24h", "7d", "30d")
ACTIONS = ("warn", "degrade", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`limit_usd` per `period` for all calls of `subject` (a user's id, an assistant's id, …; "" for everyone).

    `warn_at`: share of the limit from which people are told. `action` when it is spent: warn, degrade (to the model
    `degrade_to`) or refuse. Periods begin at UTC midnight, Monday, or the first of the month; 24h, 7d and 30d roll.
    """

    name: str
    limit_usd: Decimal
    scope: str = "everyone"
    subject: str = ""
    period: str = "month"
    warn_at: float = 0.8
    action: str = "refuse"
    degrade_to: str | None = None
    active: bool = True
    id: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Budgets:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, active_only: bool = False) -> Sequence[Budget]:
        query = sa.select(budgets).order_by(budgets.c.name, budgets.c.id)
        if active_only:
            query = query.where(budgets.c.active)
        with self._database.reading() as connection:
            return [_budget(dict(row)) for row in connection.execute(query).mappings()]

    def get(self, id: str) -> Budget:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(budgets).where(budgets.c.id == id)).mappings().first()
        if row is None:
            raise NotFoundError("There is no such budget.")
        return _budget(dict(row))

    def save(self, budget: Budget) -> Budget:
        """Add it (id "") or change it. Raises InvalidError, NotFoundError."""
        moment = now()
        values = _checked(budget) | {"updated_at": moment}
        with self._database.writing() as connection:
            if budget.id:
                change = sa.update(budgets).where(budgets.c.id == budget.id).values(**values)
                if not connection.execute(change).rowcount:
                    raise NotFoundError("There is no such budget; it was removed.")
                id = budget.id
            else:
                id = new_id()
                connection.execute(sa.insert(budgets), {"id": id, "created_at": moment, **values})
        return self.get(id)

    def delete(self, id: str) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(budgets).where(budgets.c.id == id))


def _checked(budget: Budget) -> dict[str, Any]:
    for value, words in ((budget.scope, SCOPES), (budget.period, PERIODS), (budget.action, ACTIONS)):
        if value not in words:
            raise InvalidError(f"{value[:40]!r} is not one of {', '.join(words)}.")
    if not budget.limit_usd.is_finite() or not Decimal(0) <= budget.limit_usd <= Decimal(10) ** 9:
        raise InvalidError("A budget's limit is an amount in US dollars, from 0 up.")
    if not 0 <= budget.warn_at <= 1:
        raise InvalidError("The warning comes at a share between 0 and 1 of the limit.")
    if budget.scope != "everyone" and not budget.subject:
        raise InvalidError(f"Say which {budget.scope} the budget is for.")
    if budget.action == "degrade" and not budget.degrade_to:
        raise InvalidError("Say which cheaper model takes over when the budget is spent.")
    return {
        "name": one_line(budget.name, 100) or "Budget",
        "scope": budget.scope,
        "subject": "" if budget.scope == "everyone" else budget.subject,
        "period": budget.period,
        "limit_usd": str(budget.limit_usd),
        "warn_at": budget.warn_at,
        "action": budget.action,
        "degrade_to": budget.degrade_to,
        "active": budget.active,
    }


def _budget(row: dict[str, Any]) -> Budget:
    try:
        return Budget(**{**row, "limit_usd": Decimal(row["limit_usd"])})
    except InvalidOperation:
        raise InvalidError(f"The budget {row['name']} has no readable limit; save it again.") from None
