"""The thread that moves journal lines into DuckDB, in order, in large transactions that carry their own watermark."""

import logging
import threading
import time

import duckdb
import orjson

from core.errors import PlatformError
from core.ledger import repricings
from core.ledger.database import Database
from core.ledger.journal import Journal, Place
from core.ledger.lines import Kind, Line
from core.ledger.progress import advance, watermark
from core.ledger.removals import apply, record, removal_of
from core.ledger.rows import Batch, content_of
from core.ledger.sample import describe, generate

_ROWS_PER_TRANSACTION = 2_000
ALONE = (Kind.SAMPLE, Kind.REMOVAL, Kind.REPRICING)
_VISIBLE_S = 0.2
"""How long after its end a call is visible, a load that has just begun and the next one included."""
_LEAST_PAUSE_S = 0.02
_RETRY_S = 0.5
_LAST_TRANSACTION_S = 60.0
_UNLOADABLE = (
    duckdb.DataError,
    duckdb.ProgrammingError,
    duckdb.NotSupportedError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
"""What a line may be to blame for, as opposed to the disk."""
_log = logging.getLogger(__name__)


class Loader:
    """`loaded` is the highest number in DuckDB; a row and the watermark that covers it are one transaction."""

    def __init__(self, database: Database, journal: Journal, loaded: int, open_calls: dict[str, int]) -> None:
        self._database = database
        self._journal = journal
        self._place: Place | None = None
        self._open_calls = open_calls
        self._wanted = loaded
        self._condition = threading.Condition()
        self._closing = self._leaving = False
        self._hurried = False
        self._pause_s = _VISIBLE_S
        self.loaded = loaded
        self.failure: Exception | None = None
        self.rejected: dict[int, str] = {}
        self._limit = _ROWS_PER_TRANSACTION
        self._thread = threading.Thread(target=self._run, name="ledger-loader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self, synced: int) -> None:
        """Everything up to `synced` is in the journal and may be loaded."""
        with self._condition:
            idle = self.loaded >= self._wanted
            self._wanted = max(self._wanted, synced)
            if idle:  # else it is at work, or rests for a moment so that one transaction takes many lines
                self._condition.notify_all()

    def wait(self, seq: int, timeout_s: float) -> bool:
        """Until `seq`, which is in the journal, is visible to readers; False when it took too long."""
        deadline = time.monotonic() + timeout_s
        with self._condition:
            self._wanted = max(self._wanted, seq)
            while self.loaded < seq:
                self._hurried = True
                self._condition.notify_all()
                left = deadline - time.monotonic()
                if left <= 0 or not self._thread.is_alive():
                    return False
                self._condition.wait(min(left, 0.5))
        return True

    def close(self, timeout_s: float = 10.0) -> None:
        """Load what is left, within `timeout_s` and the transaction then at hand: the journal has it in any case."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join(timeout_s)
        self._leaving = True
        self._thread.join(_LAST_TRANSACTION_S)

    @property
    def oldest_open(self) -> int | None:
        """The number of the oldest call that has begun and not ended."""
        return next(iter(self._open_calls.values()), None)

    def _run(self) -> None:
        while True:
            with self._condition:
                while self.loaded >= self._wanted and not self._closing:
                    self._condition.wait()
                if self.loaded >= self._wanted or self._leaving:
                    return
                rested = time.monotonic() + self._pause_s
                while not self._hurried and not self._closing and (left := rested - time.monotonic()) > 0:
                    self._condition.wait(left)  # a transaction for each line would cost far more
                self._hurried = False
            began = time.monotonic()
            loaded = self._attempt()
            self._pause_s = max(_LEAST_PAUSE_S, _VISIBLE_S - 2 * (time.monotonic() - began))
            if not loaded and self._pause_or_stop():
                return

    def _attempt(self) -> bool:
        try:
            try:
                self._load_some()
                self._limit = min(_ROWS_PER_TRANSACTION, self._limit * 2)
            except _UNLOADABLE as error:
                self._doubt(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, this thread must not end: the journal would never be loaded
            self._failed(error)
            self._resume(fatal=isinstance(error, duckdb.FatalException))
        else:
            if self.failure is not None:
                _log.warning("The log's tables can be written again.")
            self.failure = None
            return True
        return False

    def _doubt(self, error: Exception) -> None:
        """Some line cannot be made into a row. Narrow it down, then set that one aside so that the rest goes on."""
        self._place = None
        lines, _ = self._gather()
        if self._limit > 1 and len(lines) > 1:
            self._limit = max(1, min(self._limit, len(lines)) // 2)
            return
        line = lines[0]
        _log.error("Record %d cannot be loaded (%s); it is kept in the table `rejected`.", line.seq, error)
        with self._database.transaction() as cursor:
            text = line.body.decode("utf-8", "replace").replace("\0", "")
            cursor.execute(
                "insert into rejected values (?, ?, ?, ?, now()::timestamp)", [line.seq, line.kind, str(error), text]
            )
            advance(cursor, line.seq, self.oldest_open or line.seq + 1)
        self.rejected[line.seq] = str(error)
        self._loaded(line.seq)

    def _failed(self, error: Exception) -> None:
        if self.failure is None:
            _log.error("The log's tables cannot be written (%s); the journal keeps everything meanwhile.", error)
        self.failure = error

    def _resume(self, *, fatal: bool) -> None:
        """Go on from what DuckDB really holds: a commit may have raised and be durable all the same."""
        self._place = None
        if self._closing:
            return
        try:
            if fatal or not self._database.is_open:
                self._database.reopen()
            found = watermark(self._database)[0]
            if found > self.loaded:
                self._follow(found)
            self._loaded(found)
        except (duckdb.Error, OSError, PlatformError) as error:
            self._failed(error)

    def _follow(self, upto: int) -> None:
        """Keep the list of open calls in step with rows that turned out to be loaded already."""
        for line in self._journal.walk(self.loaded + 1):
            if line.seq > upto:
                return
            if line.kind == Kind.STARTED:
                self._open_calls[line.id] = line.seq
            elif line.kind == Kind.ENDED:
                self._open_calls.pop(line.id, None)

    def _pause_or_stop(self) -> bool:
        with self._condition:
            if not self._closing:
                self._condition.wait(_RETRY_S)
            return self._closing

    def _load_some(self) -> None:
        wanted = self._wanted
        lines, place = self._gather()
        if not lines:
            with self._condition:
                if self._wanted == wanted and place == self._place:
                    self._wanted = self.loaded  # lines that somebody took away from the journal are not waited for
            self._place = place
            return
        if lines[0].kind in ALONE:
            self._perform(lines[0])
            return
        batch = Batch()
        for line in lines:
            batch.add(line)
        open_calls = {**self._open_calls, **batch.started}
        for identity in batch.ended:
            open_calls.pop(identity, None)
        open_from = next(iter(open_calls.values()), batch.last + 1)
        with self._database.insertion(dict(batch.tables(careful=self._limit == 1))) as cursor:
            advance(cursor, batch.last, open_from)
        self._open_calls = open_calls
        self._place = place
        self._loaded(batch.last)

    def _perform(self, line: Line) -> None:
        """A line that is work to do rather than rows to insert has a transaction of its own."""
        fact = orjson.loads(content_of(line).head)
        with self._database.transaction() as cursor:
            if line.kind == Kind.SAMPLE:
                generate(cursor, describe(fact, line.seq, line.span))
            elif line.kind == Kind.REPRICING:
                repricings.apply(cursor, line, fact, self.loaded)
            else:
                removal = removal_of(fact)
                apply(cursor, removal, line.seq)
                record(cursor, line, fact, removal)
            advance(cursor, line.seq, self.oldest_open or line.seq + 1)
        self._loaded(line.seq)

    def _loaded(self, last: int) -> None:
        with self._condition:
            self.loaded = last
            self._condition.notify_all()

    def _gather(self) -> tuple[list[Line], Place | None]:
        """The next lines that are not yet loaded, and where to go on afterwards."""
        place = self._place or self._journal.place(self.loaded + 1)
        lines: list[Line] = []
        last = self.loaded
        while place is not None and len(lines) < self._limit:
            found, following = self._journal.read(place)
            for line in found:
                if line.seq <= last:
                    continue
                if line.kind in ALONE:
                    return lines or [line], place  # come back to this place for what follows
                lines.append(line)
                last = line.seq
                if len(lines) >= self._limit < _ROWS_PER_TRANSACTION and line is not found[-1]:
                    return lines, place  # only while a line is in doubt, since the rest is read once more
            if following is None:
                break
            place = following
        return lines, place
