"""The thread that keeps the log in shape: rollups, checkpoints off the write path, backups, retention, pruning."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import duckdb

from core.errors import PlatformError
from core.ledger.backups import Backups
from core.ledger.database import Database, in_words, reason, wal_of
from core.ledger.files import Files
from core.ledger.journal import Journal
from core.ledger.loader import Loader
from core.ledger.rollups import roll, rolled

CHECKPOINT_BYTES = 64 * 1024 * 1024
_ROLL_ROWS = 100_000
_HOUR_S = 3600.0
_CALM_S = 300.0
"""How long a start is left alone before a backup that is overdue."""
_log = logging.getLogger(__name__)


class Upkeep:
    """`every_s`: how often it looks. Everything it does can be interrupted by a crash at any point."""

    def __init__(
        self, database: Database, journal: Journal, loader: Loader, backups: Backups, files: Files, every_s: float = 1.0
    ) -> None:
        self._database = database
        self._journal = journal
        self._loader = loader
        self._backups = backups
        self._files = files
        self._every_s = every_s
        self._stopping = threading.Event()
        self._folding = threading.Lock()
        self._rolled_at = self._checked_at = time.monotonic()
        self._backed_up_at = self._rolled_at - min(_age_s(backups), _HOUR_S - _CALM_S)
        self._rolled = -1
        self.failure: str | None = None
        self.daily: Callable[[], None] | None = None
        self.along: Callable[[], object] | None = None
        self._daily_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="ledger-upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self._look()
                self.failure = None
            except (duckdb.Error, OSError, PlatformError) as error:
                if self.failure is None:
                    _log.warning("The log's upkeep is put off: %s", reason(error))
                self.failure = reason(error)
                if isinstance(error, duckdb.FatalException) or not self._database.is_open:
                    self._reopen()

    def _reopen(self) -> None:
        """Whoever broke it, and although nobody may want to write: readers must not wait for a restart."""
        try:
            self._database.reopen()
        except (duckdb.Error, OSError, PlatformError) as error:
            self.failure = reason(error)

    def _look(self) -> None:
        now = time.monotonic()
        with self._database.cursor() as cursor:
            self._rolled = rolled(cursor) if self._rolled < 0 else self._rolled
            cursor.execute("select 1").fetchall()  # a file that is invalid since a fatal error says so
        waiting = self._loader.loaded - self._rolled
        if waiting >= _ROLL_ROWS or (waiting > 0 and now - self._rolled_at > _HOUR_S):
            self.roll()
        wal = self._database.wal
        size = self._files.size(wal) if wal.exists() else 0
        if size > CHECKPOINT_BYTES or (size > 0 and now - self._checked_at > 10 * 60):
            self.checkpoint()
        if self.backup_in_s() < 0:
            self.backup()
        if self.daily is not None and (self._daily_at is None or now - self._daily_at > 24 * _HOUR_S):
            self._daily_at = now
            self.daily()

    def backup_in_s(self) -> float:
        """An hour after the last one, whichever process made it: who never runs for an hour has backups, too."""
        return self._backed_up_at + _HOUR_S - time.monotonic()

    def roll(self) -> int:
        """Bring the rollups up to what is loaded, a piece at a time. Returns the number they reach."""
        while True:
            with in_words("The rollups could not be brought up to date"), self._database.transaction() as cursor:
                loaded = self._loader.loaded
                upto = min(loaded, rolled(cursor) + _ROLL_ROWS)
                roll(cursor, upto)
            self._rolled, self._rolled_at = upto, time.monotonic()
            if upto >= loaded or self._stopping.is_set():
                return upto

    def checkpoint(self) -> bool:
        """Move the write-ahead file into the main file, if there is room for it twice over."""
        size = self._files.size(self._database.wal) if self._database.wal.exists() else 0
        if self._files.free_bytes(self._database.path.parent) < 2 * size + 2**20:
            return False
        with self._database.transaction() as cursor:
            cursor.execute("delete from progress where seq < (select max(seq) from progress)")
        try:
            self._fold()
        except duckdb.TransactionException:  # a write was going on; wait for it, and let the next one wait for us
            with self._database.writing:
                self._fold()
        self._checked_at = time.monotonic()
        return True

    def _fold(self) -> None:
        with self._folding, self._database.cursor() as cursor:
            cursor.execute("checkpoint")

    def compact(self) -> None:
        """Give the space of removed rows back to the disk: copy what is left into a new file and put it in place.

        Readers wait while the files change places. A crash leaves the old file or the new one, each complete.
        """
        path, fresh = self._database.path, self._backups.folder / ".compact.duckdb"
        for left in (fresh, wal_of(fresh)):
            left.unlink(missing_ok=True)
        with self._database.writing, self._folding:
            if self._files.free_bytes(path.parent) < 2 * self._files.size(path):
                return
            with self._database.cursor() as cursor:
                cursor.execute("checkpoint")
                name = cursor.execute("select current_database()").fetchall()[0][0]
                cursor.execute(f"attach '{str(fresh.resolve()).replace(chr(39), chr(39) * 2)}' as fresh")
                cursor.execute(f'copy from database "{name}" to fresh')
                cursor.execute("detach fresh")
            self._files.sync_file(fresh)
            with self._database.released():
                if not self._database.wal.exists() and not wal_of(fresh).exists():  # neither would fit the new file
                    self._files.rename(fresh, path)
                    self._files.sync_folder(path.parent)

    def backup(self, *, full: bool = False) -> bool:
        """A verified backup of what is new; the journal is then kept from there on only."""
        self._backed_up_at = time.monotonic()
        made = self._backups.take(self._database, full=full)
        chain = self._backups.chain()
        if chain:
            self._files.sync_folder(self._database.path.parent)  # else the name of the write-ahead file may be lost yet
            self._journal.prune(min(chain[-1].last + 1, self._loader.oldest_open or chain[-1].last + 1))
        if self.along is not None:
            self.along()
        return made is not None


def _age_s(backups: Backups) -> float:
    newest = max((backup.made_at for backup in backups.all()), default=datetime.min)
    return max(0.0, (datetime.now(UTC).replace(tzinfo=None) - newest).total_seconds())
