"""The fault table through the service: right kind, right number of requests, one row each, the key never visible."""

import time
from itertools import pairwise

import pytest

from core import errors
from core.ledger.facts import CallEnded
from core.messages import Message, TurnRequest
from tests.core.llm.conftest import KEY
from tests.core.llm.wire.test_faults_on_the_wire import FAULTS

SLOW = {"finish-then-hang", "gzip-bomb-60", "endless-line", "endless-stream", "deep-json", "long-line"}
RETRIED = {error.kind for error in vars(errors).values() if isinstance(error, type) and getattr(error, "retryable", 0)}


def ask(model, **more):
    return TurnRequest(model, (Message.of("user", "What is this?"),), **more)


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("model", [fault for fault in FAULTS if fault not in SLOW])
def test_a_fault_is_told_retried_and_recorded(make, journal, upstream, model, stream):
    kind = FAULTS[model][0 if stream else 1]
    limit = 1.0 if kind == "timeout" else 10.0  # long enough for a busy machine to send the request
    service = make(first_token_timeout=limit, idle_timeout=limit)
    view = service.start(ask(f"openai/{model}", stream=stream, retries=1)).wait(20)
    assert view.error_kind == kind
    assert view.status == ("error" if kind else "ok")
    seen = upstream.chats()
    expected = 2 if kind in RETRIED and not view.text else 1
    assert len(seen) == expected
    rows = journal.calls
    assert [row.error_kind for row in rows] == [kind] * expected
    assert [row.retry for row in rows] == list(range(expected))
    assert [attempt.call_id for attempt in view.receipt.attempts] == [row.call_id for row in rows]
    assert all(row.status == ("error" if kind else "ok") for row in rows)
    assert all(row.total_s is not None for row in rows)
    assert KEY not in repr(view)
    assert KEY not in repr(journal.facts)
    if kind and view.text:
        assert "truncated" in [notice.kind for notice in view.notices]
        assert rows[-1].usage_source == "estimated"
        assert journal.ends[-1].payload.response["text"] == view.text.rstrip("\n")


@pytest.mark.parametrize(
    ("wish", "waited", "asked"),
    [("1", 1.0, 2), ("0", 0.0, 2), ("-5", 0.0, 2), ("soon", 0.0, 2), ("3600", 0.0, 1), ("1e400", 0.0, None)],
)
def test_retry_after_is_honoured_within_reason(make, journal, upstream, wish, waited, asked):
    service = make()
    view = service.start(ask(f"openai/flaky-1-429-retry-after-{wish}")).wait(20)
    times = [request.at for request in upstream.chats()]
    assert asked is None or len(times) == asked
    assert all(later - earlier >= waited for earlier, later in pairwise(times))
    assert view.status == ("ok" if len(times) == 2 else "error")


def test_a_flaky_provider_is_asked_again_and_the_person_is_told(make, journal, upstream):
    view = make().start(ask("openai/flaky-2-503")).wait(20)
    assert view.status == "ok"
    assert [row.status for row in journal.calls] == ["error", "error", "ok"]
    assert [row.attempt for row in journal.calls] == [1, 2, 3]
    assert [notice.kind for notice in view.notices] == ["retry", "retry"]


def test_one_deadline_covers_all_attempts(make, upstream):
    service = make(total_timeout=1.0, first_token_timeout=0.4)
    began = time.monotonic()
    view = service.start(ask("openai/stall-headers", retries=10)).wait(20)
    assert view.error_kind == "timeout"
    assert time.monotonic() - began < 5
    assert 2 <= len(upstream.chats()) <= 4


def test_a_dribble_ends_at_the_idle_deadline(make, upstream):
    view = make(idle_timeout=0.3, first_token_timeout=0.3).start(ask("openai/dribble", retries=0)).wait(20)
    assert view.error_kind == "timeout"


def test_stop_closes_the_upstream_and_keeps_what_came(make, journal, upstream):
    for provider in ("openai", "anthropic", "vllm"):
        upstream.requests.clear()
        turn = make().start(ask(f"{provider}/tokens-2000-rate-50"))
        for view in turn.watch():
            if view.text and not turn.cancelled:
                turn.cancel()
                stopped = time.monotonic()
        assert view.status == "cancelled"
        assert view.text
        assert upstream.wait_for(lambda: upstream.chats()[0].disconnected_at is not None)
        assert upstream.chats()[0].disconnected_at - stopped < 1
        row = journal.calls[-1]
        assert (row.status, row.usage_source) == ("cancelled", "estimated")
        assert row.output_tokens > 0
        assert journal.ends[-1].payload.response["text"] == view.text


def test_stop_while_waiting_for_a_retry(make, journal, upstream):
    turn = make().start(ask("openai/429-retry-after-1"))
    assert upstream.wait_for(lambda: len(journal.calls) == 1)
    turn.cancel()
    assert turn.wait(5).status == "cancelled"
    assert [row.status for row in journal.calls] == ["error"]


def test_an_unreachable_server(make, journal):
    view = make(vllm_base_url="http://127.0.0.1:9").start(ask("vllm/any", retries=1)).wait(20)
    assert view.error_kind == "connection"
    assert len(journal.calls) == 2
    assert all(fact.call.deployment == "127.0.0.1:9" for fact in journal.facts if isinstance(fact, CallEnded))
