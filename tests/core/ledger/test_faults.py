"""Every file operation fails in turn: never a wrong row, never a silent loss, never a hang."""

import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from core.errors import LedgerError, LedgerFull, PlatformError
from core.ledger.ledger import Ledger
from tests.core.ledger.faults import FaultyFiles


def patience(files: FaultyFiles) -> float:
    """There is nothing to wait for once everything fails for good."""
    hopeless = files.lasting and files.fail_at is not None and len(files.done) >= files.fail_at
    return 0.0 if hopeless else 0.5


def live_through(folder: Path, ended, files: FaultyFiles) -> dict[str, str]:
    """Start, write, back up, stop, with whatever fails on the way. Returns what was acknowledged: id -> answer."""
    acknowledged: dict[str, str] = {}
    try:
        ledger = Ledger.open(folder, files=files)
    except (OSError, LedgerError):
        return acknowledged
    try:
        for number in range(4):
            fact = ended("history", f"question {number}", answer=f"answer {number}")
            try:
                ledger.submit(fact).result(10)
            except OSError:
                continue
            acknowledged[fact.call.call_id] = f"answer {number}"
            if number == 1:
                try:
                    ledger.settle(patience(files))
                    ledger.backup()
                except (OSError, PlatformError):
                    pass
        ledger.settle(patience(files))
    finally:
        ledger.close()
    return acknowledged


def check(folder: Path, acknowledged: dict[str, str]) -> None:
    ledger = Ledger.open(folder)
    ledger.settle()
    rows = [row[0] for row in ledger.rows("select call_id from calls")]
    assert len(rows) == len(set(rows))
    assert set(acknowledged) <= set(rows)
    for call_id, answer in acknowledged.items():
        payload = ledger.payload(call_id)
        assert payload is not None
        assert payload.response == {"text": answer}
        assert payload.request[0]["content"][0]["text"] == "history"
    assert ledger.health().lost == 0
    ledger.close()


@pytest.mark.parametrize(("lasting", "short"), [(False, False), (True, True)])
def test_each_operation_may_fail(tmp_path: Path, ended, lasting, short):
    """`lasting`: from then on everything fails. `short`: each write takes a third of what it was given."""
    counting = FaultyFiles(short=short)
    everything = live_through(tmp_path / "count", ended, counting)
    assert len(everything) == 4
    check(tmp_path / "count", everything)
    total = len(counting.done)
    assert {"create", "write", "sync", "sync_folder", "rename"} <= set(counting.done)
    for number in range(1, total + 1, 3 if lasting else 1):
        folder = tmp_path / f"{number}"
        check(folder, live_through(folder, ended, FaultyFiles(number, lasting=lasting, short=short)))


def test_short_writes_are_written_on(tmp_path: Path, ended):
    acknowledged = live_through(tmp_path, ended, FaultyFiles(short=True))
    assert len(acknowledged) == 4
    check(tmp_path, acknowledged)


def test_a_full_disk_keeps_calls_in_memory_then_refuses_then_recovers(tmp_path: Path, ended, started):
    files = FaultyFiles()
    ledger = Ledger.open(tmp_path, files=files, memory=400_000)
    before = ended("before")
    ledger.submit(before).result(5)
    ledger.settle()
    files.room = 1500  # the next batch is torn in the middle
    kept: list[str] = []
    refused = 0
    while not refused:
        fact = started("x" * 20_000)
        try:
            future: Future[int] = ledger.submit(fact)
        except LedgerFull:
            refused += 1
            continue
        assert isinstance(future.exception(5), OSError)
        kept.append(fact.call.call_id)
    health = ledger.health()
    assert health.state == "refusing"
    assert health.in_memory == len(kept) >= 10
    assert "kept in memory" in health.messages[0]
    assert health.rows == 1  # reading goes on
    end_of_a_running_call = ended("its end", call_id=kept[0])
    assert isinstance(ledger.submit(end_of_a_running_call).exception(5), OSError)

    files.room = None
    after = ended("after")
    wait_until_ok(ledger)
    assert ledger.submit(after).result(5) > 0
    ledger.settle()
    health = ledger.health()
    assert (health.state, health.in_memory, health.lost, health.messages) == ("ok", 0, 0, ())
    found = {row[0] for row in ledger.rows("select call_id from calls")}
    assert found == {before.call.call_id, kept[0], after.call.call_id}
    ledger.close()
    again = Ledger.open(tmp_path)
    again.settle()
    statuses = dict(again.rows("select call_id, status from calls"))
    assert {call_id for call_id, status in statuses.items() if status == "interrupted"} == set(kept[1:])
    again.close()


def wait_until_ok(ledger: Ledger) -> None:
    """Wait until the journal has been written again, as its own retries will do."""
    for _ in range(200):
        if ledger.health().state == "ok":
            return
        time.sleep(0.05)
    raise AssertionError("the journal was not written again")
