"""The service end to end with simulated models: every door's way of asking, and what is left on disk afterwards."""

import asyncio
import threading
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from core.errors import InvalidError, TimedOutError, UnknownModelError
from core.events import Ended, TextDelta
from core.ledger.facts import CallEnded, CallStarted
from core.llm.persistence import Persistence
from core.llm.wire.seam import Deployment
from core.messages import Context, Message, TurnRequest


def ask(text="What is this?", model="demo/swift", **more):
    return TurnRequest(model, (Message.of("user", text),), **more)


def test_a_turn_streams_and_ends_with_a_receipt(service, journal):
    turn = service.start(ask())
    views = list(turn.watch())
    assert views[-1].status == "ok"
    assert len(views) > 2
    assert [view.text for view in views] == sorted((view.text for view in views), key=len)
    receipt = views[-1].receipt
    assert receipt is not None
    assert receipt.served_model == "demo/swift"
    assert receipt.cost is not None
    assert receipt.cost > 0
    assert journal.kinds == [CallStarted, CallEnded]
    ended = next(fact for fact in journal.facts if isinstance(fact, CallEnded))
    assert ended.payload.response["text"] == views[-1].text


def test_a_receipt_tells_what_the_answer_took_and_what_it_waited_apart(service, journal):
    turn = service.start(ask())
    turn.started -= 5  # as after a start, when the first question waits until LiteLLM is loaded
    paid, row = turn.wait().receipt, journal.calls[0]
    assert (paid.total_s, paid.ttft_s) == (row.total_s, row.ttft_s)
    assert paid.queue_s >= 5
    assert turn.view.sent_s == paid.queue_s


async def test_events_arrive_on_any_loop(service):
    events = [event async for event in service.run("Hello", model="demo/swift")]
    assert isinstance(events[-1], Ended)
    assert "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_closing_the_events_cancels_the_turn(service, journal):
    events = service.run("Hello", model="demo/scholar")
    await anext(events)
    await events.aclose()
    for _ in range(200):
        if journal.calls:
            break
        await asyncio.sleep(0.01)
    assert journal.calls[0].status == "cancelled"


def test_stop_keeps_text_tokens_and_cost(service, journal):
    turn = service.start(ask(model="demo/swift"))
    for view in turn.watch():
        if view.text:
            turn.cancel()
    view = turn.view
    assert view.status == "cancelled"
    assert view.text
    row = journal.calls[-1]
    assert row.status == "cancelled"
    assert row.usage_source == "estimated"
    assert row.cost_total > 0
    assert view.receipt.cost == row.cost_total


def test_chat_completion_blocks_and_answers(service):
    answer = service.chat_completion("Hello", model="demo/swift", temperature=0)
    assert answer.text
    assert answer.receipt.attempts[0].status == "ok"
    with pytest.raises(InvalidError):
        service.chat_completion("Hello", colour="blue")
    with pytest.raises(UnknownModelError):
        service.chat_completion("Hello", model="demo/nobody")


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_an_answer_that_nobody_has_read_is_asked_for_again_when_it_breaks_off(make, journal, upstream, provider):
    model = f"{provider}/flaky-1-eof-after+tokens-20"
    answer = make().chat_completion("Hello", model=model)
    assert answer.text.split() == [f"w{number}" for number in range(20)]
    assert [row.status for row in journal.calls] == ["error", "ok"]


def test_a_whole_answer_may_take_longer_than_a_pause_may(make, upstream):
    service = make(first_token_timeout=0.4, idle_timeout=0.4)
    slow = "openai/tokens-30-rate-30"
    assert service.chat_completion("Hello", model=slow).text.split()[-1] == "w29"
    assert upstream.chats()[-1].body["stream"] is True
    with pytest.raises(TimedOutError):
        service.chat_completion("Hello", model="openai/slow-1000", stream=False, retries=0)
    assert not upstream.chats()[-1].body["stream"]


def test_the_running_turn_of_a_conversation_is_found(service):
    turn = service.start(ask(context=Context(conversation_id="c1")))
    assert service.running("c1") is turn
    assert service.turn(turn.id) is turn
    turn.wait()
    assert service.running("c1") is None
    assert service.turn(turn.id) is turn


def test_on_end_runs_before_watchers_see_the_end(service):
    seen = []
    turn = service.start(ask(on_end=lambda view: seen.append((view.status, view.text, threading.current_thread()))))
    view = turn.wait()
    assert seen[0][:2] == ("ok", view.text)
    assert seen[0][2] is not threading.main_thread()


async def test_a_turn_that_stops_waiting_for_the_model_library_stops_nobody_else() -> None:
    ready: Future[None] = Future()
    persistence = Persistence(None, SimpleNamespace(of=lambda _: None), None, None, ready)  # type: ignore[arg-type]
    place_ = Deployment("openai", "gpt-4o", "openai", "openai/gpt-4o")
    waiting = [asyncio.create_task(persistence.answer(None, None, None, place_)) for _ in range(2)]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    assert not ready.cancelled()
    assert not waiting[1].done()
    waiting[1].cancel()
