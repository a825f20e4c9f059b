"""Percentiles of very long periods, from the hourly histograms: counts per bucket are merged, never percentiles.

A bucket is 2% wide, so a percentile read from it is within 1% of the exact one.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.analytics.clause import clause
from core.analytics.filters import Filters
from core.analytics.metrics import RATIO, rolled_bin
from core.analytics.reader import Reader
from core.analytics.sources import hourly, view

COLUMNS = frozenset(("started_at", "origin", "provider", "requested_model", "served_model"))
STORED = ("ttft", "total", "speed", "context")
"""`context` is the share of the context window that the input filled."""
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
LARGE = 1_000_000
"""Calls from which on a period's percentiles are read from histograms; below, the rows themselves are quick enough."""
ZERO = -100_000


class Histograms:
    def __init__(self, reader: Reader, large: int = LARGE) -> None:
        self.reader = reader
        self.large = large

    def serve(
        self,
        filters: Filters,
        metric: str,
        columns: tuple[str, ...] = (),
        *,
        by_time: bool = False,
        calls: int | None = None,
    ) -> bool:
        """Whether they can answer, `by_time` in the filters' time zone, and the period is so large that they should.

        `calls`: how many the filters pick, from whoever knows it already.
        """
        wanted = clause(filters).columns.union(columns)
        if metric not in STORED or not wanted <= COLUMNS:
            return False
        if not hourly(filters.since, filters.until, filters.time_zone if by_time else "UTC"):
            return False
        if calls is not None:
            return calls >= self.large
        known = self.reader.source(filters, ("calls",))
        picked = clause(filters)
        ((calls,),) = self.reader.log.rows(
            f"SELECT {known.measures['calls']} FROM {known.table} WHERE {picked.sql}", picked.parameters
        )
        return bool(calls >= self.large)

    def percentiles(self, filters: Filters, metric: str, keys: Mapping[str, str]) -> pd.DataFrame:
        """`keys` (name -> SQL), `n, p50, p90, p95, p99`."""
        return self.percentiles_of(filters, (metric,), keys)[metric]

    def percentiles_of(
        self, filters: Filters, metrics: Sequence[str], keys: Mapping[str, str], shares: Sequence[str] = tuple(SHARES)
    ) -> dict[str, pd.DataFrame]:
        """The same for each metric, in one question: planning it once is quicker than once for each.

        `shares`: which of SHARES to answer.
        """
        picked = clause(filters)
        columns = "".join(f'{sql} AS "{name}", ' for name, sql in keys.items())
        merged = " UNION ALL ".join(
            f"""(SELECT '{metric}' AS metric, {columns}bucket, sum(calls)::BIGINT AS n
                FROM {_stored(filters, metric)} WHERE {picked.sql} GROUP BY ALL)"""
            for metric in metrics
        )
        group = ", ".join(("metric", *(f'"{name}"' for name in keys)))
        places = ", ".join(_place(name, SHARES[name]) for name in shares)
        values = ", ".join(f"{_value(name, SHARES[name])} AS {name}" for name in shares)
        frame = self.reader.log.frame(
            f"""WITH merged AS ({merged}), counted AS (
                SELECT *, sum(n) OVER (PARTITION BY {group} ORDER BY bucket) AS upto,
                    sum(n) OVER (PARTITION BY {group}) AS total
                FROM merged
            ), placed AS (
                SELECT {group}, any_value(total)::BIGINT AS n, {places} FROM counted GROUP BY {group}
            )
            SELECT {group}, n, {values} FROM placed ORDER BY {group}""",
            list(picked.parameters) * len(metrics),
        )
        found = {}
        for metric in metrics:
            part = frame[frame["metric"] == metric].drop(columns="metric").reset_index(drop=True)
            found[metric] = part if keys or len(part) else part.reindex([0]).fillna({"n": 0})
        return found

    def distribution(self, filters: Filters, metric: str, key: str) -> pd.DataFrame:
        """`key, bin, low, high, n` with bins a tenth of a decade wide."""
        picked = clause(filters)
        return self.reader.log.frame(
            f"""WITH merged AS (SELECT {key} AS key, bucket, sum(calls) AS calls
                FROM {_stored(filters, metric)} WHERE bucket > {ZERO} AND {picked.sql} GROUP BY ALL)
            SELECT key, {rolled_bin("bucket")} AS bin,
                10 ** (bin / 10.0) AS low, 10 ** ((bin + 1) / 10.0) AS high, sum(calls)::BIGINT AS n
            FROM merged GROUP BY 1, 2 ORDER BY 1, 2""",
            picked.parameters,
        )


def _stored(filters: Filters, metric: str) -> str:
    return view(f"{metric}_hourly", filters.since, filters.until, large=True)


def _place(name: str, share: float) -> str:
    """The buckets of the two calls nearest to that share."""
    return ", ".join(
        f"min(bucket) FILTER (upto > {nearest}({share} * (total - 1))) AS {side}_{name}"
        for side, nearest in (("low", "floor"), ("high", "ceil"))
    )


def _value(name: str, share: float) -> str:
    """Between those two, as percentile_cont: few calls may lie far apart."""
    low, high = (
        f"(CASE WHEN {side}_{name} = {ZERO} THEN 0.0 ELSE {RATIO} ** {side}_{name} END)" for side in ("low", "high")
    )
    return f"{low} + ({high} - {low}) * ({share} * (n - 1) - floor({share} * (n - 1)))"
