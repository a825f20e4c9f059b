"""When the log refuses or fails: no call that could not be logged, and no receipt that claims more than is on disk."""

from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from threading import Event

import pytest

from core.errors import BudgetError, LedgerFull
from core.events import Notice
from core.ledger.facts import CallEnded, CallStarted
from core.llm.service import AIService
from core.messages import Message, TurnRequest
from tests.core.llm.conftest import QUICK, settings_for


class Failing:
    """A ledger that takes nothing of a kind, or fails to write it."""

    def __init__(self, refuses=(), fails=()):
        self.refuses, self.fails, self.facts = refuses, fails, []

    def submit(self, fact):
        if isinstance(fact, self.refuses):
            raise LedgerFull("The log cannot be written; free some disk space.")
        self.facts.append(fact)
        future = Future()
        if isinstance(fact, self.fails):
            future.set_exception(OSError(28, "No space left on device"))
        else:
            future.set_result(len(self.facts))
        return future

    def rows(self, sql, parameters=()):
        return []


class Slow(Failing):
    """Takes everything, and lets the test say when the end of a call is on disk."""

    def submit(self, fact):
        future = super().submit(fact)
        if isinstance(fact, CallEnded):
            self.waiting = Future()
            return self.waiting
        return future


def ask(model="openai/echo", **more):
    return TurnRequest(model, (Message.of("user", "Hi"),), **more)


@pytest.fixture
def build(tmp_path, upstream):
    made = []

    def service(ledger, guard=None):
        made.append(AIService(settings_for(upstream, tmp_path), ledger, guard=guard, manners=QUICK).open())
        made[-1].wait_until_warm(60)
        return made[-1]

    yield service
    for one in made:
        one.close()


def test_a_full_log_means_no_call(build, upstream):
    view = build(Failing(refuses=(CallStarted,))).start(ask()).wait(20)
    assert view.status == "refused"
    assert "free some disk space" in view.error
    assert upstream.chats() == []


@pytest.mark.parametrize("trouble", [Failing(refuses=(CallEnded,)), Failing(fails=(CallEnded,))])
def test_a_row_that_could_not_be_written_is_admitted(build, trouble):
    view = build(trouble).start(ask()).wait(20)
    assert view.status == "ok"
    assert view.text
    assert view.receipt.logged is False
    assert any("could not be written" in notice.text for notice in view.notices)


def test_a_receipt_waits_for_its_rows(build, upstream):
    ledger = Slow()
    turn = build(ledger).start(ask())
    assert upstream.wait_for(lambda: hasattr(ledger, "waiting"), 20)
    assert turn.wait(0.2).status == "running"
    assert turn.view.text
    ledger.waiting.set_result(1)
    assert turn.wait(30).receipt.logged


@dataclass(frozen=True)
class Admission:
    notices: tuple = ()
    model: str | None = None


class Purse:
    """A guard with a little money, that may name a cheaper model."""

    def __init__(self, left, cheaper=None):
        self.left, self.cheaper, self.settled = left, cheaper, []

    def admit(self, request, estimate):
        if self.left <= 0:
            raise BudgetError("The budget is used up; ask for more.")
        notice = Notice("limit", "Almost used up.")
        return Admission((notice,), self.cheaper)

    def go_on(self, admission, request, estimate, *, attempt, cost, tokens):
        return ()

    def settle(self, admission, cost, tokens):
        self.settled.append((cost, tokens))


def test_a_guard_that_refuses(build, upstream):
    view = build(Failing(), Purse(0)).start(ask()).wait(20)
    assert (view.status, view.error_kind) == ("refused", "budget")
    assert upstream.chats() == []


@pytest.mark.parametrize("model", ["openai/echo", "openai/401", "openai/eof-after-5"])
def test_every_admission_is_settled_once(build, model):
    purse = Purse(Decimal(1))
    view = build(Failing(), purse).start(ask(model, retries=0)).wait(20)
    assert len(purse.settled) == 1
    assert view.notices[0].text == "Almost used up."


def test_a_cheaper_model_may_be_asked_instead(build):
    view = build(Failing(), Purse(1, "vllm/echo")).start(ask()).wait(20)
    assert (view.receipt.requested_model, view.receipt.served_model) == ("openai/echo", "vllm/echo")


def test_stopped_before_it_began_it_ends_like_any_other(build, upstream):
    """The first turn holds the engine loop until the others have been started and stopped."""

    class Held(Purse):
        def admit(self, request, estimate):
            self.admitted += 1
            held.set()
            assert go_on.wait(20)
            return super().admit(request, estimate)

    held, go_on, ended = Event(), Event(), []
    purse = Held(Decimal(1))
    purse.admitted = 0
    service = build(Failing(), purse)
    first = service.start(ask())
    assert held.wait(20)
    turns = [service.start(ask(on_end=ended.append)) for _ in range(5)]
    for turn in turns:
        turn.cancel()
    go_on.set()
    views = [turn.wait(20) for turn in turns]
    assert {view.status for view in views} == {"cancelled"}
    assert sorted(view.turn_id for view in ended) == sorted(turn.id for turn in turns)
    assert first.wait(20).status == "ok"
    assert purse.admitted == len(purse.settled) == 1
    assert len(upstream.chats()) == 1


def test_a_stop_that_comes_too_late_changes_nothing(build, upstream):
    ledger, purse, ended = Slow(), Purse(Decimal(1)), []
    turn = build(ledger, purse).start(ask(on_end=ended.append))
    assert upstream.wait_for(lambda: hasattr(ledger, "waiting"), 20)
    turn.cancel()
    assert turn.wait(0.2).status == "running"
    ledger.waiting.set_result(1)
    assert turn.wait(20).status == "ok"
    assert turn.view.receipt.logged
    assert len(purse.settled) == len(ended) == 1


def test_on_end_that_fails_does_not_keep_the_turn_open(build):
    def broken(view):
        raise RuntimeError("the page is gone")

    assert build(Failing()).start(ask(on_end=broken)).wait(20).status == "ok"
