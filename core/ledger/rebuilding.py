"""Making the rollups again from the rows, and telling whether they were right."""

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from core.ledger.rollup import Rollup
from core.ledger.rollups import ROLLUPS, add, next_run

_KEPT = (
    "exists (select 1 from removals r where r.table_name = 'calls' and r.before is not null"
    " and (r.origin is null or r.origin = {origin}) and {hour} < r.before)"
)
"""Hours whose rows have left by age: their sums are all that is left, so they stay as they are."""

ROUNDED = ("total_s", "ttft_s", "overhead_s", "queue_s", "tokens_per_s")
"""Sums of fractions, which depend on their order in the last digit."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`differing`: rollup -> number of hours and origins whose counts, tokens or money were not those of the rows."""

    rows: dict[str, int]
    differing: dict[str, int]

    @property
    def equal(self) -> bool:
        return not any(self.differing.values())


def rebuild(cursor: DuckDBPyConnection, loaded: int) -> Rebuilt:
    """Compare and replace every rollup, within the caller's transaction."""
    rows, differing, run = {}, {}, next_run(cursor)
    fresh_rows = f"seq <= {loaded} and not {_KEPT.format(origin='calls.origin', hour='calls.started_at')}"
    for rollup in ROLLUPS:
        fresh = rollup.select(fresh_rows)
        kept = _KEPT.format(origin="origin", hour="hour")
        differing[rollup.name] = _differing(cursor, rollup, fresh, kept)
        cursor.execute(f"delete from {rollup.table} where not {kept}")
        add(cursor, rollup, fresh_rows, run)
        rows[rollup.name] = cursor.execute(f"select count(*) from {rollup.table}").fetchall()[0][0]
    cursor.execute("delete from rollup_progress")
    cursor.execute("insert into rollup_progress (seq, run) values (?, ?)", [loaded, run])
    return Rebuilt(rows, differing)


def _differing(cursor: DuckDBPyConnection, rollup: Rollup, fresh: str, kept: str) -> int:
    exact = [name for name in rollup.measures if name not in ROUNDED]
    sums = ", ".join(f"sum({name})" for name in exact)
    some = f"group by all having sum({exact[0]}) <> 0"  # a turn that moved to another hour leaves 1 - 1 behind
    stored = f"select hour, origin, {sums} from {rollup.name} where not {kept} {some}"
    again = f"select hour, origin, {sums} from ({fresh}) {some}"
    sql = f"select count(*) from (({stored} except {again}) union all ({again} except {stored}))"
    return int(cursor.execute(sql).fetchall()[0][0])
