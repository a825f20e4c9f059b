"""A file system with no room at all, for DuckDB's files as for the journal: nothing is lost, and nobody restarts."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import LedgerError
from core.ledger.facts import CallEnded
from core.ledger.files import Files
from core.ledger.health import Health
from core.ledger.ledger import Ledger
from tests.core.ledger.conftest import make_call, said

ROOT = Path(__file__).parents[3]
MOUNT = "mount -t tmpfs -o size=32m none"


class Hopeful(Files):
    """Says that there is room when there is none, as there was a moment ago."""

    def free_bytes(self, path: Path) -> int:
        return 10**12

    def nearly_full(self, path: Path) -> bool:
        return False


def live(folder: Path, left: int) -> None:
    """Run in a small file system of its own: fill it up to `left` bytes, go on logging, make room, compare."""
    ledger = Ledger.open(folder / "data", files=Hopeful())
    answers: dict[str, str] = {}

    def log(calls: int) -> list[bool]:
        kept = []
        for _ in range(calls):
            fact = CallEnded(make_call(), said("asked", answer=os.urandom(2000).hex()))
            failure = ledger.submit(fact).exception(20)
            assert failure is None or isinstance(failure, OSError)
            answers[fact.call.call_id] = str((fact.payload.response or {})["text"])
            kept.append(failure is None)
        return kept

    def until(condition: Callable[[Health], bool]) -> None:
        deadline = time.monotonic() + 30
        while not condition(ledger.health()):
            assert time.monotonic() < deadline, ledger.health()
            time.sleep(0.05)

    assert all(log(200))
    ledger.settle(20)
    ballast = folder / "ballast"
    descriptor = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    while (free := os.statvfs(folder).f_bavail * 4096) > left:
        os.write(descriptor, bytes(min(2**20, free - left)))
    os.close(descriptor)
    assert not all(log(300))
    assert ledger.health().state == "degraded"
    assert any("kept in memory" in message for message in ledger.health().messages)
    for chore in (ledger.backup, ledger.checkpoint, ledger.rebuild_rollups, ledger.roll):
        with suppress(LedgerError):  # never DuckDB's own; the checkpoint is what invalidates its file
            chore()
    until(lambda health: health.rows is not None)
    log(20)
    ballast.unlink()
    until(lambda health: health.state == "ok" and health.rows == len(answers))
    assert all(log(50))
    ledger.settle(20)
    assert ledger.verify().ok
    assert ledger.backup()
    for call_id, answer in answers.items():
        payload = ledger.payload(call_id)
        assert payload is not None
        assert payload.response == {"text": answer}
    assert (ledger.health().lost, ledger.health().messages) == (0, ())
    ledger.close()
    print("all is well")


def _may_mount(folder: Path) -> bool:
    done = subprocess.run(["unshare", "-rm", "sh", "-c", f"{MOUNT} '{folder}'"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("left", [0, 100_000])
def test_a_full_file_system_is_lived_through(tmp_path: Path, left: int):
    if not _may_mount(tmp_path):
        pytest.skip("file systems may not be mounted here")
    code = (
        f"from pathlib import Path; from tests.core.ledger.test_full_disk import live; live(Path('{tmp_path}'), {left})"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'{MOUNT} "$0" && exec "$1" -c "$2"', str(tmp_path), sys.executable, code],
        capture_output=True, text=True, timeout=120, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.stdout.endswith("all is well\n"), done.stderr


class NearlyFull(Files):
    nearly = False

    def nearly_full(self, path: Path) -> bool:
        return self.nearly


def test_the_last_of_the_room_is_left_to_others(tmp_path: Path, ended):
    files = NearlyFull()
    ledger = Ledger.open(tmp_path, files=files)
    ledger.submit(ended("before")).result(5)
    files.nearly = True
    failure = ledger.submit(ended("kept in memory")).exception(5)
    assert isinstance(failure, OSError)
    assert "nearly full" in ledger.trouble()[1][0]
    assert "128 MB at most" in ledger.trouble()[1][0]
    files.nearly = False
    ledger.submit(ended("after")).result(5)
    ledger.settle()
    assert ledger.trouble() == ("ok", ())
    assert ledger.rows("select count(*) from calls") == [(3,)]
    assert len(list((tmp_path / "journal").iterdir())) == 1  # nothing was torn, so the segment goes on
    ledger.close()
