"""Budgets hold under concurrency, say what they do, and survive a restart; unknown prices are not free."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import BudgetError, LimitError
from core.guard.admission import Admission
from core.guard.guard import Guard
from core.ledger.facts import Call, CallEnded
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from core.messages import Context, TurnRequest

NOON = datetime(2026, 5, 20, 12, 0)


@dataclass(frozen=True)
class Plan:
    id: str = "b1"
    name: str = "May"
    limit_usd: Decimal = Decimal("10")
    scope: str = "everyone"
    subject: str = ""
    period: str = "month"
    warn_at: float = 0.8
    action: str = "refuse"
    degrade_to: str | None = None


@dataclass(frozen=True)
class Foretold:
    input_tokens: int | None = 100
    output_p50: int | None = 50
    output_p90: int | None = 100
    cost_p50: Decimal | None = Decimal("0.5")
    cost_p90: Decimal | None = Decimal("0.8")
    cost_most: Decimal | None = Decimal("1")


class Clock:
    def __init__(self) -> None:
        self.now, self.seconds = NOON, 0.0

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guarded(ledger: Ledger, clock: Clock) -> Callable[..., Guard]:
    return lambda *plans, limits=(): Guard(
        ledger, lambda: plans, lambda: limits, clock=clock, monotonic=clock.monotonic
    )


def asked(model: str = "openai/large", **context: object) -> TurnRequest:
    return TurnRequest(model=model, messages=(), turn_id=uuid7(), context=Context(**context))  # type: ignore[arg-type]


def spent(amount: str | None, at: datetime = NOON, **changes: object) -> CallEnded:
    call = Call(
        call_id=uuid7(), turn_id=uuid7(), started_at=at, served_model="openai/large", requested_model="openai/large"
    )
    return CallEnded(replace(call, cost_total=None if amount is None else Decimal(amount), **changes))  # type: ignore[arg-type]


def test_five_hundred_at_once_overshoot_by_at_most_one_call(guarded: Callable[..., Guard]) -> None:
    guard = guarded(Plan())
    admitted: list[Admission] = []
    refused: list[BudgetError] = []
    start = threading.Barrier(50)

    def ask() -> None:
        start.wait()
        for _ in range(10):
            try:
                admitted.append(guard.admit(asked(), Foretold()))
            except BudgetError as error:
                refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 10
    assert len(refused) == 490
    for admission in admitted:
        guard.settle(admission, Decimal("1"), 200)
    (standing,) = guard.standings()
    assert (standing.spent, standing.reserved) == (Decimal(10), Decimal(0))


def test_what_was_reserved_and_not_used_is_free_again(guarded: Callable[..., Guard]) -> None:
    guard = guarded(Plan(limit_usd=Decimal("1")))
    admission = guard.admit(asked(), Foretold())
    with pytest.raises(BudgetError, match="reserved for calls under way"):
        guard.admit(asked(), Foretold())
    guard.settle(admission, Decimal("0.1"), 20)
    guard.admit(asked(), Foretold())


def test_a_refusal_is_a_row_and_a_decision(guarded: Callable[..., Guard], ledger: Ledger) -> None:
    guard = guarded(Plan(limit_usd=Decimal(0), scope="user", subject="ann"))
    request = asked(user_id="ann", tags=("x",), door="chat")
    with pytest.raises(BudgetError, match=r"Budget “May” is spent: .* There is room again on 01 Jun 2026"):
        guard.admit(request, Foretold())
    guard.admit(asked(user_id="bob"), Foretold())
    ledger.settle()
    rows = ledger.rows("SELECT turn_id, status, error_kind, served_model, user_id, tags, cost_total FROM calls")
    assert rows == [(request.turn_id, "refused", "budget", "openai/large", "ann", ["x"], None)]
    assert ledger.rows("SELECT turn_id, decision, budget_id FROM budget_decisions") == [
        (request.turn_id, "refused", "b1")
    ]


def test_it_remembers_what_was_spent_before_a_restart(guarded: Callable[..., Guard], ledger: Ledger) -> None:
    for fact in (
        spent("3"),
        spent("4", NOON - timedelta(days=25)),  # last month
        spent("100", origin="sample"),
        spent(None, input_tokens=10, output_tokens=5, estimate_cost_p90=Decimal("0.5")),
        spent(None, status="error", estimate_cost_p90=Decimal("9")),
        spent("2", tags=("x", "y")),
    ):
        ledger.submit(fact)
    tag = Plan(id="b2", scope="tag", subject="y", period="day")
    month, tagged = guarded(Plan(), tag).standings()
    assert month.spent == Decimal("5.5")
    assert tagged.spent == Decimal("2")


def test_unpriced_models_do_not_switch_a_budget_off(guarded: Callable[..., Guard]) -> None:
    guard = guarded(Plan(limit_usd=Decimal("1")))
    unpriced = Foretold(cost_p50=None, cost_p90=None, cost_most=None)
    admission = guard.admit(asked("lab/own"), unpriced)
    assert "No price is known for lab/own" in admission.notices[0].text
    guard.settle(guard.admit(asked(), Foretold()), Decimal("1"), 10)
    with pytest.raises(BudgetError):
        guard.admit(asked("lab/own"), unpriced)


def test_free_models_go_on_when_the_money_is_gone(guarded: Callable[..., Guard]) -> None:
    guard = guarded(Plan(limit_usd=Decimal(0)))
    assert (
        guard.admit(
            asked("ollama/llama"), Foretold(cost_p50=Decimal(0), cost_p90=Decimal(0), cost_most=Decimal(0))
        ).model
        is None
    )


def test_money_that_cannot_be_priced_counts_as_reserved(guarded: Callable[..., Guard]) -> None:
    guard = guarded(Plan())
    guard.settle(guard.admit(asked(), Foretold()), None, 300)
    guard.settle(guard.admit(asked(), Foretold()), None, None)  # failed before anything was used
    assert guard.standings()[0].spent == Decimal(1)


def test_it_warns_once_then_degrades(guarded: Callable[..., Guard], ledger: Ledger) -> None:
    guard = guarded(Plan(action="degrade", degrade_to="openai/small"))
    guard.settle(guard.admit(asked(), Foretold()), Decimal("8"), 10)
    for _ in range(2):
        warned = guard.admit(asked(), Foretold())
        assert "of $10.00 spent this month" in warned.notices[0].text
        guard.settle(warned, Decimal("0.5"), 10)
    guard.settle(guard.admit(asked(), Foretold()), Decimal("1"), 10)
    degraded = guard.admit(asked(), Foretold())
    assert degraded.model == "openai/small"
    assert "openai/small answers instead" in degraded.notices[0].text
    assert guard.admit(asked("openai/small"), Foretold()).model is None
    ledger.settle()
    decisions = [row[0] for row in ledger.rows("SELECT decision FROM budget_decisions ORDER BY seq")]
    assert decisions == ["warned", "degraded", "warned"]


@pytest.mark.parametrize(
    ("period", "later"),
    [
        ("day", timedelta(hours=12)),
        ("week", timedelta(days=5)),
        ("month", timedelta(days=12)),
        ("24h", timedelta(hours=24, minutes=1)),
    ],
)
def test_a_window_ends(guarded: Callable[..., Guard], clock: Clock, period: str, later: timedelta) -> None:
    guard = guarded(Plan(period=period, limit_usd=Decimal("1")))
    guard.settle(guard.admit(asked(), Foretold()), Decimal("1"), 10)
    frees_at = guard.standings()[0].frees_at
    assert frees_at is not None
    clock.now = frees_at - timedelta(minutes=2)
    with pytest.raises(BudgetError):
        guard.admit(asked(), Foretold())
    clock.now = frees_at
    guard.admit(asked(), Foretold())
    assert frees_at <= NOON + later


def test_what_is_reserved_is_the_most_and_not_the_usual(guarded: Callable[..., Guard]) -> None:
    assert guarded(Plan()).admit(asked(), Foretold(cost_most=Decimal(3))).reserved == Decimal(3)


def test_each_call_of_a_turn_is_booked_and_the_next_reserved(guarded: Callable[..., Guard], ledger: Ledger) -> None:
    guard = guarded(Plan(limit_usd=Decimal("2.5")))
    request = asked()
    admission = guard.admit(request, Foretold())
    assert guard.go_on(admission, request, Foretold(), attempt=2, cost=Decimal("0.9"), tokens=90) == ()
    assert (guard.standings()[0].spent, guard.standings()[0].reserved) == (Decimal("0.9"), Decimal(1))
    guard.go_on(admission, request, Foretold(), attempt=3, cost=Decimal(1), tokens=100)
    with pytest.raises(BudgetError, match="is spent"):
        guard.go_on(admission, request, Foretold(), attempt=4, cost=Decimal("0.8"), tokens=80)
    guard.settle(admission, None, None)
    assert (guard.standings()[0].spent, guard.standings()[0].reserved) == (Decimal("2.7"), Decimal(0))
    ledger.settle()
    assert ledger.rows("SELECT turn_id, status, attempt FROM calls") == [(request.turn_id, "refused", 4)]


def test_a_budget_of_a_model_counts_the_model_that_answers(guarded: Callable[..., Guard], ledger: Ledger) -> None:
    ledger.submit(spent("3", requested_model="openai/small"))
    large = Plan(id="b2", scope="model", subject="openai/large")
    small = Plan(id="b3", scope="model", subject="openai/small")
    guard = guarded(large, small)
    admission = guard.admit(asked("openai/small"), Foretold())
    guard.go_on(admission, asked("openai/large"), Foretold(), attempt=2, cost=None, tokens=None)
    guard.settle(admission, Decimal("1"), 100)
    assert [standing.spent for standing in guard.standings()] == [Decimal(4), Decimal(0)]
    assert [standing.reserved for standing in guard.standings()] == [Decimal(0), Decimal(0)]


def test_a_change_takes_effect_at_once_and_keeps_what_is_under_way(ledger: Ledger, clock: Clock) -> None:
    plans = [Plan(limit_usd=Decimal("1"))]
    guard = Guard(ledger, lambda: plans, clock=clock)
    under_way = guard.admit(asked(), Foretold())
    plans[0] = replace(plans[0], limit_usd=Decimal("5"))
    guard.reload()
    assert guard.standings()[0].reserved == Decimal(1)
    guard.settle(under_way, Decimal("2"), 10)
    assert guard.standings()[0].spent == Decimal(2)
    plans.clear()
    guard.reload()
    assert guard.standings() == []


def test_rate_limits_say_how_long_to_wait(guarded: Callable[..., Guard], clock: Clock, ledger: Ledger) -> None:
    guard = guarded(
        limits=[{"scope": "user", "requests": 2}, {"scope": "model", "subject": "openai/large", "tokens": 500}]
    )
    ann = asked(user_id="ann")
    first = guard.admit(ann, Foretold())
    clock.seconds = 10
    guard.admit(ann, Foretold())
    with pytest.raises(LimitError, match=r"2 requests a minute for ann .* in 50 seconds") as error:
        guard.admit(ann, Foretold())
    assert error.value.wait_s == pytest.approx(50)
    with pytest.raises(LimitError, match="500 tokens a minute for openai/large"):
        guard.admit(asked(user_id="bob"), Foretold())
    guard.settle(first, Decimal(0), 10)
    guard.admit(asked(user_id="bob"), Foretold())
    clock.seconds = 70.1
    guard.admit(ann, Foretold())
    ledger.settle()
    assert ledger.rows("SELECT status, error_kind FROM calls") == [("refused", "rate_limit_own")] * 2


def test_a_limit_that_cannot_be_read_limits_nothing(guarded: Callable[..., Guard], ledger: Ledger) -> None:
    guard = guarded(limits=[{"scope": "moon", "requests": 1}, {"scope": "user", "requests": "x"}])
    admitted = [guard.admit(asked(user_id="ann"), Foretold()) for _ in range(5)]
    assert [(each.notices, each.model) for each in admitted] == [((), None)] * 5
    ledger.settle()
    assert ledger.rows("SELECT count(*) FROM calls") == [(0,)]
