"""The DuckDB file and its one connection; everybody else gets a cursor, and gives it back."""

import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import LedgerError, LedgerInUse, QueryError
from core.ledger.inserts import Inserts
from core.ledger.migrations import migrate

_LOCKED = re.compile(r"held in .*?\(PID (\d+)\)", re.DOTALL)


def _configuration() -> dict[str, str | bool | int | float | list[str]]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
        "checkpoint_threshold": "1TB",
        "memory_limit": f"{max(512, min(8192, memory // 4))}MB",
        "threads": max(1, os.cpu_count() or 1),
    }


_open_here: set[Path] = set()
_opening = threading.Lock()


class Database:
    """Opened once per process. `writing` is held by whoever has a write transaction open."""

    def __init__(self, path: Path, writable: tuple[Path, ...] = ()) -> None:
        """`writable`: the only folders that SQL may touch; backups and compaction work there."""
        self.path = path
        self._writable = writable
        self.writing = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._inserts: Inserts | None = None
        self._gate = threading.Condition()
        self._using = 0
        self._shut = False

    @property
    def wal(self) -> Path:
        return wal_of(self.path)

    def open(self) -> None:
        """Raises LedgerInUse when another process holds the file, duckdb.Error when it cannot be read."""
        with _opening:
            if self.path.resolve() in _open_here:
                raise LedgerInUse(f"The log {self.path} is open in this process already.", pid=os.getpid())
            self._connection = self._connect()
            _open_here.add(self.path.resolve())

    def _connect(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self.path), config=_configuration())
        except duckdb.IOException as error:
            held = _LOCKED.search(str(error))
            if held is None:
                raise
            pid = int(held[1])
            raise LedgerInUse(
                f"The log {self.path} is in use by process {pid}; stop that process, "
                "or set DATA_DIR to another folder for this one.",
                pid=pid,
            ) from None
        try:
            connection.execute("set TimeZone = 'UTC'")
            if migrate(connection):
                connection.execute("checkpoint")
            folders = [f"{folder.resolve()}/" for folder in self._writable]
            connection.execute("set allowed_directories = ?", [folders])
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
        except BaseException:  # whatever stopped the opening, Ctrl-C too, must not leave the file locked
            connection.close()
            raise
        return connection

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def reopen(self) -> None:
        """After a fatal error DuckDB refuses everything until the file was closed and opened again."""
        with self.released():
            pass

    @contextmanager
    def released(self, patience_s: float = 60.0) -> Iterator[None]:
        """The file is closed within, and open again after: nobody holds a cursor, and who wants one waits.

        DuckDB would otherwise hand out the old file again for as long as one cursor on it is left.
        """
        with self.writing:
            with self._gate:
                self._shut = True
                free = self._gate.wait_for(lambda: self._using == 0, patience_s)
            try:
                if not free:
                    raise QueryError("The log is being read; try again in a moment.")
                self.close()
                try:
                    yield
                finally:
                    self.open()
            finally:
                with self._gate:
                    self._shut = False
                    self._gate.notify_all()

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            if self.writing.acquire(blocking=False):  # else whoever inserts just now does it in the end
                try:
                    self._forget_inserts()
                finally:
                    self.writing.release()
            connection.close()
            with _opening:
                _open_here.discard(self.path.resolve())

    @contextmanager
    def _used(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._gate:
            self._gate.wait_for(lambda: not self._shut)
            connection = self._connection
            if connection is None:
                raise QueryError("The log is closed; start the platform again.")
            self._using += 1
        try:
            yield connection
        finally:
            with self._gate:
                self._using -= 1
                self._gate.notify_all()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._used() as connection:
            cursor = connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A write transaction, one at a time; rolled back when its block raises."""
        with self.writing, self.cursor() as cursor, _begun(cursor):
            yield cursor

    @contextmanager
    def insertion(self, tables: Mapping[str, pa.Table]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A write transaction that inserts these rows first, table by table, by plans that are kept for the next."""
        with self.writing, self._used() as connection:
            inserts = self._inserts = self._inserts or Inserts(connection.cursor())
            try:
                inserts.plan(tables)
                with _begun(inserts.cursor):
                    inserts.insert(tables)
                    yield inserts.cursor
            except BaseException:  # whatever it was, the next one begins afresh
                self._forget_inserts()
                raise
            if self._connection is not connection:
                self._forget_inserts()

    def _forget_inserts(self) -> None:
        inserts, self._inserts = self._inserts, None
        if inserts is not None:
            with _quietly():
                inserts.close()


@contextmanager
def _begun(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.begin()
    try:
        yield
    except BaseException:  # nothing, Ctrl-C included, may leave half of a transaction open
        with _quietly():
            cursor.rollback()
        raise
    cursor.commit()


def wal_of(path: Path) -> Path:
    """The write-ahead file that DuckDB keeps beside the file at `path`."""
    return path.with_name(path.name + ".wal")


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """Raises LedgerError, `what` and the reason in a line, where DuckDB or the disk raises its own."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise LedgerError(f"{what}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """The first line of an error, without DuckDB's further advice."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


@contextmanager
def _quietly() -> Iterator[None]:
    try:
        yield
    except duckdb.Error:
        return  # the connection is already invalid; the first error is the one that tells
