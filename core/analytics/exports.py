"""Exports in the background: the filtered calls as CSV, Parquet or JSON Lines, in pages, with progress."""

import csv
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

import pyarrow as pa

from core.analytics.cells import safe
from core.analytics.clause import clause
from core.analytics.filters import Filters
from core.analytics.reader import Reader, Row
from core.errors import InvalidError, NotFoundError, PlatformError
from core.ledger.ids import uuid7

Format = Literal["csv", "parquet", "jsonl"]
PAGE = 20_000
KEPT_S = 24 * 3600.0
MOST = 3
"""Exports that may run at once."""


@dataclass(slots=True)
class Export:
    """One export. `done` of `total` calls are written; `error` is one sentence; `path` is there once it is finished."""

    id: str
    format: Format
    total: int
    path: Path
    done: int = 0
    finished: bool = False
    error: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def share(self) -> float:
        return 1.0 if self.finished or not self.total else min(self.done / self.total, 1.0)


class Exports:
    def __init__(self, reader: Reader, folder: Path, page: int = PAGE) -> None:
        self.page = page
        self.reader = reader
        self.folder = folder
        self.jobs: dict[str, Export] = {}
        self.lock = threading.Lock()

    def start(self, filters: Filters, format: str) -> Export:
        """Begins at once and returns; ask `get` for its progress. Raises InvalidError."""
        kind = next((each for each in get_args(Format) if each == format), None)
        if kind is None:
            raise InvalidError("An export is CSV, Parquet or JSON Lines.")
        with self.lock:
            if sum(not job.finished and not job.error for job in self.jobs.values()) >= MOST:
                raise InvalidError("Three exports are under way already; wait for one of them.")
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            total = int(self.reader.grouped(filters, {}, ("calls",))["calls"].iloc[0])
            id = uuid7()
            job = Export(id=id, format=kind, total=total, path=self.folder / f"calls-{id}.{kind}")
            self.jobs[id] = job
        threading.Thread(target=self._run, args=(job, filters), name=f"export-{id}", daemon=True).start()
        return job

    def get(self, id: str) -> Export:
        try:
            return self.jobs[id]
        except KeyError:
            raise NotFoundError("This export is gone; start it again.") from None

    def cancel(self, id: str) -> None:
        self.get(id).cancelled.set()

    def close(self) -> None:
        for job in self.jobs.values():
            job.cancelled.set()

    def _run(self, job: Export, filters: Filters) -> None:
        part = job.path.with_suffix(f".{job.format}.part")
        try:
            columns = self._columns()
            _WRITERS[job.format](part, columns, self._pages(job, filters, list(columns)))
            if job.cancelled.is_set():
                job.error = "The export was stopped."
            else:
                part.replace(job.path)
                job.finished = True
        except PlatformError as error:
            job.error = str(error)
        except (OSError, pa.ArrowException) as error:
            job.error = f"The export could not be written ({error.__class__.__name__}); is the disk full?"
        finally:
            part.unlink(missing_ok=True)

    def _columns(self) -> dict[str, str]:
        rows = self.reader.log.rows(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'calls'"
            " ORDER BY ordinal_position"
        )
        return {name: kind for name, kind in rows if not name.endswith("_ref")}

    def _pages(self, job: Export, filters: Filters, columns: list[str]) -> Iterator[list[Row]]:
        """Pages in the order in which calls were logged; `seq` comes last in every row, as the place to go on from."""
        picked, after = clause(filters), -1
        names = ", ".join(f'"{name}"' for name in columns)
        while not job.cancelled.is_set():
            rows = self.reader.log.rows(
                f"SELECT {names}, seq FROM calls WHERE {picked.sql} AND seq > ? ORDER BY seq LIMIT {self.page}",
                [*picked.parameters, after],
                timeout_s=120,
                max_rows=self.page,
            )
            yield [row[:-1] for row in rows]
            job.done += len(rows)
            if len(rows) < self.page:
                return
            after = rows[-1][-1]

    def _sweep(self) -> None:
        """Yesterday's files go."""
        for path in self.folder.glob("calls-*"):
            ours = re.fullmatch(r"calls-[0-9a-f-]{36}\.\w+(\.part)?", path.name)
            if ours and time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink(missing_ok=True)


Columns = dict[str, str]
Pages = Iterable[list[Row]]


def _csv(part: Path, columns: Columns, pages: Pages) -> None:
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for rows in pages:
            writer.writerows([safe(_cell(value)) for value in row] for row in rows)


def _jsonl(part: Path, columns: Columns, pages: Pages) -> None:
    with part.open("w", encoding="utf-8") as file:
        for rows in pages:
            for row in rows:
                record = dict(zip(columns, map(_json, row), strict=True))
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _parquet(part: Path, columns: Columns, pages: Pages) -> None:
    import pyarrow.parquet as pq  # 4 MB of an idle process for the few that export

    schema = pa.schema([pa.field(name, _arrow(kind)) for name, kind in columns.items()])
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for rows in pages:
            values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
            arrays = [pa.array(value, field.type) for value, field in zip(values, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


_WRITERS: dict[str, Callable[[Path, Columns, Pages], None]] = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}


def _arrow(kind: str) -> Any:
    if kind.startswith("DECIMAL"):
        return pa.decimal128(18, 9)
    known = {
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "TIMESTAMP": pa.timestamp("us"),
        "VARCHAR[]": pa.list_(pa.string()),
    }
    return known.get(kind, pa.string())


def _json(value: Any) -> Any:
    """Money as text, so that no digit is lost; moments in UTC."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return str(value) if isinstance(value, Decimal) else value


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, list) else _json(value)
