"""The cache's SQLite file: bounded in size, number and age. A broken file is put aside: it holds nothing unique."""

import contextlib
import sqlite3
import threading
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCHEMA = """
create table if not exists answers (
    exact text primary key, scope text, question text, likeness text, vector blob, response text, cost text,
    created real, used real, size integer
);
create index if not exists answers_by_scope on answers (scope, likeness, used);
create index if not exists answers_by_use on answers (used);
"""
COMPARED = 300
"""A question is compared with at most so many others of its scope, the most recently used ones."""


@dataclass(frozen=True, slots=True)
class Bounds:
    seconds: float = 24 * 3600
    entries: int = 10_000
    size: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """`response` and `cost` as they were put."""

    exact: str
    question: str
    response: str
    cost: str | None
    created: float
    vector: "array[float] | None" = None


class Store:
    """Any thread. Times are seconds since the epoch: entries outlive the process."""

    def __init__(self, path: Path, bounds: Bounds | None = None) -> None:
        self._path, self._bounds = path, bounds or Bounds()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = self._connect()
            except sqlite3.DatabaseError:
                self._path.replace(self._path.with_suffix(".broken"))
                self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=2.0)
        try:
            connection.executescript("pragma journal_mode = wal; pragma synchronous = off;" + SCHEMA)
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def get(self, exact: str) -> Stored | None:
        with self._lock:
            row = self._open().execute(
                "select exact, question, response, cost, created from answers where exact = ? and created > ?",
                (exact, time.time() - self._bounds.seconds),
            ).fetchone()  # fmt: skip
            return Stored(*row) if row else None

    def near(self, scope: str, likeness: str) -> list[Stored]:
        with self._lock:
            rows = self._open().execute(
                "select exact, question, response, cost, created, vector from answers"
                " where scope = ? and likeness = ? and created > ? order by used desc limit ?",
                (scope, likeness, time.time() - self._bounds.seconds, COMPARED),
            ).fetchall()  # fmt: skip
        return [
            Stored(exact, asked, response, cost, created, array("f", vector) if vector else None)
            for exact, asked, response, cost, created, vector in rows
        ]

    def touch(self, exact: str) -> None:
        with self._lock:
            self._open().execute("update answers set used = ? where exact = ?", (time.time(), exact))

    def put(
        self, exact: str, scope: str, question: str, likeness: str, vector: Sequence[float] | None, response: str,
        cost: str | None,
    ) -> None:  # fmt: skip
        blob = array("f", vector).tobytes() if vector else None
        size = len(response) + len(question) + (len(blob) if blob else 0) + 300
        now = time.time()
        with self._lock:
            connection = self._open()
            connection.execute(
                "insert or replace into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (exact, scope, question, likeness, blob, response, cost, now, now, size),
            )
            self._trim(connection, now)

    def _trim(self, connection: sqlite3.Connection, now: float) -> None:
        connection.execute("delete from answers where created <= ?", (now - self._bounds.seconds,))
        count, size = connection.execute("select count(*), coalesce(sum(size), 0) from answers").fetchone()
        while count > self._bounds.entries or size > self._bounds.size:
            oldest = connection.execute("select exact, size from answers order by used limit 100").fetchall()
            for exact, bytes_ in oldest:
                if count <= self._bounds.entries and size <= self._bounds.size:
                    break
                connection.execute("delete from answers where exact = ?", (exact,))
                count, size = count - 1, size - bytes_

    def close(self) -> None:
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
                self._connection = None
