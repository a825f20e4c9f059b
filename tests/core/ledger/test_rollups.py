"""Rollups against the rows they were made from: additive figures equal, percentiles within 1%."""

import math
import threading
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.ledger.database import Database
from core.ledger.facts import CallEnded, Feedback
from core.ledger.ledger import Ledger
from core.ledger.rebuilding import ROUNDED, rebuild
from core.ledger.rollups import METRICS, RATIO, ROLLUPS, ZERO_BUCKET, roll
from tests.core.ledger.conftest import make_call

EDGES = [
    datetime(2025, 12, 31, 23, 59, 59, 999999), datetime(2026, 1, 1), datetime(2026, 2, 28, 23, 30),
    datetime(2026, 3, 1), datetime(2026, 3, 29, 1, 0), datetime(2026, 3, 29, 0, 59, 59, 999999),
]  # fmt: skip
seconds = st.none() | st.just(0.0) | st.floats(0.001, 600.0)
calls = st.builds(
    lambda edge, shift, **rest: make_call(started_at=edge + timedelta(minutes=shift), **rest),
    st.sampled_from(EDGES),
    st.integers(-180, 180),
    status=st.sampled_from(["ok", "error", "cancelled"]),
    served_model=st.sampled_from(["demo/a", "demo/b"]),
    user_id=st.sampled_from([None, "u1", "u2"]),
    tags=st.sampled_from([(), ("x",), ("x", "y")]),
    turn_id=st.sampled_from("abcdefgh"),
    context_window=st.none() | st.just(128_000),
    attempt=st.integers(1, 3),
    hop=st.integers(0, 1),
    cache_state=st.sampled_from(["off", "exact"]),
    input_tokens=st.none() | st.integers(0, 10**6),
    output_tokens=st.none() | st.integers(0, 10**5),
    cost_total=st.none() | st.decimals(0, 100, places=9),
    ttft_s=seconds,
    total_s=seconds,
    match_id=st.sampled_from([None, "m1", "m2"]),
    conversation_id=st.sampled_from([None, "c1", "c2"]),
)
thumbs = st.builds(
    Feedback,
    feedback_id=st.uuids().map(str),
    turn_id=st.sampled_from("abcdefghi"),
    at=st.sampled_from(EDGES),
    user_id=st.sampled_from(["u1", "u2"]),
    value=st.sampled_from([1, -1, 0]),
)
facts = calls.map(CallEnded) | thumbs
COMPACT = [rollup for rollup in ROLLUPS if rollup.name in (
    "traffic_hourly", "facets_hourly", "matches_hourly", "conversations_hourly", "thumbs_hourly",
)]  # fmt: skip
EXACT = ("calls", "turns", "errors", "unpriced", "input_tokens", "output_tokens", "cost_total", "saved")
SUMS = ", ".join(ROLLUPS[0].measures[name] for name in EXACT)
ROLLED_SUMS = ", ".join(f"sum({name})" for name in EXACT)
HOUR = "date_trunc('hour', started_at)"
KEYS = {
    "calls_hourly": ("served_model", "status", "cache_state", "hop > 0"),
    "models_hourly": ("served_model", "status", "cache_state", "hop > 0"),
    "users_hourly": ("user_id",),
    "assistants_hourly": ("assistant_id", "served_model"),
}


def check(ledger: Ledger) -> None:
    for name, keys in KEYS.items():
        stored = ["fallback" if key == "hop > 0" else key for key in keys]
        numbers = ", ".join(str(number + 1) for number in range(len(keys) + 1))
        raw = f"select {HOUR} as hour, {', '.join(keys)}, {SUMS} from calls group by {numbers}"
        view = f"select hour, {', '.join(stored)}, {ROLLED_SUMS} from {name} group by all"
        assert sorted(ledger.rows(raw), key=repr) == sorted(ledger.rows(view), key=repr), name
    tags = "select tag, count(*) from (select unnest(tags) as tag from calls) group by tag order by tag"
    assert ledger.rows(tags) == ledger.rows("select tag, sum(calls) from tags_hourly group by tag order by tag")
    assert turns(ledger) == ledger.rows(
        "select ended, retried, fallback, sum(turns) from turns_hourly group by all having sum(turns) <> 0 order by all"
    )
    for name, value in (("ttft", "ttft_s"), ("total", "total_s"), ("context", "input_tokens / context_window")):
        good = "true" if name == "context" else "status = 'ok' and cache_state <> 'exact'"
        raw = f"select count({value}) filter ({value} > 0), count({value}) from calls where {good}"
        above = f"coalesce(sum(calls) filter (bucket > {ZERO_BUCKET}), 0)"
        view = f"select {above}, coalesce(sum(calls), 0) from {name}_hourly"
        assert ledger.rows(raw) == ledger.rows(view), name
    for metric, value in METRICS.items():
        check_percentiles(ledger, metric, value)


def check_percentiles(ledger: Ledger, metric: str, value: str) -> None:
    """The value at each share of the ordered calls, and the one that the histogram has there."""
    exact = sorted(found for (found,) in ledger.rows(f"select {value} from calls where {value} > 0"))
    buckets = f"from histogram_hourly where metric = ? and bucket > {ZERO_BUCKET} group by bucket order by bucket"
    rolled = [
        RATIO**bucket
        for bucket, count in ledger.rows(f"select bucket, sum(calls) {buckets}", [metric])
        for _ in range(int(count))
    ]
    assert len(rolled) == len(exact), metric
    for share in (0.5, 0.9, 0.95, 0.99):
        place = min(len(exact) - 1, int(len(exact) * share))
        assert not exact or math.isclose(rolled[place], exact[place], rel_tol=0.01), (metric, share)


def check_compact(ledger: Ledger) -> None:
    """What came piece by piece adds up to what it is made of at once; a row that came to nothing does not count."""
    for rollup in COMPACT:
        exact = [name for name in rollup.measures if name not in ROUNDED]
        figures = ", ".join(f"sum({name})" for name in exact)
        some = " or ".join(f"sum({name}) <> 0" for name in exact)
        found, expected = (
            ledger.rows(f"select {', '.join(rollup.dimensions)}, {figures} from {source} group by all having {some}")
            for source in (rollup.name, f"({rollup.select('true')})")
        )
        assert sorted(found, key=repr) == sorted(expected, key=repr), rollup.name


def turns(ledger: Ledger) -> list[tuple]:
    """Each turn that has a first call, by how the last of its calls ended; in plain Python."""
    order = ("ok", "cancelled", "refused", "error")
    found: dict[str, list[tuple]] = {}
    for turn, *call in ledger.rows("select turn_id, attempt, status, retry, hop from calls"):
        found.setdefault(turn, []).append(tuple(call))
    counts: Counter[tuple] = Counter()
    for calls_of in found.values():
        if any(attempt == 1 for attempt, *_ in calls_of):
            last = max((attempt, order.index(status)) for attempt, status, *_ in calls_of)
            ended = (*order[:3], "failed")[last[1]]
            counts[ended, any(retry for *_, retry, _ in calls_of), any(hop for *_, hop in calls_of)] += 1
    return sorted((*key, number) for key, number in counts.items())


@settings(
    max_examples=6, deadline=None, phases=(Phase.generate,), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(facts, max_size=25), min_size=1, max_size=4), live=st.lists(facts, max_size=5))
def test_sums_equal_the_rows_whatever_comes_late(tmp_path_factory, batches, live):
    ledger = Ledger.open(tmp_path_factory.mktemp("rollups"))
    for batch in batches:
        for one in batch:
            ledger.submit(one)
        ledger.settle(20)
        check(ledger)
        ledger.roll()
        check(ledger)
        check_compact(ledger)
    for one in live:
        ledger.submit(one)
    ledger.settle(20)
    check(ledger)
    check_compact(ledger)
    rebuilt = ledger.rebuild_rollups()
    assert rebuilt.equal
    check(ledger)
    ledger.close()


def test_percentiles_are_within_one_per_cent(ledger):
    ledger.load_sample(20_000)
    ledger.roll()
    for metric, value in METRICS.items():
        check_percentiles(ledger, metric, value)


def test_a_rollup_that_went_wrong_is_told_and_made_right(ledger, tmp_path: Path):
    ledger.load_sample(500)
    ledger.roll()
    with ledger._database.transaction() as cursor:
        cursor.execute("delete from users_hourly_rolled where hour = (select max(hour) from users_hourly_rolled)")
    rebuilt = ledger.rebuild_rollups()
    assert {name for name, count in rebuilt.differing.items() if count} == {"users_hourly"}
    assert ledger.rebuild_rollups().equal


def test_sums_stay_when_old_rows_leave(ledger):
    ledger.load_sample(3000, days=60)
    before = ledger.rows("select sum(calls), sum(cost_total) from calls_hourly")
    histogram = ledger.rows("select sum(calls) from histogram_hourly")
    ledger.retain("calls", days=10, origin="sample")
    assert 0 < ledger.rows("select count(*) from calls")[0][0] < 1000
    assert ledger.rows("select sum(calls), sum(cost_total) from calls_hourly") == before
    assert ledger.rows("select sum(calls) from histogram_hourly") == histogram
    assert ledger.rebuild_rollups().equal
    assert ledger.rows("select sum(calls), sum(cost_total) from calls_hourly") == before


def test_the_views_have_the_columns_the_rollups_describe(ledger):
    for rollup in ROLLUPS:
        for name, more in ((rollup.name, []), (rollup.table, ["run"])):
            found = [row[0] for row in ledger.rows(f"describe {name}")]
            assert sorted(found) == sorted([*rollup.dimensions, *rollup.measures, *more])


def test_the_live_tail_is_in_the_view_at_once(ledger, ended):
    ledger.submit(ended("x"))
    ledger.settle()
    assert ledger.rows("select calls, turns, unpriced, input_tokens, cost_total from calls_hourly") == [
        (1, 1, 0, 12, Decimal("0.000123"))
    ]
    assert ledger.rows("select count(*) from histogram_hourly") == [(4,)]


def test_a_reader_never_sees_a_call_twice_while_it_is_being_rolled_up(tmp_path: Path):
    """DuckDB shows the rows of a large insert before the commit; so many rows make one of it."""
    database = Database(tmp_path / "ledger.duckdb")
    database.open()
    with database.transaction() as cursor:
        cursor.execute(
            """insert into calls by name
            select range as seq, 'live' as origin, timestamp '2026-01-01' + interval (range) minute as started_at,
            'm' || range as served_model, ['a', 'b'] as tags, 1 as attempt, range / 7 as total_s, range / 9 as ttft_s
            from range(1, 70001)"""
        )
    question = "select sum(calls) from tags_hourly"
    with database.cursor() as cursor:
        whole = cursor.execute(question).fetchall()
    seen, over = [], threading.Event()

    def read() -> None:
        while not over.is_set():
            with database.cursor() as cursor:
                seen.append(cursor.execute(question).fetchall())

    reader = threading.Thread(target=read)
    reader.start()
    with database.transaction() as cursor:
        roll(cursor, 70_000)
    with database.transaction() as cursor:
        rebuild(cursor, 70_000)
    over.set()
    reader.join()
    database.close()
    assert len(seen) > 1
    assert all(found == whole for found in seen)
