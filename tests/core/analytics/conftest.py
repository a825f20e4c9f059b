"""One ledger of generated calls for all analytics tests of the session, and the same calls as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core.analytics.analytics import Analytics
from core.ledger.facts import Call, CallEnded, Feedback
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from tests.core.analytics.made import calls

NUMBER = 100_000


@dataclass(frozen=True)
class Made:
    calls: list[Call]
    feedback: list[Feedback]
    ledger: Ledger
    analytics: Analytics


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    ledger = Ledger.open(tmp_path_factory.mktemp("made"))
    rows = list(calls(NUMBER))
    feedback = [
        Feedback(
            feedback_id=uuid7(), turn_id=row.turn_id, at=row.started_at, user_id="ann", value=value, origin=row.origin
        )
        for number, row in enumerate(rows[::50])
        for value in ((1,), (-1,), (-1, 1), (1, 0))[number % 4]
    ]
    last = [ledger.submit(CallEnded(row)) for row in rows][-1]
    last = [ledger.submit(thumb) for thumb in feedback][-1]
    last.result(60)
    ledger.settle(120)
    yield Made(rows, feedback, ledger, Analytics(ledger))
    ledger.close()
