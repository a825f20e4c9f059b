"""One ledger of generated calls for all analytics tests of the session, and the same calls as plain values."""

import fcntl
import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    own = tmp_path_factory.getbasetemp()
    kept = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "kept"  # shared by the workers of this run
    with (kept.parent / "kept.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            make(tmp_path_factory.mktemp("making")).rename(kept)
    rows, feedback = pickle.loads((kept / "facts.pickle").read_bytes())
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(kept / "ledger", folder, dirs_exist_ok=True)
    ledger = Ledger.open(folder)
    yield Made(rows, feedback, ledger, Analytics(ledger))
    ledger.close()


def make(folder: Path) -> Path:
    ledger = Ledger.open(folder / "ledger")
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
    ledger.close()
    (folder / "facts.pickle").write_bytes(pickle.dumps((rows, feedback)))
    return folder
