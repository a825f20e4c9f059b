"""Opening the log whatever state a crash or a power cut left it in: repair, or restore and replay; never by hand."""

import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from core.errors import LedgerDamaged
from core.ledger.backups import Backups
from core.ledger.database import Database
from core.ledger.files import Files
from core.ledger.journal import Journal
from core.ledger.progress import watermark

_POSITION = re.compile(r"WAL file.*?byte position (\d+)", re.DOTALL | re.IGNORECASE)
_DAMAGE = re.compile(
    r"corrupt|checksum|not a valid duckdb|wal file|deserializ|serializ|unexpected end|magic|could not read (all|enough)"
    r"|truncated|invalid.*block|failed to load metadata|internal error",
    re.IGNORECASE,
)
_NEWER = re.compile(r"version number (\d+)", re.IGNORECASE)
_TRIES = 6
_log = logging.getLogger(__name__)


class Recovery:
    """`messages` tell in plain words what was found and done."""

    def __init__(self, folder: Path, files: Files) -> None:
        self.folder = folder
        self._files = files
        self.messages: list[str] = []
        self.backups = Backups(folder / "backups", files)
        self._aside = folder / "damaged"

    def open(self) -> tuple[Database, Journal]:
        """The database and the journal, fit to go on. Raises LedgerInUse, or LedgerDamaged when nothing helps."""
        database = Database(self.folder / "ledger.duckdb", (self.backups.folder,))
        self._open(database)
        try:
            journal = Journal(self.folder / "journal", self._files)
            if self._behind(database, journal):
                database.close()
                self._restore(database, "The log's file is older than its newest backup")
                self._open(database)
            self._files.sync_folder(self.folder)
        except BaseException:  # whatever stopped the opening, Ctrl-C too, must not leave the file locked
            database.close()
            raise
        return database, journal

    def _open(self, database: Database) -> None:
        for _ in range(_TRIES):
            try:
                database.open()
                return
            except duckdb.Error as error:
                self._mend(database, error)
        raise LedgerDamaged(
            f"The log {database.path} could not be repaired; see the folder {self._aside}, then run"
            " python -m core.ledger restore."
        )

    def _mend(self, database: Database, error: duckdb.Error) -> None:
        text = str(error)
        if _NEWER.search(text):
            raise LedgerDamaged(
                f"The log {database.path} was written by a newer version; install that version again."
            ) from None
        if not _DAMAGE.search(text):
            raise LedgerDamaged(f"The log {database.path} cannot be opened: {text.splitlines()[0][:300]}") from None
        position = _POSITION.search(text)
        size = self._files.size(database.wal) if database.wal.exists() else 0
        if position is not None and 0 < int(position[1]) < size:
            self._set_aside(database.wal, keep=True)
            self._files.truncate(database.wal, int(position[1]))
            self.tell(f"The last write to the log was torn; {size - int(position[1]):,} bytes were cut off.")
        elif size and "WAL" in text.upper():
            self._set_aside(database.wal, keep=False)
            self.tell("The log's write-ahead file was damaged; its rows are loaded again from the journal.")
        else:
            self._restore(database, "The log's file was damaged")

    def _behind(self, database: Database, journal: Journal) -> bool:
        """Whether a backup has rows that neither the file nor the journal has.

        That the journal begins early enough says nothing: a power cut may bring back one of several segments that
        were removed, and leave a hole behind it.
        """
        loaded, _ = watermark(database)
        chain = self.backups.chain()
        if not chain or chain[-1].last <= loaded or journal.holds(loaded + 1, chain[-1].last):
            return False
        chain = self.backups.chain(sound=True)
        return bool(chain) and chain[-1].last > loaded

    def _restore(self, database: Database, what: str) -> None:
        fresh = database.path.with_name(database.path.name + ".restoring")
        last = self.backups.restore(fresh)
        for path in (database.path, database.wal):
            if path.exists():
                self._set_aside(path, keep=False)
        self._files.rename(fresh, database.path)
        self._files.sync_folder(self.folder)
        source = f"the backup up to record {last:,} and the journal" if last else "the journal, there being no backup"
        self.tell(f"{what}; it was made again from {source}.")

    def restore(self) -> None:
        """Make the file again on request. Raises LedgerInUse when another process holds it."""
        database = Database(self.folder / "ledger.duckdb", (self.backups.folder,))
        try:
            database.open()
        except duckdb.Error as error:
            self.tell(f"The present file cannot be opened ({str(error).splitlines()[0][:200]}).")
        database.close()
        self._restore(database, "The log was restored on request")

    def _set_aside(self, path: Path, *, keep: bool) -> None:
        """Into the folder `damaged`, for whoever wants to look; the oldest of many go."""
        self._files.make_folder(self._aside)
        target = self._aside / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{path.name}"
        if keep:
            self._files.copy(path, target)
        else:
            self._files.rename(path, target)
        for name in self._files.names(self._aside)[:-6]:
            self._files.remove(self._aside / name)

    def tell(self, message: str) -> None:
        _log.warning("%s", message)
        self.messages.append(message)
