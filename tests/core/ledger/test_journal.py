"""Segments under failing disks and pruning: every line that counts is read, in order, by whoever comes for it."""

import threading
from pathlib import Path

import pytest

from core.ledger.entries import entry_of
from core.ledger.files import Files
from core.ledger.journal import Journal
from core.ledger.ledger import Ledger
from core.ledger.lines import encode
from core.ledger.under_way import UnderWay
from core.ledger.writer import Writer
from tests.core.ledger.faults import FaultyFiles


def lines(*numbers: int) -> bytes:
    return b"".join(encode(number, 1, number - 1, "A", "a", b"{}") for number in numbers)


def numbers(journal: Journal) -> list[int]:
    return [line.seq for line in journal.walk()]


class Undeletable(FaultyFiles):
    """A disk that takes half a batch, and then lets nothing be removed or cut."""

    refusing = False

    def step(self, name: str) -> None:
        super().step(name)
        if self.refusing and name in ("remove", "truncate", "sync"):
            raise OSError(5, "Input/output error")


def test_a_later_try_at_the_same_number_is_read_after_the_earlier_one(tmp_path: Path):
    files = Undeletable()
    journal = Journal(tmp_path, files)
    journal.append(lines(1, 2), 1)
    files.refusing = True
    for _ in range(3):
        try:
            journal.append(lines(3, 4), 3)
        except OSError:
            continue
    files.refusing = False
    journal.append(lines(3, 4, 5), 3)
    journal.append(lines(6), 6)
    assert numbers(journal) == [1, 2, 3, 4, 5, 6]
    journal.close()
    assert len(list(tmp_path.iterdir())) >= 3
    again = Journal(tmp_path, FaultyFiles())
    assert numbers(again) == [1, 2, 3, 4, 5, 6]
    again.append(lines(7), 7)
    again.close()
    assert numbers(Journal(tmp_path, FaultyFiles())) == [1, 2, 3, 4, 5, 6, 7]


def test_who_reads_a_segment_that_was_pruned_goes_on_with_the_oldest_left(tmp_path: Path):
    journal = Journal(tmp_path, FaultyFiles(), segment_bytes=1)
    for number in range(1, 6):
        journal.append(lines(number), number)
    place = journal.place(1)
    assert journal.prune(4) == 3
    found = []
    while place is not None:
        read, place = journal.read(place)
        found += [line.seq for line in read]
    assert found == [4, 5]


def test_a_pruned_segment_that_the_loader_stood_in_stops_nobody(tmp_path: Path, ended):
    """A removal is the last line of a segment; the segment is given up, backed up and pruned; then comes a call."""
    files = FaultyFiles()
    ledger = Ledger.open(tmp_path, files=files)
    ledger.submit(ended("first")).result(5)
    ledger.settle()
    ledger.remove("import")
    files.room = 0
    done: list[bool] = []

    def prune(name: str) -> None:
        if name == "write" and len(ledger._journal.parts) == 2 and not done:
            files.watch, files.room = None, None
            done.append(ledger.backup())
            files.room = 0

    files.watch = prune
    later = ended("later")
    assert ledger.submit(later).exception(5) is not None
    while not done:
        ledger.submit(ended("again")).exception(5)
    assert done == [True]
    files.room = None
    last = ended("last")
    ledger.submit(last).result(5)
    ledger.settle(5)
    assert ledger.rows("select 1 from calls where call_id = ?", [last.call.call_id]) == [(1,)]
    assert ledger.health().state == "ok"
    ledger.close()


def test_a_torn_batch_ends_the_journal_so_that_no_row_lacks_words_that_went_with_it(tmp_path: Path, ended):
    files = FaultyFiles()
    gate = threading.Event()
    ledger = Ledger.open(tmp_path, files=files)
    files.watch = lambda name: gate.wait(20) and None if name == "sync" else None
    facts = [ended(f"question {number}") for number in range(2)]
    facts += [ended("history", f"question {number}") for number in range(2, 6)]
    waiting = [ledger.submit(fact) for fact in facts]
    gate.set()
    assert [future.result(5) for future in waiting] == [1, 2, 3, 4, 5, 6]
    ledger.close()
    segment = next((tmp_path / "journal").iterdir())
    raw = segment.read_bytes().splitlines(keepends=True)
    batch = [line for line in raw if line.split()[3] == raw[-1].split()[3]]
    assert len(batch) > 2
    torn = int(batch[1].split()[1])
    segment.write_bytes(segment.read_bytes().replace(batch[1], b"\0" * len(batch[1])))

    def without_tables() -> Ledger:
        (tmp_path / "ledger.duckdb").unlink()
        return Ledger.open(tmp_path)

    again = without_tables()
    again.settle()
    assert again.rows("select max(seq) from calls") == [(torn - 1,)]
    assert again.health().lost == 0
    assert "never confirmed" in " ".join(again.health().messages)
    assert again.submit(ended("history", "later")).result(5) == torn
    again.close()
    once_more = without_tables()
    once_more.settle()
    assert once_more.rows("select max(seq), count(*) from calls") == [(torn, torn)]
    assert once_more.health().messages == ()
    once_more.close()


def test_the_start_of_a_call_is_written_at_once_and_wakes_no_loader(tmp_path: Path, started, ended):
    files = FaultyFiles()
    synced: list[int] = []
    writer = Writer(Journal(tmp_path, files), UnderWay(None), 0, synced.append, 10**6)
    writer.start()
    try:
        assert writer.submit(entry_of(ended("before"), "full")).result(5) == 1
        assert writer.submit(entry_of(started("long"), "full")).result(5) == 2  # nothing else is to come
        assert files.done.count("sync") == 2
        assert writer.submit(entry_of(ended("long"), "full")).result(5) == 3
    finally:
        writer.close()
    assert synced == [1, 3]  # a start is no row


def test_closing_writes_what_is_left(tmp_path: Path, started, ended):
    writer = Writer(Journal(tmp_path, FaultyFiles()), UnderWay(None), 0, lambda _: None, 10**6)
    writer.start()
    writer.submit(entry_of(ended("before"), "full")).result(5)
    last = writer.submit(entry_of(started("last"), "full"))
    writer.close()
    assert last.result(0) == 2
    assert numbers(Journal(tmp_path, FaultyFiles())) == [1, 2]


def write_through(folder: Path, files: FaultyFiles, make) -> dict[int, bytes]:
    """Facts one by one, with whatever fails on the way. Returns what was acknowledged: number -> the fact's JSON."""
    acknowledged: dict[int, bytes] = {}
    try:
        writer = Writer(Journal(folder, files), UnderWay(None), 0, lambda _: None, 10**6)
    except OSError:
        return acknowledged
    writer.start()
    for number in range(6):
        entry = entry_of(make("history", f"question {number}"), "full")
        future = writer.submit(entry)
        if future.exception(5) is None:
            acknowledged[future.result()] = entry.head
    writer.close()
    return acknowledged


@pytest.mark.parametrize("torn", [0, 150])
@pytest.mark.parametrize("lasting", [False, True])
def test_each_operation_may_fail_while_writes_come_out_short(tmp_path: Path, ended, lasting, torn):
    """`torn`: bytes of a line that was never finished, behind all others, when the journal is opened again."""
    counting = FaultyFiles(short=True)
    assert len(write_through(tmp_path / "count", counting, ended)) == 6
    for number in range(1, len(counting.done) + 1):
        folder = tmp_path / f"{number}"
        files = FaultyFiles(number, lasting=lasting, short=True)
        acknowledged = write_through(folder, files, ended)
        segments = sorted(folder.glob("*.log"))
        if segments and torn:
            with segments[-1].open("ab") as stream:
                stream.write(lines(99)[:1] * torn)
        again = Journal(folder, Files())
        found = [(line.seq, line.body.split(b"\t")[0]) for line in again.walk()]
        assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
        assert acknowledged.items() <= dict(found).items()
        assert lasting or len(found) == 6 or not files.done.count("create")
        following = len(found) + 1
        again.append(lines(following), following)
        assert numbers(again) == list(range(1, following + 1))
        again.close()
