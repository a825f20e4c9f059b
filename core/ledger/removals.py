"""Taking rows out: by table, origin and day, each removal a line of the journal like every other fact."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from duckdb import DuckDBPyConnection

from core.ledger.entries import Entry
from core.ledger.ids import uuid7
from core.ledger.lines import Kind, Line
from core.ledger.rollups import ROLLUPS, roll
from core.ledger.rows import moment

TIMES = {"calls": "started_at", "payloads": "stored_at", "votes": '"at"', "feedback": '"at"'}
"""Tables that rows can be removed from by origin, and the column that dates them."""
DATED_ONLY = {"budget_decisions": '"at"', "audit": '"at"'}
ROLLED = {rollup.table: "hour" for rollup in ROLLUPS}


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows of `table` of that origin (None: any) from before that moment (None: all) go."""

    table: str
    origin: str | None
    before: datetime | None

    def entry(self, at: datetime) -> Entry:
        fact = {"at": at, "table": self.table, "origin": self.origin, "before": self.before}
        head = orjson.dumps(fact)
        return Entry(Kind.REMOVAL, uuid7(), head, size=len(head))

    @property
    def known(self) -> bool:
        return self.table in TIMES or self.table in ROLLED or (self.origin is None and self.table in DATED_ONLY)


def oldest_kept(table: str, days: int, now: datetime) -> datetime:
    """From when on rows stay when `days` days are kept; payloads stay a day longer, see `Ledger.retain`."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days + (table == "payloads"))


def removal_of(fact: dict[str, Any]) -> Removal:
    return Removal(str(fact["table"]), fact.get("origin"), moment(fact.get("before")))


def apply(cursor: DuckDBPyConnection, removal: Removal, seq: int) -> int:
    """Delete what the removal numbered `seq` names, within the caller's transaction. Returns how many rows went.

    Calls are rolled up before they go, so that the sums stay when old rows leave.
    """
    if not removal.known:
        return 0
    times = {**TIMES, **DATED_ONLY, **ROLLED}
    conditions = [] if removal.table in ROLLED else [f"seq <= {seq}"]
    values: list[Any] = []
    if removal.origin is not None:
        conditions.append("origin = ?")
        values.append(removal.origin)
    if removal.before is not None:
        conditions.append(f"{times[removal.table]} < ?")
        values.append(removal.before)
        if removal.table == "calls":
            roll(cursor, seq)
    where = " and ".join(conditions) or "true"
    gone = cursor.execute(f"delete from {removal.table} where {where}", values).fetchall()
    return int(gone[0][0])


def record(cursor: DuckDBPyConnection, line: Line, fact: dict[str, Any], removal: Removal) -> None:
    """Keep the removal itself, so that a restored backup forgets the same rows."""
    cursor.execute(
        "insert into removals values (?, ?, ?, ?, ?, ?)",
        [line.id, moment(fact["at"]), removal.table, removal.origin, removal.before, line.seq],
    )
