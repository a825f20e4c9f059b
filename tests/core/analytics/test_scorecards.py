"""A version's scorecard adds up what the log, the thumbs and the votes say of it, and of it alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.analytics.reader import Reader
from core.analytics.scorecards import Scorecards, wilson
from core.ledger.facts import Call, CallEnded, Feedback, Vote
from core.ledger.ledger import Ledger

NOON = datetime(2026, 11, 1, 12)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    log = Ledger.open(tmp_path)
    yield log
    log.close()


def call(number: int, version: int, **values: object) -> CallEnded:
    return CallEnded(
        Call(
            call_id=f"c{number}",
            turn_id=f"t{number}",
            started_at=NOON + timedelta(minutes=number),
            ended_at=NOON + timedelta(minutes=number, seconds=2),
            prompt_id="p",
            prompt_version=version,
            requested_model="demo/a",
            served_model="demo/a",
            provider="demo",
            **values,
        )
    )


def test_a_card_per_version(ledger: Ledger) -> None:
    ledger.submit(call(1, 1, cost_total=Decimal("0.01"), total_s=1.0, input_tokens=10, output_tokens=20))
    ledger.submit(call(2, 1, status="error", error_kind="timeout", total_s=9.0))
    ledger.submit(call(3, 2, cost_total=Decimal("0.03"), total_s=3.0))
    ledger.submit(call(4, 2, cost_total=Decimal("0.05"), total_s=5.0))
    for number, value in ((1, 1), (1, -1), (3, 1)):
        ledger.submit(
            Feedback(feedback_id=f"f{number}{value}", turn_id=f"t{number}", at=NOON, user_id="local", value=value)
        )
    ledger.submit(
        Vote(vote_id="v", match_id="m", at=NOON, user_id="local", winner="B", panes=("x", "y"), call_ids=("c1", "c3"))
    )
    ledger.settle()
    card = Scorecards(Reader(ledger)).of("prompt", "p").set_index("version")
    assert list(card.index) == [2, 1]
    assert list(card.loc[1, ["calls", "failed", "error_rate", "up", "down", "votes", "wins"]]) == [
        2,
        1,
        0.5,
        0,
        1,
        1,
        0,
    ]
    assert card.loc[2, "cost_per_call"] == pytest.approx(0.04)
    assert list(card.loc[2, ["p50_s", "votes", "wins", "win_rate"]]) == [4.0, 1, 1, 1.0]
    assert card.loc[2, "win_low"] == pytest.approx(0.2065, abs=1e-3)
    assert Scorecards(Reader(ledger)).thumbs(["t1", "t3", "t4"]) == {"t1": -1, "t3": 1}


def test_a_vote_with_a_silent_pane_is_nobodys(ledger: Ledger) -> None:
    """The middle pane gave no call: B won, and the second call is C's."""
    for number in (1, 2):
        ledger.submit(call(number, number))
    for match, calls in (("silent", ("c1", "c2")), ("whole", ("c1", "c2", "c9"))):
        ledger.submit(
            Vote(
                vote_id=match, match_id=match, at=NOON, user_id=None, winner="B", panes=("x", "y", "z"), call_ids=calls
            )
        )
    ledger.settle()
    card = Scorecards(Reader(ledger)).of("prompt", "p").set_index("version")
    assert card["votes"].to_dict() == {1: 1, 2: 1}
    assert card["wins"].to_dict() == {1: 0, 2: 1}


def test_nothing_is_known_of_what_was_never_called(ledger: Ledger) -> None:
    assert Scorecards(Reader(ledger)).of("assistant", "nobody").empty
    assert Scorecards(Reader(ledger)).thumbs([]) == {}


def test_the_interval_is_wilsons() -> None:
    assert wilson(0, 0) == (None, None)
    assert wilson(8, 10) == (pytest.approx(0.4902, abs=1e-3), pytest.approx(0.9433, abs=1e-3))
