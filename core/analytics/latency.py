"""How fast: percentiles of good answers, over time, by model, as distribution and by hour of the week.

Cache hits, refused, failed and stopped calls are no measure of a model's speed and never enter; they are counted apart.
Percentiles come from the rows themselves, or for very long periods from merged histograms; they are never averaged.
"""

import math
from dataclasses import dataclass

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import Dimension, dimension
from core.analytics.filters import Filters
from core.analytics.histograms import SHARES, Histograms
from core.analytics.metrics import CACHED, METRICS, TIMED, bin_sql, metric
from core.analytics.reader import Reader
from core.analytics.zones import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many calls the percentiles stand on, and how many they leave out and why.

    `exact` is False when they come from merged histograms, within 1%.
    """

    timed: int
    unmeasured: int
    cached: int
    unfinished: int
    exact: bool = True


class Latency:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.histograms = Histograms(reader)

    def coverage(self, filters: Filters, of: str = "ttft") -> Coverage:
        filters = self.reader.bounded(filters)
        if self.histograms.serve(filters, of):
            totals = self.reader.grouped(filters, {}, ("calls", "ok", "cached")).iloc[0]
            merged = self.histograms.percentiles(filters, of, {}).iloc[0]
            calls, good, cached, timed = int(totals.calls), int(totals.ok), int(totals.cached), int(merged.n)
            return Coverage(
                timed=timed, unmeasured=good - timed, cached=cached, unfinished=calls - good - cached, exact=False
            )
        sql, picked = metric(of).sql, clause(filters)
        ((timed, unmeasured, cached, unfinished),) = self.reader.log.rows(
            f"""SELECT count(*) FILTER ({TIMED} AND ({sql}) IS NOT NULL), count(*) FILTER ({TIMED} AND ({sql}) IS NULL),
            count(*) FILTER ({CACHED}), count(*) FILTER (NOT {TIMED} AND NOT {CACHED})
            FROM calls WHERE {picked.sql}""",
            picked.parameters,
        )
        return Coverage(timed=timed, unmeasured=unmeasured, cached=cached, unfinished=unfinished)

    def overall(self, filters: Filters) -> dict[str, dict[str, float]]:
        """For first token, whole answer and speed `n` and the percentiles of all good answers; NaN: none measured."""
        names = ("ttft", "total", "speed")
        filters = self.reader.bounded(filters)
        if self.histograms.serve(filters, "ttft"):
            merged = self.histograms.percentiles_of(filters, names, {})
            return {
                name: {share: float(frame[share].iloc[0]) for share in ("n", *SHARES)} for name, frame in merged.items()
            }
        picked = clause(filters)
        shares = list(SHARES.values())
        columns = ", ".join(f"count({name}), quantile_cont({name}, {shares})" for name in names)
        inner = ", ".join(f"{METRICS[name].sql} AS {name}" for name in names)
        (row,) = self.reader.log.rows(
            f"SELECT {columns} FROM (SELECT {inner} FROM calls WHERE {picked.sql} AND {TIMED})", picked.parameters
        )
        found = {}
        for place, name in enumerate(names):
            count, values = row[2 * place], row[2 * place + 1] or [math.nan] * len(shares)
            found[name] = {"n": float(count), **dict(zip(SHARES, values, strict=True))}
        return found

    def percentiles(self, filters: Filters, *, of: str = "ttft", by: str = "model") -> pd.DataFrame:
        """`key, n, p50, p90, p95, p99`, busiest first."""
        group, filters = dimension(by), self.reader.bounded(filters)
        if self.histograms.serve(filters, of, group.columns):
            frame = self.histograms.percentiles(filters, of, {"key": group.sql})
            return frame.sort_values("n", ascending=False, ignore_index=True)
        return self.ranked(filters, of, group)

    def ranked(self, filters: Filters, of: str, group: Dimension) -> pd.DataFrame:
        """As `percentiles`, from the rows however many there are."""
        sql, picked = metric(of).sql, clause(filters)
        return self.reader.log.frame(
            f"""SELECT key, count(x) AS n, {_quantiles()}
            FROM (SELECT {group.sql} AS key, {sql} AS x FROM {group.table} WHERE {picked.sql} AND {TIMED})
            GROUP BY key ORDER BY n DESC, key LIMIT 1000""",
            picked.parameters,
        )

    def over_time(
        self, filters: Filters, *, of: str = "ttft", grain: Grain = "day", by: str | None = None
    ) -> pd.DataFrame:
        """`at, key, n, p50, p90, p95, p99` per bucket; a bucket without a measured call has no row."""
        filters, at = self.reader.bucketed(filters, grain)
        group = dimension(by) if by else None
        key = group.sql if group else "'all'"
        if self.histograms.serve(filters, of, group.columns if group else (), by_time=True):
            return self.histograms.percentiles(filters, of, {"at": at, "key": key})
        sql, picked = metric(of).sql, clause(filters)
        return self.reader.log.frame(
            f"""SELECT "at", key, count(x) AS n, {_quantiles()}
            FROM (SELECT {at} AS "at", {key} AS key, {sql} AS x
                  FROM {group.table if group else "calls"} WHERE {picked.sql} AND {TIMED})
            WHERE x IS NOT NULL GROUP BY ALL ORDER BY "at", key""",
            picked.parameters,
        )

    def histogram(self, filters: Filters, *, of: str = "ttft", by: str = "model") -> pd.DataFrame:
        """`key, bin, low, high, n`: bins a tenth of a decade wide, so that fast and slow models fit one chart."""
        group, filters = dimension(by), self.reader.bounded(filters)
        if self.histograms.serve(filters, of, group.columns):
            return self.histograms.distribution(filters, of, group.sql)
        sql, picked = metric(of).sql, clause(filters)
        return self.reader.log.frame(
            f"""SELECT key, bin, 10 ** (bin / 10.0) AS low, 10 ** ((bin + 1) / 10.0) AS high, count(*) AS n
            FROM (SELECT {group.sql} AS key, {bin_sql(sql)} AS bin
                  FROM {group.table} WHERE {picked.sql} AND {TIMED} AND ({sql}) > 0)
            GROUP BY key, bin ORDER BY key, bin""",
            picked.parameters,
        )

    def week(self, filters: Filters, *, of: str = "ttft") -> pd.DataFrame:
        """`weekday` (1 Monday to 7), `hour` (0 to 23), `calls, p50, p95` by the zone's wall clock."""
        filters, wall = self.reader.bucketed(filters)
        hours = self.reader.grouped(filters, {"wall": f"date_trunc('hour', {wall})::TIMESTAMP"}, ("calls",))
        hours["weekday"], hours["hour"] = hours["wall"].dt.day_of_week + 1, hours["wall"].dt.hour
        counts = hours.groupby(["weekday", "hour"], as_index=False)["calls"].sum()
        if self.histograms.serve(filters, of, by_time=True):
            slot = {"slot": f"(epoch({wall})::BIGINT // 3600 + 72) % 168"}  # 1970 began on a Thursday
            times = self.histograms.percentiles(filters, of, slot)
            times = times.assign(weekday=times["slot"] // 24 + 1, hour=times["slot"] % 24)
            times = times[["weekday", "hour", "p50", "p95"]]
            return counts.merge(times, on=["weekday", "hour"], how="left").sort_values(["weekday", "hour"])
        sql, picked = metric(of).sql, clause(filters)
        times = self.reader.log.frame(
            f"""SELECT isodow(wall)::INTEGER AS weekday, hour(wall)::INTEGER AS hour,
                quantile_cont(x, 0.5) AS p50, quantile_cont(x, 0.95) AS p95
            FROM (SELECT {wall} AS wall, {sql} AS x FROM calls WHERE {picked.sql} AND {TIMED}) GROUP BY 1, 2""",
            picked.parameters,
        )
        return counts.merge(times, on=["weekday", "hour"], how="left").sort_values(["weekday", "hour"])


def _quantiles() -> str:
    shares = list(SHARES.values())
    return f"quantile_cont(x, {shares}) AS q, " + ", ".join(
        f"q[{place + 1}] AS {name}" for place, name in enumerate(SHARES)
    )
