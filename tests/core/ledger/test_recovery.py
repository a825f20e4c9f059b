"""Starting after damage: torn files, lost files, files of other makes."""

import os
import random
import shutil
from pathlib import Path

import pytest

from core.errors import LedgerDamaged
from core.ledger.ledger import Ledger


def fill(folder: Path, ended, count: int, *, backup: bool = False, checkpoint: bool = False) -> list[str]:
    ledger = Ledger.open(folder)
    facts = [ended(f"question {n}", answer=f"answer {n}") for n in range(count)]
    for fact in facts:
        ledger.submit(fact).result(10)
    ledger.settle()
    if backup:
        assert ledger.backup()
    if checkpoint:
        assert ledger.checkpoint()
    # copy what a crash would leave: the files as they are, without a closing checkpoint
    crashed = folder.with_name(folder.name + "-crashed")
    shutil.copytree(folder, crashed)
    ledger.close()
    return [fact.call.call_id for fact in facts]


def ids(ledger: Ledger) -> list[str]:
    return [row[0] for row in ledger.rows("select call_id from calls order by seq")]


@pytest.mark.parametrize("cut", [1, 7, 300, 5000])
def test_a_torn_write_ahead_file_is_cut_and_replayed(tmp_path: Path, ended, cut):
    expected = fill(tmp_path / "a", ended, 60)
    folder = tmp_path / "a-crashed"
    wal = folder / "ledger.duckdb.wal"
    os.truncate(wal, max(1, wal.stat().st_size - cut))
    ledger = Ledger.open(folder)
    ledger.settle()
    assert ids(ledger) == expected
    ledger.close()


def test_any_byte_of_the_write_ahead_file_may_be_wrong(tmp_path: Path, ended):
    expected = fill(tmp_path / "a", ended, 40)
    pick = random.Random(5)
    size = (tmp_path / "a-crashed" / "ledger.duckdb.wal").stat().st_size
    for number in range(12):
        folder = tmp_path / f"b{number}"
        shutil.copytree(tmp_path / "a-crashed", folder)
        with (folder / "ledger.duckdb.wal").open("r+b") as stream:
            stream.seek(pick.randrange(size))
            stream.write(bytes([pick.randrange(256)] * pick.choice([1, 64])))
        ledger = Ledger.open(folder)
        ledger.settle()
        assert ids(ledger) == expected
        ledger.close()


def test_an_unreadable_file_is_made_again_from_backup_and_journal(tmp_path: Path, ended):
    expected = fill(tmp_path / "a", ended, 30, backup=True, checkpoint=True)
    ledger = Ledger.open(tmp_path / "a")
    more = ended("later", answer="yes")
    ledger.submit(more).result(5)
    ledger.close()
    for position in (0, 12288):
        folder = tmp_path / f"c{position}"
        shutil.copytree(tmp_path / "a", folder)
        with (folder / "ledger.duckdb").open("r+b") as stream:
            stream.seek(position)
            stream.write(os.urandom(8192))
        ledger = Ledger.open(folder)
        ledger.settle()
        assert ids(ledger) == [*expected, more.call.call_id]
        assert "made again from the backup" in " ".join(ledger.health().messages)
        found = ledger.payload(expected[0])
        assert found is not None
        assert found.response == {"text": "answer 0"}
        assert any((folder / "damaged").iterdir())
        ledger.close()


def test_a_file_that_vanished_is_made_again(tmp_path: Path, ended):
    expected = fill(tmp_path / "a", ended, 10, backup=True)
    for name in ("ledger.duckdb", "ledger.duckdb.wal"):
        (tmp_path / "a-crashed" / name).unlink(missing_ok=True)
    ledger = Ledger.open(tmp_path / "a-crashed")
    ledger.settle()
    assert ids(ledger) == expected
    ledger.close()


def test_a_torn_last_line_of_the_journal_was_never_acknowledged(tmp_path: Path, ended):
    expected = fill(tmp_path / "a", ended, 10)
    folder = tmp_path / "a-crashed"
    segment = next((folder / "journal").iterdir())
    whole = segment.read_bytes()
    for name in ("ledger.duckdb", "ledger.duckdb.wal"):
        (folder / name).unlink(missing_ok=True)
    last = whole.rindex(b"\n", 0, -1) + 1
    for length in range(last, len(whole), 97):
        segment.write_bytes(whole[:length])
        ledger = Ledger.open(folder)
        ledger.settle()
        assert ids(ledger) == expected[:-1]
        assert ledger.submit(ended("next")).result(5) == 10
        ledger.close()
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "a", folder)
        for name in ("ledger.duckdb", "ledger.duckdb.wal"):
            (folder / name).unlink(missing_ok=True)


def test_an_acknowledged_line_that_rotted_is_told_and_the_rest_is_kept(tmp_path: Path, ended):
    expected = fill(tmp_path / "a", ended, 30)
    folder = tmp_path / "a-crashed"
    segment = next((folder / "journal").iterdir())
    data = bytearray(segment.read_bytes())
    data[data.index(expected[4].encode())] ^= 1
    segment.write_bytes(data)
    for name in ("ledger.duckdb", "ledger.duckdb.wal"):
        (folder / name).unlink(missing_ok=True)
    ledger = Ledger.open(folder)
    ledger.settle()
    assert ids(ledger) == [*expected[:4], *expected[5:]]
    health = ledger.health()
    assert health.lost == 1
    assert "1 records are missing" in " ".join(health.messages)
    ledger.close()


def test_a_file_that_is_no_log_and_has_nothing_to_replace_it_starts_empty_and_says_so(tmp_path: Path):
    (tmp_path / "ledger.duckdb").write_bytes(b"not a database" * 1000)
    ledger = Ledger.open(tmp_path)
    assert "there being no backup" in " ".join(ledger.health().messages)
    ledger.close()


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path):
    (tmp_path / "ledger.duckdb").mkdir()
    with pytest.raises(LedgerDamaged, match="cannot be opened"):
        Ledger.open(tmp_path)


def test_a_removed_segment_that_a_power_cut_brings_back_hides_no_backup(tmp_path: Path, ended):
    """Three lives, so three segments; two are backed up and removed, and the first of them is there again."""
    folder = tmp_path / "log"
    kept: list[str] = []
    for life in range(3):
        ledger = Ledger.open(folder)
        facts = [ended(f"question {life} {n}") for n in range(5)]
        for fact in facts:
            ledger.submit(fact).result(10)
        kept += [fact.call.call_id for fact in facts]
        if life == 0:
            (first,) = (folder / "journal").iterdir()
            brought_back = first.read_bytes()
        ledger.settle()
        if life == 2:
            assert ledger.backup()
        ledger.close()
    assert len(list((folder / "journal").iterdir())) == 1
    first.write_bytes(brought_back)
    (folder / "ledger.duckdb").unlink()
    again = Ledger.open(folder)
    again.settle()
    assert ids(again) == kept
    assert again.health().lost == 0
    again.close()
