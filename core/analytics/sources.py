"""Where an additive figure is read from: an hourly rollup when it can answer exactly, else the calls themselves.

A period may begin and end within an hour: the hours that it cuts are added up from their calls.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.analytics.measures import ESTIMATES, FAILED, MEASURES, PRICED, SELDOM, SENT
from core.analytics.zones import offsets
from core.ledger import rollups
from core.ledger.reading import REACHED
from core.ledger.rollup import HOUR as HOUR_OF_CALL

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
_FEW = {
    "calls": "coalesce(sum(calls), 0)::BIGINT",
    "turns": "coalesce(sum(turns), 0)::BIGINT",
    "unpriced": "coalesce(sum(unpriced), 0)::BIGINT",
    "input_tokens": "coalesce(sum(input_tokens), 0)::BIGINT",
    "output_tokens": "coalesce(sum(output_tokens), 0)::BIGINT",
    "cost": "CASE WHEN sum(cost_total) <> 0 OR coalesce(sum(unpriced), 0) = 0 THEN sum(cost_total) END",
    "saved": "sum(saved)",
}
_BROKEN = "sum(cost_total) FILTER (status IN ('error', 'interrupted', 'cancelled') OR retried)"
_MANY = {
    **_FEW,
    "sent": f"coalesce(sum(calls) FILTER ({SENT}), 0)::BIGINT",
    "ok": f"coalesce(sum(calls) FILTER (status = 'ok' AND {SENT}), 0)::BIGINT",
    "failed": f"coalesce(sum(calls) FILTER ({FAILED}), 0)::BIGINT",
    "cancelled": "coalesce(sum(calls) FILTER (status = 'cancelled'), 0)::BIGINT",
    "refused": "coalesce(sum(calls) FILTER (status = 'refused'), 0)::BIGINT",
    "cached": "coalesce(sum(calls) FILTER (cache_state IN ('exact', 'semantic')), 0)::BIGINT",
    "fallbacks": "coalesce(sum(calls) FILTER (fallback), 0)::BIGINT",
    "retries": "coalesce(sum(calls) FILTER (retried), 0)::BIGINT",
    "cache_read_tokens": "coalesce(sum(cache_read_tokens), 0)::BIGINT",
    "reasoning_tokens": "coalesce(sum(reasoning_tokens), 0)::BIGINT",
    "uncounted": f"coalesce(sum(usage_unknown) FILTER (status = 'ok' AND {SENT}), 0)::BIGINT",
    "wasted": f"CASE WHEN {_BROKEN} IS NULL THEN sum(again_cost) ELSE {_BROKEN} + coalesce(sum(again_cost), 0) END",
    "fallback_cost": "sum(cost_total) FILTER (fallback)",
}


@dataclass(frozen=True, slots=True)
class Source:
    """`table` stands in FROM; its rows have `started_at` (an hour's start in a rollup) and `columns`."""

    table: str
    measures: dict[str, str]
    rollup: str = ""
    columns: frozenset[str] = field(default_factory=frozenset)
    sums: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()

    def folded(self, condition: str) -> str:
        """The rows that meet `condition`, for FROM; a rollup is first added up to the few columns that measures ask,
        because that is several times quicker than evaluating each measure's filter on every row."""
        if not self.splits:
            return f"{self.table} WHERE {condition}"
        sums = ", ".join(f"sum({name}) AS {name}" for name in self.sums)
        return f"(SELECT {', '.join(self.splits)}, {sums} FROM {self.table} WHERE {condition} GROUP BY ALL)"


_SUMS = (
    "calls", "turns", "unpriced", "input_tokens", "output_tokens", "cost_total", "saved", "cache_read_tokens",
    "reasoning_tokens", "usage_unknown", "again_cost",
)  # fmt: skip


def _next_hour(moment: datetime | None) -> datetime | None:
    """The first start of an hour from this moment on."""
    return None if moment is None else hour(moment + HOUR - TICK)


def hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


_KEPT = {rollup.name: rollup for rollup in rollups.ROLLUPS}


def view(name: str, since: datetime | None = None, until: datetime | None = None, *, large: bool = False) -> str:
    """A rollup of this period for FROM, so that a clause about calls can be said of it.

    `large`: millions of rows, where comparing each with the newest finished run would take a fifth of the time.
    """
    reaching = f"({_KEPT[name].reaching(f'{REACHED}.run', f'{REACHED}.seq')})" if large else name
    whole = f"SELECT * RENAME (hour AS started_at) FROM {reaching}"
    first, last = _next_hour(since), None if until is None else hour(until)
    if (first, last) == (since, until):
        return f"({whole})"
    inside = [f"hour {sign} TIMESTAMP '{end.isoformat(sep=' ')}'" for sign, end in ((">=", first), ("<", last)) if end]
    cut = [
        f"SELECT * RENAME (hour AS started_at) FROM ({_part(name, low, high)})"
        for low, high in ((since, first), (last, until))
        if low is not None and high is not None and low < high
    ]
    return f"({' UNION ALL BY NAME '.join([' WHERE '.join((whole, ' AND '.join(inside))), *cut])})"


def _part(name: str, low: datetime, high: datetime) -> str:
    """The rollup of a part of one hour, which counts as starting at `low`: there a clause finds it."""
    rollup = _KEPT[name]
    start, end = (f"TIMESTAMP '{moment.isoformat(sep=' ')}'" for moment in (low, high))
    dimensions = {**rollup.dimensions, "hour": f"greatest({HOUR_OF_CALL}, {start})"}
    return replace(rollup, dimensions=dimensions).select(f"started_at >= {start} AND started_at < {end}")


def _rollup(name: str, measures: dict[str, str], columns: tuple[str, ...], splits: tuple[str, ...] = ()) -> Source:
    return Source(view(name), measures, name, frozenset(("started_at", *columns)), _SUMS if splits else (), splits)


CALLS = Source("calls", MEASURES | SELDOM | PRICED | ESTIMATES)
_AMOUNTS = ("saved", "wasted", "fallback_cost", "cost_input", "cost_cache_read", "counted_cost")
_ALL = {
    name: f"sum({name})" if name in _AMOUNTS else f"coalesce(sum({name}), 0)::BIGINT" for name in CALLS.measures
} | {"cost": _FEW["cost"]}
_SPLITS = ("status", "cache_state", "fallback", "retried")
_MODELS = ("origin", "provider", "requested_model", "served_model", "status", "error_kind", "cache_state")
ROLLUPS = (
    _rollup("traffic_hourly", _ALL, ("origin", "provider", "served_model")),
    _rollup(
        "models_hourly",
        _MANY | {name: f"coalesce(sum({name}), 0)::BIGINT" for name in SELDOM},
        _MODELS,
        _SPLITS,
    ),
    _rollup("users_hourly", _FEW, ("origin", "user_id", "team_id")),
    _rollup(
        "calls_hourly",
        _MANY,
        (*_MODELS, "door", "team_id"),
        _SPLITS,
    ),
    _rollup(
        "assistants_hourly",
        _FEW,
        ("origin", "assistant_id", "assistant_version", "prompt_id", "prompt_version", "served_model"),
    ),
    _rollup("tags_hourly", _FEW, ("origin", "tag", "served_model")),
)


def source(
    columns: Iterable[str], measures: Sequence[str], since: datetime | None, until: datetime | None, time_zone: str
) -> Source:
    """The first rollup that has every column and measure, when it can tell the period's hours apart."""
    wanted = frozenset(columns)
    if hourly(since, until, time_zone):
        for rollup in ROLLUPS:
            if wanted <= rollup.columns and set(measures) <= set(rollup.measures):
                return replace(rollup, table=view(rollup.rollup, since, until))
    return CALLS


def hourly(since: datetime | None, until: datetime | None, time_zone: str) -> bool:
    """Whether the period holds a whole hour, and the zone's buckets begin with one."""
    first = _next_hour(since)
    if first is not None and until is not None and first >= until:
        return False
    if since is None or until is None:
        return time_zone == "UTC"
    return all(not shift % HOUR for _, shift in offsets(time_zone, since, until))
