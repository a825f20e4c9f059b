"""Percentiles of very long periods, from the hourly histograms: counts per bucket are merged, never percentiles.

A bucket is 2% wide, so a percentile read from it is within 1% of the exact one.
"""

from collections.abc import Mapping

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

    def serve(self, filters: Filters, metric: str, columns: tuple[str, ...] = (), *, by_time: bool = False) -> bool:
        """Whether they can answer, `by_time` in the filters' time zone, and the period is so large that they should."""
        wanted = clause(filters).columns.union(columns)
        if metric not in STORED or not wanted <= COLUMNS:
            return False
        if not hourly(filters.since, filters.until, filters.time_zone if by_time else "UTC"):
            return False
        known = self.reader.source(filters, ("calls",))
        picked = clause(filters)
        ((calls,),) = self.reader.log.rows(
            f"SELECT {known.measures['calls']} FROM {known.table} WHERE {picked.sql}", picked.parameters
        )
        return bool(calls >= self.large)

    def percentiles(self, filters: Filters, metric: str, keys: Mapping[str, str]) -> pd.DataFrame:
        """`keys` (name -> SQL), `n, p50, p90, p95, p99`."""
        picked = clause(filters)
        names = ", ".join(f'"{name}"' for name in keys)
        columns = "".join(f'{sql} AS "{name}", ' for name, sql in keys.items())
        partition = f"PARTITION BY {names} " if names else ""
        shares = ", ".join(f"{_quantile(share)} AS {name}" for name, share in SHARES.items())
        return self.reader.log.frame(
            f"""WITH merged AS (
                SELECT {columns}bucket, sum(calls)::BIGINT AS n FROM {_stored(filters, metric)}
                WHERE {picked.sql} GROUP BY ALL
            ), counted AS (
                SELECT *, sum(n) OVER ({partition}ORDER BY bucket) AS upto, sum(n) OVER ({partition}) AS total
                FROM merged
            )
            SELECT {names}{", " if names else ""}any_value(total)::BIGINT AS n, {shares} FROM counted
            {f"GROUP BY {names} ORDER BY {names}" if names else ""}""",
            picked.parameters,
        )

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
    return view(f"{metric}_hourly", filters.since, filters.until)


def _quantile(share: float) -> str:
    """Between the two calls nearest to that share, as percentile_cont: few calls may lie far apart."""
    place = f"{share} * (total - 1)"
    low, high = (_value(f"min(bucket) FILTER (upto > {nearest}({place}))") for nearest in ("floor", "ceil"))
    return f"{low} + ({high} - {low}) * any_value({place} - floor({place}))"


def _value(bucket: str) -> str:
    return f"(CASE WHEN {bucket} = {ZERO} THEN 0.0 ELSE {RATIO} ** ({bucket}) END)"
