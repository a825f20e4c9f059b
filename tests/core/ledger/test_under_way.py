"""Calls under way: a kill at any moment leaves a trace of each, and none is told twice."""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.entries import Entry, Piece, digest
from core.ledger.facts import CallEnded, CallStarted
from core.ledger.files import Files
from core.ledger.ledger import Ledger
from core.ledger.lines import Kind
from core.ledger.under_way import HALF_BYTES, UnderWay
from tests.core.ledger.conftest import make_call, said
from tests.core.ledger.faults import FaultyFiles

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys, time
from pathlib import Path
from core.ledger.facts import CallEnded, CallStarted
from core.ledger.ledger import Ledger
from tests.core.ledger.conftest import make_call, said

ledger = Ledger.open(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    ledger.submit(CallEnded(make_call(), said("before", answer="yes"))).result()
time.sleep(0.01)  # the log's threads rest again
sys.setswitchinterval(1000)  # and get no turn between the start and the kill
for name in ("last", "very last"):
    ledger.submit(CallStarted(make_call(call_id=name, ended_at=None), said("what was asked")))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("before", [0, 3])
def test_a_call_that_began_in_the_last_instant_before_a_kill_is_there_with_its_question(before: int, tmp_path: Path):
    folder = tmp_path / "data"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(before)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    for _ in range(2):
        ledger = Ledger.open(folder)
        try:
            ledger.settle()
            rows = ledger.rows("select call_id from calls where status = 'interrupted' order by call_id")
            assert rows == [("last",), ("very last",)]
            assert ledger.rows("select count(*) from calls") == [(before + 2,)]
            payload = ledger.payload("last")
            assert payload is not None
            assert payload.request[0]["content"][0]["text"] == "what was asked"
        finally:
            ledger.close()


def submit_and_copy(ledger: Ledger, files: FaultyFiles, fact: CallStarted, kept: Path) -> None:
    """The file of calls under way as it is before the journal has the start."""
    copied = threading.Event()
    files.watch = lambda step: copied.wait(20) if step == "write" else None
    ledger.submit(fact)
    shutil.copy(ledger.health().path.parent / "under-way", kept)
    assert fact.call.call_id.encode() in kept.read_bytes()
    files.watch = None
    copied.set()


def test_what_is_left_of_a_call_that_has_its_row_makes_no_second_one(tmp_path: Path):
    folder = tmp_path / "data"
    call = make_call()
    files = FaultyFiles()
    ledger = Ledger.open(folder, files=files)
    ledger.submit(CallEnded(make_call(), said("one", answer="yes"))).result(20)
    submit_and_copy(ledger, files, CallStarted(call, said("two")), tmp_path / "kept")
    ledger.submit(CallEnded(call, said("two", answer="yes"))).result(20)
    ledger.close()
    for _ in range(2):
        shutil.copy(tmp_path / "kept", folder / "under-way")
        ledger = Ledger.open(folder)
        ledger.settle()
        assert ledger.rows("select count(*), count(*) filter (status = 'ok') from calls") == [(2, 2)]
        ledger.submit(CallEnded(make_call(origin="import"), said("three", answer="yes"))).result(20)
        ledger.remove("import")
        ledger.close()


def test_a_removed_call_does_not_come_back_with_a_page_from_before_a_power_cut(tmp_path: Path):
    folder = tmp_path / "data"
    call = make_call(origin="import")
    files = FaultyFiles()
    ledger = Ledger.open(folder, files=files)
    ledger.submit(CallEnded(make_call(), said("one", answer="yes"))).result(20)
    submit_and_copy(ledger, files, CallStarted(call, said("two")), tmp_path / "kept")
    ledger.submit(CallEnded(call, said("two", answer="yes"))).result(20)
    assert ledger.remove("import") == 1
    ledger.close()
    shutil.copy(tmp_path / "kept", folder / "under-way")
    ledger = Ledger.open(folder)
    ledger.settle()
    assert ledger.rows("select count(*) from calls") == [(1,)]
    ledger.close()


def test_what_is_kept_while_the_disk_begins_to_fail_is_wiped_once_it_is_written(tmp_path: Path):
    files = FaultyFiles()
    ledger = Ledger.open(tmp_path / "data", files=files)
    ledger.submit(CallEnded(make_call(), said("before", answer="yes"))).result(20)
    writing, failing = threading.Event(), threading.Event()

    def watch(step: str) -> None:
        if step == "write" and not writing.is_set():
            writing.set()
            failing.wait(20)

    files.watch = watch
    one, two = make_call(), make_call()
    ledger.submit(CallStarted(one, said("first")))
    assert writing.wait(20)
    ledger.submit(CallStarted(two, said("second")))  # kept, since nobody knows yet that the disk fails
    files.room = 0
    failing.set()
    for call in (one, two):
        assert ledger.submit(CallEnded(call, said("asked", answer="yes"))).exception(20) is not None
    files.room = None
    ledger.submit(CallEnded(make_call(), said("after", answer="yes"))).result(20)
    ledger.close()
    assert not any((tmp_path / "data" / "under-way").read_bytes())
    ledger = Ledger.open(tmp_path / "data")
    ledger.settle()
    assert ledger.rows("select status, count(*) from calls group by all") == [("ok", 4)]
    ledger.close()


def test_words_behind_a_line_that_cannot_be_read_are_wiped(tmp_path: Path):
    path = tmp_path / "under-way"
    under_way = UnderWay.open(path, Files())
    under_way.keep(start("one", "a secret"))
    under_way.keep(start("two", "a secret"))
    under_way.close()
    path.write_bytes(b"\0" * 20 + path.read_bytes()[20:])
    assert UnderWay.open(path, Files()).left == ()
    assert not any(path.read_bytes())


def test_a_copy_with_holes_has_all_of_its_room_once_it_is_opened(tmp_path: Path):
    path = tmp_path / "under-way"
    with path.open("wb") as file:
        file.truncate(2 * HALF_BYTES)
    UnderWay.open(path, Files()).close()
    assert path.stat().st_blocks * 512 >= 2 * HALF_BYTES


def test_when_the_room_gets_short_the_words_of_more_calls_are_left_out_before_the_calls(tmp_path: Path):
    under_way = UnderWay.open(tmp_path / "under-way", Files())
    whole = [under_way.keep(start(f"call-{number:03}", "x" * 4000)) for number in range(200)]
    assert whole == sorted(whole, reverse=True)
    left = UnderWay.open(tmp_path / "under-way", Files()).left
    assert [entry.id for entry in left] == [f"call-{number:03}" for number in range(200)]
    assert [bool(entry.messages) for entry in left] == whole


INTERRUPTED = """
import signal, sys, threading, time
from pathlib import Path
from core.ledger.ledger import Ledger
from tests.core.ledger.faults import FaultyFiles

files = FaultyFiles()
files.watch = lambda step: time.sleep(2) if step == "sync" else None
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 1)
try:
    Ledger.open(Path(sys.argv[1]), files=files)
except KeyboardInterrupt:
    print(sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("ledger")))
"""


def test_ctrl_c_while_a_log_is_being_opened_leaves_nothing_running(tmp_path: Path, started: Callable[..., CallStarted]):
    ledger = Ledger.open(tmp_path / "data")
    ledger.submit(started("hello")).result(20)
    ledger.close()
    told = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.strip() == "[]", told.stderr
    Ledger.open(tmp_path / "data").close()


def test_nobody_s_words_stay_behind(tmp_path: Path, started: Callable[..., CallStarted]):
    ledger = Ledger.open(tmp_path / "data")
    fact = started("a secret question")
    ledger.submit(fact).result(20)
    ledger.submit(CallEnded(fact.call, said("a secret question", answer="yes"))).result(20)
    ledger.close()
    assert not any((tmp_path / "data" / "under-way").read_bytes())


def test_a_long_question_is_left_to_the_journal_and_its_call_is_kept_all_the_same(tmp_path: Path):
    under_way = UnderWay.open(tmp_path / "under-way", Files())
    assert not under_way.keep(start("long", "x" * 20_000))
    assert [(entry.id, entry.messages) for entry in UnderWay.open(tmp_path / "under-way", Files()).left] == [
        ("long", ())
    ]


def test_where_nothing_can_be_mapped_each_start_is_written_at_once(tmp_path: Path, started: Callable[..., CallStarted]):
    (tmp_path / "data" / "under-way").mkdir(parents=True)
    ledger = Ledger.open(tmp_path / "data")
    ledger.submit(started("hello")).result(20)
    ledger.close()
    assert any((tmp_path / "data" / "journal").iterdir())


def start(name: str, text: str) -> Entry:
    body = b'{"text":"%s"}' % text.encode()
    head = b'{"call_id":"%s","origin":"live"}' % name.encode()
    return Entry(Kind.STARTED, name, head, messages=(Piece(digest(body), body),))


@given(
    steps=st.lists(st.one_of(st.integers(1, 16_000), st.sampled_from(["turn", "wipe"])), max_size=60),
    cut=st.one_of(st.none(), st.integers(0, 2 * HALF_BYTES - 1)),
)
def test_what_is_left_is_what_was_kept_and_not_yet_on_disk(steps: list[int | str], cut: int | None):
    memory = bytearray(2 * HALF_BYTES)
    under_way = UnderWay(memory)  # type: ignore[arg-type]
    kept: list[str] = []
    turned: list[str] = []
    for number, step in enumerate(steps):
        if step == "turn":
            under_way.turn()
            if not turned:
                turned, kept = kept, []
        elif step == "wipe":
            under_way.wipe()
            turned = []
        elif under_way.keep(start(f"call-{number}", "x" * int(step))):
            kept.append(f"call-{number}")
    found = [entry.id for entry in UnderWay(memory).left]  # type: ignore[arg-type]
    assert sorted(found) == sorted(turned + kept)
    if cut is not None:  # whatever a power cut makes of it, nothing is invented
        memory[cut] ^= 0xFF
        assert {entry.id for entry in UnderWay(memory).left} <= set(found)  # type: ignore[arg-type]
