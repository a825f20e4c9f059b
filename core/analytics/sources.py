"""Where an additive figure is read from: an hourly rollup when it can answer exactly, else the calls themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.analytics.measures import FAILED, MEASURES, SELDOM, SENT
from core.analytics.zones import offsets

HOUR = timedelta(hours=1)
_FEW = {
    "calls": "coalesce(sum(calls), 0)::BIGINT",
    "turns": "coalesce(sum(turns), 0)::BIGINT",
    "unpriced": "coalesce(sum(unpriced), 0)::BIGINT",
    "input_tokens": "coalesce(sum(input_tokens), 0)::BIGINT",
    "output_tokens": "coalesce(sum(output_tokens), 0)::BIGINT",
    "cost": "sum(cost_total)",
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


def _rollup(name: str, measures: dict[str, str], columns: tuple[str, ...], splits: tuple[str, ...] = ()) -> Source:
    table = f"(SELECT * RENAME (hour AS started_at) FROM {name})"
    return Source(table, measures, frozenset(("started_at", *columns)), _SUMS if splits else (), splits)


CALLS = Source("calls", MEASURES | SELDOM)
_SPLITS = ("status", "cache_state", "fallback", "retried")
_MODELS = ("origin", "provider", "requested_model", "served_model", "status", "error_kind", "cache_state")
ROLLUPS = (
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
    """The first rollup that has every column and measure, when both ends and the zone's offsets are whole hours."""
    wanted = frozenset(columns)
    if whole_hours(since, until, time_zone):
        for rollup in ROLLUPS:
            if wanted <= rollup.columns and set(measures) <= set(rollup.measures):
                return rollup
    return CALLS


def whole_hours(since: datetime | None, until: datetime | None, time_zone: str) -> bool:
    if any(moment is not None and moment != hour(moment) for moment in (since, until)):
        return False
    if since is None or until is None:
        return time_zone == "UTC"
    return all(not shift % HOUR for _, shift in offsets(time_zone, since, until))


def hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
