"""Sample history: the same for the same seed, full of everything that happens, and gone without a trace."""

from pathlib import Path

import pytest

from core.ledger.ledger import Ledger


def test_sample_loads_and_leaves_and_real_calls_stay(ledger, ended):
    ledger.submit(ended("mine")).result(5)
    assert not ledger.has_sample()
    assert ledger.load_sample(2000, days=30) == 2000
    assert ledger.has_sample()
    assert ledger.rows("select origin, count(*) from calls group by 1 order by 1") == [("live", 1), ("sample", 2000)]
    assert ledger.submit(ended("after")).result(5) == 2002
    assert ledger.remove("sample") == 2000
    for table in ("calls", "payloads", "votes", "feedback", "calls_hourly", "histogram_hourly", "users_hourly"):
        assert ledger.rows(f"select count(*) from {table} where origin = 'sample'") == [(0,)]
    assert ledger.rows("select count(*) from calls") == [(2,)]


def test_sample_survives_a_restart_and_a_newest_call_opens(tmp_path: Path):
    first = Ledger.open(tmp_path)
    first.load_sample(1000)
    before = first.rows("select * from calls order by seq")
    first.close()
    second = Ledger.open(tmp_path)
    assert second.rows("select * from calls order by seq") == before
    newest = second.rows("select call_id from calls where status = 'ok' order by seq desc limit 1")[0][0]
    payload = second.payload(newest)
    assert payload is not None
    assert payload.response is not None
    assert payload.request[0]["role"] == "user"
    second.close()


def test_sample_holds_every_kind_of_call(ledger):
    ledger.load_sample(30_000)
    for condition in (
        "status = 'error'", "status = 'cancelled'", "status = 'interrupted'", "status = 'refused'", "hop = 1",
        "retry = 1", "round = 1", "cache_state = 'exact'", "cache_state = 'semantic'", "door = 'playground'",
        "cost_total is null and status = 'ok'", "price_version = 'sample price list 2'", "len(tags) = 2",
        "cost_total = 0", "reasoning_tokens > 0", "cache_read_tokens > 0",
    ):  # fmt: skip
        assert ledger.rows(f"select count(*) > 3 from calls where {condition}") == [(True,)], condition
    assert ledger.rows("select count(*), count(distinct call_id), count(distinct seq) from calls") == [(30_000,) * 3]
    assert ledger.rows("select count(*) > 100 from votes") == [(True,)]
    assert ledger.rows("select count(*) > 100 from feedback") == [(True,)]
    unsorted = (
        "select count(*) from (select started_at < lag(started_at) over (order by seq) as late from calls) where late"
    )
    assert ledger.rows(unsorted) == [(0,)]
    assert ledger.rows("select count(*) from calls where cost_total is not null and cost_total <> cost_input"
                       " + cost_cache_read + cost_output + cost_reasoning") == [(0,)]  # fmt: skip


def test_a_comparison_is_two_models_side_by_side_and_a_conversation_is_one_persons(ledger):
    ledger.load_sample(30_000)
    each = """select count(distinct turn_id), count(distinct requested_model), count(distinct user_id),
        count(distinct started_at) filter (attempt = 1) from calls where match_id is not null group by match_id"""
    assert ledger.rows(f"select distinct * from ({each})") == [(2, 2, 1, 1)]
    assert ledger.rows("select distinct door from calls where match_id is not null") == [("playground",)]
    ((share,),) = ledger.rows("select avg((match_id is not null)::integer) from calls where attempt = 1")
    assert 0.03 < share < 0.05
    assert ledger.rows("select count(*) > 300, count(*) = count(distinct match_id) from votes") == [(True, True)]
    voted = """select count(*) from votes join (select match_id, list(requested_model order by seq) as models
        from calls where match_id is not null and attempt = 1 group by match_id) using (match_id)
        where panes <> models"""
    assert ledger.rows(voted) == [(0,)]
    talks = """select count(distinct turn_id) as turns, count(distinct user_id) as people,
        count(distinct assistant_id) as assistants, max(started_at) - min(started_at) as took
        from calls where conversation_id is not null group by conversation_id"""
    ((turns, people, assistants, took),) = ledger.rows(
        f"select avg(turns), max(people), max(assistants), max(took) < interval 1 hour from ({talks})"
    )
    assert 4 < turns < 10
    assert (people, assistants, took) == (1, 1, True)


@pytest.mark.parametrize(("calls", "days"), [(1, 1), (7, 400), (999, 3)])
def test_sample_of_any_size(ledger, calls, days):
    ledger.load_sample(calls, days=days, seed=9)
    assert ledger.rows("select count(*) from calls") == [(calls,)]
