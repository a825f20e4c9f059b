"""Whatever happens to a ledger, in whatever order: what was acknowledged is there once, as it was said."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.errors import LedgerError
from core.ledger.facts import CallEnded, CallStarted
from core.ledger.files import Files
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from core.ledger.recovery import Recovery
from tests.core.ledger.conftest import make_call, said
from tests.core.ledger.faults import FaultyFiles

ORIGINS = st.sampled_from(["live", "import", "sample"])
AGES = st.sampled_from([0, 30])
KEPT_DAYS = 7


def shared(age: int) -> str:
    """Calls of every origin begin with these words, so that removing one origin must leave them to the others."""
    return f"history of {age} days ago"


@dataclass
class Row:
    """What the log has acknowledged of a call. `asked` and `answer` None: taken out, or never said."""

    call_id: str
    origin: str
    age: int
    status: str = "running"
    asked: str | None = None
    answer: str | None = None

    @property
    def question(self) -> str:
        return f"question of {self.call_id}"

    def fact(self, *, end: bool) -> CallStarted | CallEnded:
        at = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=self.age)
        call = make_call(call_id=self.call_id, origin=self.origin, started_at=at, ended_at=at if end else None)
        if end:
            return CallEnded(call, said(shared(self.age), self.question, answer=f"answer to {self.call_id}"))
        return CallStarted(call, said(shared(self.age), self.question))

    def ended(self) -> None:
        self.status, self.asked, self.answer = "ok", self.question, f"answer to {self.call_id}"


class LedgerMachine(RuleBasedStateMachine):
    """The model is a list of rows; a crash is a copy of the files as they are, taken after the disk was cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(tempfile.mkdtemp(prefix="ledger-"))
        self.folder = self.base / "0"
        self.model: list[Row] = []
        self.unwritten: list[tuple[Row, bool]] = []
        self.lives = 0

    @initialize()
    def begin(self) -> None:
        self.open()

    def open(self) -> None:
        self.files = FaultyFiles()
        self.ledger = Ledger.open(self.folder, files=self.files)
        self.ledger.settle(20)
        for row, ended in self.unwritten:  # a full disk took none of them, but the file of calls under way may have
            if not ended and self.ledger.rows("select 1 from calls where call_id = ?", [row.call_id]):
                row.asked = row.question
                if row not in self.model:
                    self.model.append(row)
        self.unwritten.clear()
        for row in self.model:
            if row.status == "running":
                row.status = "interrupted"

    def submit(self, row: Row, *, end: bool) -> None:
        """What a failing disk keeps in memory is acknowledged with the next fact that reaches the disk."""
        failure = self.ledger.submit(row.fact(end=end)).exception(20)
        self.unwritten.append((row, end))
        if failure is not None:
            assert isinstance(failure, OSError)
            assert self.files.room is not None
            return
        for written, ended in self.unwritten:
            if written not in self.model:
                written.asked = written.question
                self.model.append(written)
            if ended:
                written.ended()
        self.unwritten.clear()

    def running(self) -> list[Row]:
        ending = [row for row, ended in self.unwritten if ended]
        return [row for row in self.model if row.status == "running" and row not in ending]

    @rule(origin=ORIGINS, age=AGES, end=st.booleans())
    def call(self, origin: str, age: int, end: bool) -> None:
        row = Row(uuid7(), origin, age)
        self.submit(row, end=False)
        if end:
            self.submit(row, end=True)

    @precondition(lambda self: self.running())
    @rule(pick=st.integers(0, 30))
    def end(self, pick: int) -> None:
        rows = self.running()
        self.submit(rows[pick % len(rows)], end=True)

    @rule(room=st.integers(0, 3000))
    def disk_fills(self, room: int) -> None:
        self.files.room = room

    @precondition(lambda self: self.files.room is not None)
    @rule(origin=ORIGINS)
    def disk_has_room_again(self, origin: str) -> None:
        self.files.room = None
        self.submit(Row(uuid7(), origin, 0), end=True)
        assert not self.unwritten

    @rule(full=st.booleans())
    def backup(self, full: bool) -> None:
        try:
            self.ledger.backup(full=full)
        except LedgerError:
            assert self.files.room is not None

    @precondition(lambda self: self.files.room is None)
    @rule(origin=ORIGINS)
    def remove(self, origin: str) -> None:
        rows = [row for row in self.model if row.origin == origin]
        assert self.ledger.remove(origin) == len([row for row in rows if row.status != "running"])
        self.model = [row for row in self.model if row not in rows or row.status == "running"]
        for row in rows:
            row.asked = row.answer = None
        self.call(origin, 0, end=True)  # its first words were stored before, and must be stored anew

    @precondition(lambda self: self.files.room is None)
    @rule(table=st.sampled_from(["calls", "payloads"]), origin=ORIGINS)
    def retain(self, table: str, origin: str) -> None:
        self.ledger.retain(table, days=KEPT_DAYS, origin=origin)
        old = [row for row in self.model if row.origin == origin and row.age > KEPT_DAYS]
        if table == "calls":
            self.model = [row for row in self.model if row not in old or row.status == "running"]
        else:
            for row in old:
                row.asked = row.answer = None

    @rule()
    def reopen(self) -> None:
        self.compare_words()
        self.ledger.close()
        self.open()
        self.compare_words()

    @rule()
    def restore(self) -> None:
        self.compare_words()
        self.ledger.close()
        Recovery(self.folder, Files()).restore()
        self.open()
        self.compare_words()

    @rule(torn=st.booleans(), cut=st.integers(0, 600), under_way=st.booleans())
    def crash(self, torn: bool, cut: int, under_way: bool) -> None:
        self.compare_words()
        unsure = Row(uuid7(), "live", 0)
        if under_way:
            self.ledger.submit(unsure.fact(end=True))
        self.files.lasting, self.files.fail_at = True, 1
        self.lives += 1
        left = self.base / str(self.lives)
        left.mkdir()
        for name in ("under-way", "backups", "ledger.duckdb", "ledger.duckdb.wal", "journal"):
            source = self.folder / name
            if source.is_dir():
                shutil.copytree(source, left / name)
            elif source.exists():
                shutil.copy(source, left / name)
        self.ledger.close()
        self.folder = left
        wal = left / "ledger.duckdb.wal"
        if wal.exists():
            wal.write_bytes(wal.read_bytes()[: -cut or None])
        segments = sorted((left / "journal").iterdir())
        if torn and segments:
            whole = segments[-1].read_bytes()
            segments[-1].write_bytes(whole + whole[: min(70, len(whole) // 2)])
        self.open()
        self.ledger.settle(20)
        if self.ledger.rows("select 1 from calls where call_id = ?", [unsure.call_id]):
            unsure.ended()
            self.model.append(unsure)
        self.compare_words()

    @invariant()
    def every_acknowledged_row_is_there_once(self) -> None:
        self.ledger.settle(20)
        found = self.ledger.rows("select call_id, status from calls order by all")
        assert found == sorted((row.call_id, row.status) for row in self.model if row.status != "running")
        numbers, different = self.ledger.rows("select count(seq), count(distinct seq) from calls")[0]
        assert numbers == different

    def compare_words(self) -> None:
        self.ledger.settle(20)
        for row in self.model:
            if row.status == "running":
                continue
            payload = self.ledger.payload(row.call_id)
            asked = [message["content"][0]["text"] for message in payload.request] if payload else []
            expected = [] if row.asked is None else [shared(row.age), row.asked]
            assert asked == expected
            assert (payload.response if payload else None) == (None if row.answer is None else {"text": row.answer})
        assert self.ledger.health().lost == 0

    def teardown(self) -> None:
        try:
            self.compare_words()
            self.ledger.close()
        finally:
            shutil.rmtree(self.base, ignore_errors=True)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes; the steps are few enough
    print_blob=True,
)
