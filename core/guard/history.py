"""What a budget's window has already spent, read from the ledger when the guard opens."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from core.guard.account import Plan
from core.ledger.facts import Fact

_SCOPES = {
    "everyone": "TRUE",
    "user": "user_id = ?",
    "team": "team_id = ?",
    "assistant": "assistant_id = ?",
    "model": "served_model = ?",
    "provider": "split_part(served_model, '/', 1) = ?",
    "tag": "list_contains(tags, ?)",
}
_SPENT = """CASE WHEN cost_total IS NOT NULL THEN cost_total
    WHEN input_tokens IS NOT NULL OR output_tokens IS NOT NULL THEN coalesce(estimate_cost_p90, 0) ELSE 0 END"""
"""The same rule as when a call is settled: what was used and cannot be priced counts as it was estimated."""


class Log(Protocol):
    """What the guard needs of core.ledger's Ledger."""

    def rows(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        timeout_s: float = 10.0,
        max_rows: int = 100_000,
    ) -> list[tuple[Any, ...]]: ...

    def submit(self, fact: Fact) -> "Future[int]": ...

    def settle(self, timeout_s: float = 5.0) -> None: ...  # fmt: skip


def spent_since(log: Log, plan: Plan, since: datetime | None) -> list[tuple[datetime, Decimal]]:
    """Money per minute (per day for windows without end), oldest first; real calls only."""
    condition = _SCOPES.get(plan.scope, "FALSE")
    parameters: list[Any] = [plan.subject] if "?" in condition else []
    if since is not None:
        condition += " AND started_at >= ?"
        parameters.append(since)
    grain = "minute" if since is not None and plan.period in ("24h", "7d", "30d", "day") else "day"
    rows = log.rows(
        f"""SELECT date_trunc('{grain}', started_at)::TIMESTAMP AS slot, sum({_SPENT})::DECIMAL(18,9)
        FROM calls WHERE origin = 'live' AND {condition} GROUP BY 1 ORDER BY 1""",
        parameters,
        timeout_s=60.0,
    )
    return [(slot, Decimal(amount)) for slot, amount in rows]
