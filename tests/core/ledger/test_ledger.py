"""The ledger from outside: what is submitted can be read, also after a restart."""

import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import QueryError
from core.ledger.facts import Audit, BudgetDecision, CallEnded, Feedback, PriceLine, Vote
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger

AT = datetime(2026, 3, 4, 5, 6, 7, 89)


def test_a_call_is_one_row_with_every_value_it_was_given(ledger, call):
    one = call(started_at=AT, cost_total=Decimal("0.123456789"), tags=("x", "ü"), http_status=None)
    assert ledger.submit(CallEnded(one)).result(5) == 1
    ledger.settle()
    rows = ledger.rows(
        "select call_id, started_at, cost_total, tags, http_status, stream, total_s, seq, request_ref from calls"
    )
    assert rows == [(one.call_id, AT, Decimal("0.123456789"), ["x", "ü"], None, True, 1.5, 1, None)]


def test_every_kind_of_fact_has_its_table(ledger):
    facts = {
        "votes": Vote(vote_id="v", match_id="m", at=AT, user_id=None, winner="a", panes=("demo/a", "demo/b")),
        "feedback": Feedback(feedback_id="f", turn_id="t", at=AT, user_id="u", value=-1, note="bad"),
        "prices": PriceLine(price_id="p", model="demo/*", effective_from=AT, source="own", prices={"x": "0.1"}),
        "budget_decisions": BudgetDecision(
            decision_id="b", at=AT, budget_id="x", turn_id=None, decision="allowed",
            reserved=Decimal("0.5"), spent=None, limit_usd=Decimal(3),
        ),
        "audit": Audit(audit_id="a", at=AT, user_id="u", action="price", subject="demo", detail={"to": 1}),
    }  # fmt: skip
    for fact in facts.values():
        ledger.submit(fact).result(5)
    ledger.settle()
    for table in facts:
        assert ledger.rows(f"select count(*) from {table}") == [(1,)]
    assert ledger.rows("select prices from prices") == [('{"x":"0.1"}',)]
    assert ledger.rows("select panes, blind from votes") == [(["demo/a", "demo/b"], True)]
    assert ledger.rows("select reserved, spent from budget_decisions") == [(Decimal("0.5"), None)]


def test_a_payload_comes_back_as_it_went_in(ledger, ended):
    fact = ended("one", "two", "one", answer="three")
    ledger.submit(fact).result(5)
    ledger.settle()
    found = ledger.payload(fact.call.call_id)
    assert found is not None
    assert found.request == [dict(message) for message in fact.payload.request]
    assert found.response == {"text": "three"}
    assert ledger.payload(uuid7()) is None


def test_a_shared_history_is_stored_once(ledger, ended):
    for length in range(1, 20):
        ledger.submit(ended(*[f"message {n}" for n in range(length)]))
    ledger.settle()
    assert ledger.rows("select count(*) from payloads where kind = 'message'") == [(19,)]


def test_everything_is_there_after_a_restart(tmp_path: Path, ended):
    facts = [ended(f"question {n}", answer=f"answer {n}") for n in range(50)]
    first = Ledger.open(tmp_path)
    for fact in facts:
        first.submit(fact)
    first.close()
    second = Ledger.open(tmp_path)
    assert second.rows("select call_id from calls order by seq") == [(fact.call.call_id,) for fact in facts]
    assert second.submit(ended("next")).result(5) == 51
    for fact in facts:
        found = second.payload(fact.call.call_id)
        assert found is not None
        assert found.response == fact.payload.response
    second.close()


def test_a_call_without_an_end_is_interrupted_at_the_next_start(tmp_path: Path, started, ended):
    first = Ledger.open(tmp_path)
    lonely = started("hello?", estimate_cost_p50=Decimal("0.5"), cost_total=None)
    finished = started("hi")
    for fact in (lonely, finished, CallEnded(finished.call)):
        first.submit(fact).result(5)
    first.close()
    for _ in range(2):
        again = Ledger.open(tmp_path)
        again.settle()
        rows = again.rows("select call_id, status, cost_total, usage_source from calls order by call_id")
        assert rows == [
            (lonely.call.call_id, "interrupted", Decimal("0.5"), "estimated"),
            (finished.call.call_id, "ok", Decimal("0.000123"), "none"),
        ]
        found = again.payload(lonely.call.call_id)
        assert found is not None
        assert found.request[0]["content"][0]["text"] == "hello?"
        again.close()


@pytest.mark.parametrize(
    "sql", ["select * from nowhere", "selec 1", "drop table calls", "insert into audit values (1)"]
)
def test_what_is_not_a_read_is_refused_in_a_sentence(ledger, sql):
    with pytest.raises(QueryError):
        ledger.rows(sql)


def test_a_slow_query_is_stopped_and_a_long_answer_refused(ledger):
    with pytest.raises(QueryError, match="longer than"):
        ledger.rows("select sum(a.range * b.range) from range(10000000) a, range(1000000) b", timeout_s=0.2)
    with pytest.raises(QueryError, match="more than 10 rows"):
        ledger.frame("select * from range(5000)", max_rows=10)
    result = ledger.console("select * from range(5000)", timeout_s=5, max_rows=10)
    assert (len(result.frame), result.truncated) == (10, True)


def test_health_of_a_quiet_ledger(ledger, ended):
    ledger.submit(ended("x")).result(5)
    ledger.settle()
    health = ledger.health()
    assert (health.rows, health.queued, health.lost, health.in_memory, health.state) == (1, 0, 0, 0, "ok")


def test_closing_waits_for_the_transaction_at_hand(ledger, ended):
    """Else the process may end while DuckDB's code runs on the loader's thread, which aborts it."""
    with ledger._database.writing:
        ledger.submit(ended("left")).result(5)
        closing = threading.Thread(target=ledger._loader.close, args=(1.0,))
        closing.start()
        closing.join(1.5)  # the loader has begun by then, and stands before the lock
        assert closing.is_alive()
    closing.join(20)
    assert not closing.is_alive()
    assert not ledger._loader._thread.is_alive()
