"""Through the whole engine: a turn of a demo model is booked on its budget, and stopped when the budget is spent."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from core.analytics.filters import Filters
from core.messages import Context, Message, TurnRequest
from core.platform import open_platform
from core.settings import load_settings
from core.workspace.budgets import Budget


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
