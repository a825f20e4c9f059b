"""Through the whole engine: a turn of a demo model is booked on its budget, and stopped when the budget is spent."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.analytics.filters import Filters
from core.messages import Context, Message, Parameters, TurnRequest
from core.platform import Platform, open_platform
from core.settings import load_settings
from core.workspace.budgets import Budget
from tests.upstreams.server import Upstream


def test_a_turn_is_booked_then_refused(tmp_path: Path) -> None:
    with open_platform(load_settings(data_dir=tmp_path)) as platform:
        budget = platform.workspace.budgets.save(
            Budget(name="Ann's", limit_usd=Decimal("5"), scope="user", subject="ann")
        )
        platform.guard.reload()
        model = next(each.id for each in platform.ai.models() if each.simulated and each.price_out)
        request = TurnRequest(model=model, messages=(Message.of("user", "Hello"),), context=Context(user_id="ann"))
        answered = platform.ai.start(request).wait(60)
        assert answered.status == "ok"
        assert answered.receipt is not None
        (standing,) = platform.guard.standings()
        assert standing.spent == answered.receipt.cost
        assert standing.reserved == 0
        platform.workspace.budgets.save(replace(budget, limit_usd=Decimal("0.0000001")))
        platform.guard.reload()
        assert platform.guard.standings()[0].spent == answered.receipt.cost
        refused = platform.ai.start(replace(request, turn_id="")).wait(60)
        assert refused.status == "refused"
        assert "Ann's" in (refused.error or "")
        platform.ledger.settle()
        rows = platform.ledger.rows("SELECT status, error_kind, turn_id, user_id FROM calls ORDER BY seq")
        assert rows == [
            ("ok", None, answered.turn_id, "ann"),
            ("refused", "budget", refused.turn_id, "ann"),
        ]
        totals = platform.analytics.spend.totals(Filters(users=("ann",)))
        assert (totals.calls, totals.refused, totals.cost) == (2, 1, answered.receipt.cost)


PRICES = {"uncached_input": "0", "visible_output": "0.01"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def paid(tmp_path: Path, upstream: Upstream) -> Iterator[Platform]:
    upstream.reset()
    settings = load_settings(data_dir=tmp_path, openai_api_key="sk-test", openai_base_url=upstream.v1, max_retries=0)
    with open_platform(settings) as platform:
        for model in ("tokens-20", "tools-endless"):
            platform.ai.prices.set_price(f"openai/{model}", PRICES)
        platform.workspace.budgets.save(Budget(name="All", limit_usd=Decimal("1")))
        platform.guard.reload()
        yield platform


def test_five_hundred_real_calls_at_once_overshoot_by_at_most_one(paid: Platform, upstream: Upstream) -> None:
    asked = TurnRequest("openai/tokens-20", (Message.of("user", "Count"),), Parameters(max_tokens=20))
    turns = [paid.ai.start(asked) for _ in range(500)]
    views = [turn.wait(60) for turn in turns]
    costs = [view.receipt.cost for view in views if view.status == "ok" and view.receipt]
    assert costs == [Decimal("0.2")] * len(costs)
    assert len(upstream.chats()) == len(costs)
    assert Decimal("0.8") <= sum(costs, Decimal(0)) <= Decimal("1.2")
    assert {view.status for view in views} == {"ok", "refused"}
    paid.ledger.settle()
    ((refused,),) = paid.ledger.rows("SELECT count(*) FROM calls WHERE status = 'refused' AND error_kind = 'budget'")
    assert refused == 500 - len(costs)
    (standing,) = paid.guard.standings()
    assert (standing.spent, standing.reserved) == (sum(costs, Decimal(0)), Decimal(0))


def test_rounds_of_tools_stop_when_the_money_is_gone(paid: Platform, upstream: Upstream) -> None:
    tool = next(iter(paid.tools.named(["calculator"])))
    request = TurnRequest(
        "openai/tools-endless", (Message.of("user", "Go on"),), Parameters(max_tokens=40), (tool,), max_tool_rounds=200
    )
    view = paid.ai.start(request).wait(60)
    assert view.status == "refused"
    assert "“All” is spent" in (view.error or "")
    (standing,) = paid.guard.standings()
    assert Decimal("1") <= standing.spent <= Decimal("1.4")
    assert standing.reserved == 0
    paid.ledger.settle()
    rows = paid.ledger.rows("SELECT attempt, status FROM calls WHERE turn_id = ? ORDER BY seq", [view.turn_id])
    assert [attempt for attempt, _ in rows] == list(range(1, len(rows) + 1))
    assert [status for _, status in rows] == ["ok"] * (len(rows) - 1) + ["refused"]
