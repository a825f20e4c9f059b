"""Backups, retention and space: what was kept can be made again, what was removed stays removed."""

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import InvalidError
from core.ledger.files import Files
from core.ledger.ledger import Ledger
from core.ledger.recovery import Recovery


def rows(ledger: Ledger) -> dict[str, list[tuple]]:
    tables = ("calls", "payloads", "votes", "feedback", "audit", "removals")
    found = {table: ledger.rows(f"select * from {table} order by all") for table in tables}
    for view, key in (("calls_hourly", "served_model"), ("users_hourly", "user_id"), ("tags_hourly", "tag")):
        found[view] = ledger.rows(
            f"select hour, origin, {key}, sum(calls), sum(cost_total) from {view} group by all order by all"
        )
    found["histogram"] = ledger.rows(
        "select metric, bucket, sum(calls) from histogram_hourly group by all order by all"
    )
    return found


def test_full_and_more_and_journal_make_the_same_log_again(tmp_path: Path, ended):
    ledger = Ledger.open(tmp_path)
    ledger.load_sample(800, days=40)
    ledger.submit(ended("first")).result(5)
    ledger.settle()
    assert ledger.backup()
    assert not ledger.backup()
    ledger.roll()
    ledger.submit(ended("second")).result(5)
    ledger.remove("sample")
    ledger.load_sample(300, days=5, seed=2)
    assert ledger.backup()
    ledger.submit(ended("third")).result(5)
    ledger.retain("calls", days=2, origin="sample")
    ledger.submit(ended("fourth")).result(5)
    ledger.settle()
    expected = rows(ledger)
    assert ledger.verify().ok
    ledger.close()

    recovery = Recovery(tmp_path, Files())
    recovery.restore()
    again = Ledger.open(tmp_path)
    again.settle()
    assert rows(again) == expected
    assert again.rebuild_rollups().equal
    assert again.verify().ok
    again.close()


def test_an_hour_counts_across_restarts(tmp_path: Path, ended):
    ledger = Ledger.open(tmp_path)
    assert 0 < ledger._upkeep.backup_in_s() <= 300  # there is none as yet; the start is left alone for a while
    ledger.submit(ended("one")).result(5)
    ledger.settle()
    assert ledger.backup()
    ledger.close()
    again = Ledger.open(tmp_path)
    assert 3000 < again._upkeep.backup_in_s() <= 3600
    again.close()


def test_a_backup_that_rotted_is_passed_over_and_told(tmp_path: Path, ended):
    ledger = Ledger.open(tmp_path)
    ledger.submit(ended("one")).result(5)
    ledger.settle()
    ledger.backup()
    newest = next((tmp_path / "backups").glob("*/calls.parquet"))
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 255
    newest.write_bytes(data)
    verification = ledger.verify()
    assert not verification.ok
    assert "calls.parquet has changed" in verification.faults[0]
    ledger.close()


def test_old_backups_and_journal_segments_go_when_newer_ones_are_verified(tmp_path: Path, ended):
    ledger = Ledger.open(tmp_path)
    for number in range(5):
        ledger.submit(ended(f"{number}")).result(5)
        ledger.settle()
        ledger.backup(full=True)
    assert len(list((tmp_path / "backups").iterdir())) == 2
    ledger.close()


def test_space_is_given_back_when_the_sample_leaves(tmp_path: Path, ended):
    ledger = Ledger.open(tmp_path)
    ledger.submit(ended("one")).result(5)
    ledger.settle()
    ledger.load_sample(20_000)
    ledger.roll()
    ledger.checkpoint()
    large = (tmp_path / "ledger.duckdb").stat().st_size
    ledger.submit(ended("two")).result(5)
    ledger.remove("sample")
    ledger.checkpoint()
    assert (tmp_path / "ledger.duckdb").stat().st_size < large / 2
    ledger.submit(ended("three")).result(5)
    ledger.settle()
    assert ledger.rows("select count(*), sum(seq > 0)::bigint from calls") == [(3, 3)]
    assert ledger.verify().ok
    ledger.close()
    again = Ledger.open(tmp_path)
    assert again.rows("select count(*) from calls") == [(3,)]
    assert again.health().messages == ()
    again.close()


def test_space_is_given_back_when_old_rows_leave(tmp_path: Path):
    ledger = Ledger.open(tmp_path)
    ledger.load_sample(40_000, days=60)
    ledger.roll()
    ledger.checkpoint()
    large = (tmp_path / "ledger.duckdb").stat().st_size
    ledger.retain("calls", days=5, origin="sample")
    assert (tmp_path / "ledger.duckdb").stat().st_size < large * 0.7  # the sums of what left stay
    assert 0 < ledger.rows("select count(*) from calls")[0][0] < 10_000
    assert ledger.verify().ok
    ledger.close()


def test_retention_by_table_origin_and_day(ledger, ended):
    now = datetime.now(UTC).replace(tzinfo=None)
    for days in (0, 5, 20):
        for origin in ("live", "import"):
            ledger.submit(ended(f"said {days}", started_at=now - timedelta(days=days), origin=origin)).result(5)
    ledger.retain("payloads", days=3, origin="live")
    ledger.retain("calls", days=10, origin="import")
    counts = "select origin, count(*) from {} group by origin order by origin"
    assert ledger.rows(counts.format("calls")) == [("import", 2), ("live", 3)]
    assert ledger.rows("select origin, count(distinct seq) from payloads group by origin order by origin") == [
        ("import", 3), ("live", 1),
    ]  # fmt: skip
    with pytest.raises(InvalidError):
        ledger.retain("prices", days=3)


def test_retention_runs_by_itself(tmp_path: Path, ended):
    now = datetime.now(UTC).replace(tzinfo=None)
    facts = [
        ended(f"{origin} {days}", started_at=now - timedelta(days=days), origin=origin)
        for days in (0, 20)
        for origin in ("live", "import", "sample")
    ]
    ledger = Ledger.open(tmp_path)
    for fact in facts:
        ledger.submit(fact).result(5)
    ledger.close()
    kept = {fact.call.call_id for fact in facts if fact.call.started_at == now or fact.call.origin == "sample"}
    ledger = Ledger.open(tmp_path, retention_days=10)
    for _ in range(400):
        if ledger.rows("select count(*) from removals") == [(4,)]:  # calls and payloads, live and import
            break
        time.sleep(0.05)
    assert {row[0] for row in ledger.rows("select call_id from calls")} == kept
    assert ledger.rows("select sum(calls) from calls_hourly") == [(6,)]
    assert ledger.payload(facts[3].call.call_id) is None
    assert ledger.health().messages == ()
    ledger.close()


def test_a_restore_without_any_backup_replays_the_journal(tmp_path: Path, ended):
    ledger = Ledger.open(tmp_path)
    for number in range(10):
        ledger.submit(ended(f"{number}")).result(5)
    ledger.close()
    shutil.rmtree(tmp_path / "backups")
    Recovery(tmp_path, Files()).restore()
    again = Ledger.open(tmp_path)
    again.settle()
    assert again.rows("select count(*) from calls") == [(10,)]
    again.close()
