"""Percentiles, distributions and hours of the week are those of the rows; merged histograms are within one per cent."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from core.analytics.filters import Filters
from core.analytics.latency import Latency
from core.analytics.metrics import METRICS
from core.ledger.facts import Call
from tests.core.analytics.conftest import Made
from tests.core.analytics.recomputed import cached, kept, wall

MEASURED: dict[str, Callable[[Call], float | None]] = {
    "ttft": lambda call: call.ttft_s,
    "total": lambda call: call.total_s,
    "gap": lambda call: call.gap_p50_s,
    "speed": lambda call: (
        call.output_tokens / (call.total_s - call.ttft_s)
        if (call.output_tokens or 0) > 1 and call.total_s and call.ttft_s and call.total_s - call.ttft_s > 0.001
        else None
    ),
}


@pytest.mark.parametrize("of", MEASURED)
def test_percentiles_are_those_of_the_rows(made: Made, of: str) -> None:
    filters = Filters(since=datetime(2026, 3, 1, 12, 30), until=datetime(2026, 4, 10), time_zone="Asia/Kathmandu")
    by_model: dict[str, list[float]] = defaultdict(list)
    by_day: dict[datetime, list[float]] = defaultdict(list)
    for call in made.calls:
        if kept(call, filters) and call.status == "ok" and not cached(call):
            value = MEASURED[of](call)
            if value is not None:
                by_model[call.served_model].append(value)
                by_day[wall(call.started_at, "Asia/Kathmandu", "day")].append(value)
    frame = made.analytics.latency.percentiles(filters, of=of)
    assert dict(zip(frame["key"], frame["n"], strict=True)) == {key: len(values) for key, values in by_model.items()}
    for row in frame.to_dict("records"):
        expected = np.quantile(by_model[row["key"]], [0.5, 0.9, 0.95, 0.99])
        assert [row[name] for name in ("p50", "p90", "p95", "p99")] == pytest.approx(list(expected), rel=1e-9)
    for row in made.analytics.latency.over_time(filters, of=of).to_dict("records"):
        assert row["p95"] == pytest.approx(np.quantile(by_day[row["at"].to_pydatetime()], 0.95), rel=1e-9)
    everything = [value for values in by_model.values() for value in values]
    overall = made.analytics.latency.overall(filters)
    if of in overall:
        assert overall[of]["n"] == len(everything)
        assert overall[of]["p99"] == pytest.approx(np.quantile(everything, 0.99), rel=1e-9)
    cover = made.analytics.latency.coverage(filters, of)
    assert cover.timed == len(everything)
    assert cover.timed + cover.unmeasured + cover.cached + cover.unfinished == made.analytics.calls.count(filters)
    histogram = made.analytics.latency.histogram(filters, of=of)
    assert histogram["n"].sum() == sum(value > 0 for value in everything)


@pytest.mark.parametrize("of", ["ttft", "total", "speed"])
def test_merged_histograms_are_within_one_percent(made: Made, of: str) -> None:
    exact, merged = made.analytics.latency, Latency(made.analytics.reader)
    merged.histograms.large = 0
    filters = Filters(since=datetime(2026, 3, 1), until=datetime(2026, 4, 10), time_zone="Europe/Berlin")
    assert merged.coverage(filters, of) == replace(exact.coverage(filters, of), exact=False)
    for ask in (
        lambda asked: asked.percentiles(filters, of=of),
        lambda asked: asked.over_time(filters, of=of, grain="month", by="model"),
        lambda asked: asked.histogram(filters, of=of),
    ):
        left, right = ask(exact), ask(merged)
        if "bin" in left:
            assert left.groupby("key")["n"].sum().equals(right.groupby("key")["n"].sum())
        else:
            assert list(left["key"]) == list(right["key"])
            assert list(left["n"]) == list(right["n"])
            for share in ("p50", "p90", "p95"):
                assert right[share].to_numpy() == pytest.approx(left[share].to_numpy(), rel=0.01)
    assert merged.overall(filters)[of]["p95"] == pytest.approx(exact.overall(filters)[of]["p95"], rel=0.01)


def test_hours_of_the_week(made: Made) -> None:
    zone = "America/New_York"
    expected: Counter[tuple[int, int]] = Counter()
    for call in made.calls:
        if call.origin == "live":
            local = wall(call.started_at, zone, "hour")
            expected[local.isoweekday(), local.hour] += 1
    rows = made.analytics.latency.week(Filters(time_zone=zone)).to_dict("records")
    assert {(row["weekday"], row["hour"]): row["calls"] for row in rows} == expected


def test_metrics_are_all_known() -> None:
    assert set(MEASURED) <= set(METRICS)
