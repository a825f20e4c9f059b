"""Reading: a few queries at a time, each on a cursor of its own, with a time limit and a row cap."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from core.errors import QueryError
from core.ledger.console import checked
from core.ledger.database import Database

Parameters = Sequence[Any] | Mapping[str, Any]
_AT_ONCE = 4
REACHED = "getvariable('rolled')"
"""How far the rollups reach, `run` and `seq`: to the planner they are constants, so it skips whole blocks by them. Set
for the questions that name it, in their own transaction."""
_REACH = """set variable rolled = (
    select {run: coalesce(max(run), 0), seq: coalesce(max(seq), 0)} from rollup_progress
)"""


@dataclass(frozen=True, slots=True)
class ConsoleResult:
    """`truncated`: there were more rows than `frame` holds."""

    frame: pd.DataFrame
    truncated: bool
    seconds: float


class Reading:
    """Raises QueryError, in words a person can act upon, for whatever goes wrong."""

    def __init__(self, database: Database, at_once: int = _AT_ONCE) -> None:
        self._database = database
        self._places = threading.BoundedSemaphore(at_once)

    def rows(self, sql: str, parameters: Parameters, timeout_s: float, max_rows: int) -> list[tuple[Any, ...]]:
        with self._cursor(sql, timeout_s) as cursor:
            found: list[tuple[Any, ...]] = cursor.execute(sql, parameters).fetchmany(max_rows + 1)
        if len(found) > max_rows:
            raise _too_many(max_rows)
        return found

    def frame(self, sql: str, parameters: Parameters, timeout_s: float, max_rows: int) -> pd.DataFrame:
        with self._cursor(sql, timeout_s) as cursor:
            cursor.execute(sql, parameters)
            found, truncated = _fetch(cursor, max_rows)
        if truncated:
            raise _too_many(max_rows)
        return found

    def console(self, sql: str, timeout_s: float, max_rows: int) -> ConsoleResult:
        """One SELECT typed by a person; everything else is refused before it runs."""
        began = time.monotonic()
        with self._cursor(sql, timeout_s) as cursor:
            cursor.execute(checked(cursor, sql))
            found, truncated = _fetch(cursor, max_rows)
        return ConsoleResult(found, truncated, time.monotonic() - began)

    @contextmanager
    def _cursor(self, sql: str, timeout_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self._places.acquire(timeout=timeout_s):
            raise QueryError("Too many questions are being answered at once; try again in a moment.")
        try:
            with self._database.cursor() as cursor:
                timer = threading.Timer(timeout_s, cursor.interrupt)
                timer.daemon = True
                timer.start()
                try:
                    cursor.execute("begin transaction read only")
                    if REACHED in sql:
                        cursor.execute(_REACH)
                    yield cursor
                except duckdb.InterruptException:
                    raise QueryError(f"The question took longer than {timeout_s:g} s; narrow it down.") from None
                except duckdb.OutOfMemoryException:
                    raise QueryError("The question needs more memory than it may use; narrow it down.") from None
                except duckdb.Error as error:
                    raise QueryError(_first_line(error)) from None
                finally:
                    timer.cancel()
        finally:
            self._places.release()


def _fetch(cursor: duckdb.DuckDBPyConnection, max_rows: int) -> tuple[pd.DataFrame, bool]:
    chunks: list[pd.DataFrame] = []
    count = 0
    while count <= max_rows:
        chunk = cursor.fetch_df_chunk(50)
        if chunk.empty and chunks:
            break
        chunks.append(chunk)
        count += len(chunk)
        if chunk.empty:
            break
    frame = pd.concat(chunks, ignore_index=True) if len(chunks) > 1 else chunks[0]
    return (frame.iloc[:max_rows], True) if count > max_rows else (frame, False)


def _too_many(max_rows: int) -> QueryError:
    return QueryError(f"The question has more than {max_rows:,} rows for an answer; narrow it down.")


def _first_line(error: duckdb.Error) -> str:
    text = str(error).strip()
    return text.split("\n\n")[0][:500] or type(error).__name__
