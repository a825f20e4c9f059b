"""How fast: exact percentiles of good answers, over time, by model, as distribution and by hour of the week.

Cache hits, refused, failed and stopped calls are no measure of a model's speed and never enter; they are counted apart.
"""

import math
from dataclasses import dataclass

import pandas as pd

from core.analytics.clause import CACHED, clause
from core.analytics.dimensions import dimension
from core.analytics.filters import Filters
from core.analytics.reader import Reader
from core.analytics.zones import Grain
from core.errors import InvalidError

TIMED = f"(status = 'ok' AND NOT {CACHED})"
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Metric:
    """`unit` is s or tokens/s; for tokens/s more is better."""

    name: str
    label: str
    unit: str
    sql: str


METRICS = {
    metric.name: metric
    for metric in (
        Metric("ttft", "First token", "s", "ttft_s"),
        Metric("total", "Whole answer", "s", "total_s"),
        Metric(
            "speed", "Output speed", "tokens/s",
            "CASE WHEN output_tokens > 1 AND total_s - ttft_s > 0.001 THEN output_tokens / (total_s - ttft_s) END",
        ),
        Metric("gap", "Between tokens, median", "s", "gap_p50_s"),
        Metric("gap95", "Between tokens, p95", "s", "gap_p95_s"),
        Metric("overhead", "Our own overhead", "s", "overhead_s"),
        Metric("queue", "Waiting for a place", "s", "queue_s"),
        Metric("connect", "To response headers", "s", "connect_s"),
    )
}  # fmt: skip


def metric(name: str) -> Metric:
    try:
        return METRICS[name]
    except KeyError:
        raise InvalidError(f"“{name[:60]}” is nothing that is timed.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many calls the percentiles stand on, and how many they leave out and why."""

    timed: int
    unmeasured: int
    cached: int
    unfinished: int


class Latency:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def coverage(self, filters: Filters, of: str = "ttft") -> Coverage:
        sql, picked = metric(of).sql, clause(filters)
        ((timed, unmeasured, cached, unfinished),) = self.reader.log.rows(
            f"""SELECT count(*) FILTER ({TIMED} AND ({sql}) IS NOT NULL), count(*) FILTER ({TIMED} AND ({sql}) IS NULL),
            count(*) FILTER ({CACHED}), count(*) FILTER (NOT {TIMED} AND NOT {CACHED})
            FROM calls WHERE {picked.sql}""",
            picked.parameters,
        )
        return Coverage(timed=timed, unmeasured=unmeasured, cached=cached, unfinished=unfinished)

    def overall(self, filters: Filters) -> dict[str, dict[str, float]]:
        """Per metric `n` and the percentiles over all good answers; NaN where nothing was measured."""
        picked = clause(filters)
        names = [f"{metric.name}_{share}" for metric in METRICS.values() for share in ("n", *SHARES)]
        columns = ", ".join(
            f"count({metric.name}), " + ", ".join(f"quantile_cont({metric.name}, {share})" for share in SHARES.values())
            for metric in METRICS.values()
        )
        inner = ", ".join(f"{metric.sql} AS {metric.name}" for metric in METRICS.values())
        (row,) = self.reader.log.rows(
            f"SELECT {columns} FROM (SELECT {inner} FROM calls WHERE {picked.sql} AND {TIMED})", picked.parameters
        )
        values = dict(zip(names, row, strict=True))
        return {
            metric: {
                share: math.nan if (value := values[f"{metric}_{share}"]) is None else value for share in ("n", *SHARES)
            }
            for metric in METRICS
        }

    def percentiles(self, filters: Filters, *, of: str = "ttft", by: str = "model") -> pd.DataFrame:
        """`key, n, unmeasured, mean, p50, p90, p95, p99`, busiest first. Exact, from the rows."""
        sql, group, picked = metric(of).sql, dimension(by), clause(filters)
        return self.reader.log.frame(
            f"""SELECT key, count(x) AS n, count(*) - count(x) AS unmeasured, avg(x) AS mean, {_quantiles()}
            FROM (SELECT {group.sql} AS key, {sql} AS x FROM calls{group.join} WHERE {picked.sql} AND {TIMED})
            GROUP BY key ORDER BY n DESC, key LIMIT 1000""",
            picked.parameters,
        )

    def over_time(
        self, filters: Filters, *, of: str = "ttft", grain: Grain = "day", by: str | None = None
    ) -> pd.DataFrame:
        """`at, key, n, p50, p90, p95, p99` per bucket; a bucket without a measured call has no row."""
        filters, at = self.reader.bucketed(filters, grain)
        group = dimension(by) if by else None
        sql, picked = metric(of).sql, clause(filters)
        return self.reader.log.frame(
            f"""SELECT "at", key, count(x) AS n, {_quantiles()}
            FROM (SELECT {at} AS "at", {group.sql if group else "'all'"} AS key, {sql} AS x
                  FROM calls{group.join if group else ""} WHERE {picked.sql} AND {TIMED})
            WHERE x IS NOT NULL GROUP BY ALL ORDER BY "at", key""",
            picked.parameters,
        )

    def histogram(self, filters: Filters, *, of: str = "ttft", by: str = "model") -> pd.DataFrame:
        """`key, bin, low, high, n`: bins a tenth of a decade wide, so that fast and slow models fit one chart."""
        sql, group, picked = metric(of).sql, dimension(by), clause(filters)
        return self.reader.log.frame(
            f"""SELECT key, bin, 10 ** (bin / 10.0) AS low, 10 ** ((bin + 1) / 10.0) AS high, count(*) AS n
            FROM (SELECT {group.sql} AS key, floor(log10({sql}) * 10)::INTEGER AS bin
                  FROM calls{group.join} WHERE {picked.sql} AND {TIMED} AND ({sql}) > 0)
            GROUP BY key, bin ORDER BY key, bin""",
            picked.parameters,
        )

    def week(self, filters: Filters, *, of: str = "ttft") -> pd.DataFrame:
        """`weekday` (1 Monday to 7), `hour` (0 to 23), `n, calls, failed, p50, p95` by the zone's wall clock."""
        filters, wall = self.reader.bucketed(filters)
        sql, picked = metric(of).sql, clause(filters)
        return self.reader.log.frame(
            f"""SELECT isodow(wall)::INTEGER AS weekday, hour(wall)::INTEGER AS hour, count(x) AS n, count(*) AS calls,
                count(*) FILTER (failed) AS failed, quantile_cont(x, 0.5) AS p50, quantile_cont(x, 0.95) AS p95
            FROM (SELECT {wall} AS wall, status IN ('error', 'interrupted') AS failed,
                         CASE WHEN {TIMED} THEN {sql} END AS x FROM calls WHERE {picked.sql})
            GROUP BY 1, 2 ORDER BY 1, 2""",
            picked.parameters,
        )


def _quantiles() -> str:
    return ", ".join(f"quantile_cont(x, {share}) AS {name}" for name, share in SHARES.items())
