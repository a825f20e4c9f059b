"""Backups: Parquet files of the new rows, now and then of everything; each is read back before it counts."""

import hashlib
import logging
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson

from core.errors import LedgerError
from core.ledger.database import Database, wal_of
from core.ledger.files import Files, write_whole
from core.ledger.migrations import migrate, steps
from core.ledger.rebuilding import rebuild
from core.ledger.removals import apply, removal_of
from core.ledger.repricings import apply_since
from core.ledger.rollups import ROLLUPS, roll

NUMBERED = (
    "calls", "payloads", "votes", "feedback", "prices", "budget_decisions", "audit", "removals", "rejected",
    "repricings",
)  # fmt: skip
"""Tables with a `seq`: an increment holds the rows numbered after the backup before it."""
WHOLE = ("rollup_progress", *(rollup.table for rollup in ROLLUPS))
_FULL_AFTER = 24
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backup:
    """Rows numbered `first` to `last`. `first` 1: everything up to `last`."""

    folder: Path
    first: int
    last: int
    open_from: int
    step: int
    made_at: datetime
    tables: dict[str, dict[str, Any]]

    @property
    def full(self) -> bool:
        return self.first == 1


class Backups:
    def __init__(self, folder: Path, files: Files) -> None:
        self.folder = folder
        self._files = files
        files.make_folder(folder)

    def all(self) -> list[Backup]:
        """Every finished backup, oldest first."""
        found = []
        for name in self._files.names(self.folder):
            path = self.folder / name / "manifest.json"
            if name.startswith(".") or not path.is_file():
                continue
            try:
                content = orjson.loads(self._files.read(path))
                found.append(
                    Backup(
                        path.parent, content["first"], content["last"], content["open_from"], content["step"],
                        datetime.fromisoformat(content["made_at"]), content["tables"],
                    )
                )  # fmt: skip
            except (orjson.JSONDecodeError, KeyError, ValueError, OSError) as error:
                _log.warning("The backup %s cannot be read (%s) and is passed over.", name, error)
        return sorted(found, key=lambda backup: (backup.last, -backup.first))

    def chain(self, *, sound: bool = False) -> list[Backup]:
        """The newest full backup and the increments that follow it without a gap; `sound`: files checked again."""
        backups = [backup for backup in self.all() if not sound or self.fault(backup) is None]
        for full in reversed([backup for backup in backups if backup.full]):
            chain = [full]
            for backup in backups:
                if backup.first == chain[-1].last + 1 and not backup.full:
                    chain.append(backup)
            return chain
        return []

    def take(self, database: Database, *, full: bool = False) -> Backup | None:
        """Back up what came since the last time. None when nothing did. Raises LedgerError when it does not verify."""
        chain = self.chain()
        last = chain[-1].last if chain else 0
        whole = full or not chain or len(chain) > _FULL_AFTER
        with database.cursor() as cursor:
            cursor.begin()
            made_at = datetime.now(UTC)
            folder = self.folder / f".{made_at:%Y%m%dT%H%M%S%f}"
            try:
                rows = cursor.execute("select seq, open_from from progress order by seq desc limit 1").fetchall()
                if not rows or (rows[0][0] <= last and not full):
                    return None
                first = 1 if whole else last + 1
                name = f"{rows[0][0]:020d}-{'full' if whole else 'more'}-{made_at:%Y%m%dT%H%M%S%f}"
                self._files.make_folder(folder)
                wanted = [(table, first) for table in NUMBERED] + [(table, None) for table in WHOLE if whole]
                written = {table: self._write(cursor, folder, table, since) for table, since in wanted}
                tables = {table: known for table, known in written.items() if known is not None}
                step = cursor.execute("select max(step) from schema_steps").fetchall()[0][0]
            except (duckdb.Error, OSError, LedgerError):
                shutil.rmtree(folder, ignore_errors=True)  # a full disk wants its space back
                raise
            finally:
                cursor.rollback()
        backup = Backup(self.folder / name, first, rows[0][0], rows[0][1], step, made_at.replace(tzinfo=None), tables)
        self._finish(folder, backup)
        self._forget()
        return backup

    def _write(
        self, cursor: duckdb.DuckDBPyConnection, folder: Path, table: str, first: int | None
    ) -> dict[str, Any] | None:
        """None, and no file, when there are no such rows."""
        path = folder / f"{table}.parquet"
        rows = f"(select * from {table}{'' if first is None else f' where seq >= {first}'})"
        written = _digest(cursor, rows)
        if not written[0]:
            return None
        cursor.execute(f"copy {rows} to {_quoted(path)} (format parquet, compression zstd)")
        if _digest(cursor, f"read_parquet({_quoted(path)})") != written:
            raise LedgerError(f"The backup of {table} does not read back as it was written; it does not count.")
        self._files.sync_file(path)
        return {"rows": written[0], "digest": written[1], "sha256": _sha256(path), "bytes": path.stat().st_size}

    def _finish(self, folder: Path, backup: Backup) -> None:
        content = {
            "first": backup.first, "last": backup.last, "open_from": backup.open_from, "step": backup.step,
            "made_at": backup.made_at, "tables": backup.tables,
        }  # fmt: skip
        manifest = self._files.create(folder / "manifest.json")
        try:
            write_whole(manifest, orjson.dumps(content, option=orjson.OPT_INDENT_2))
            manifest.sync()
        finally:
            manifest.close()
        self._files.sync_folder(folder)
        self._files.rename(folder, backup.folder)
        self._files.sync_folder(self.folder)

    def _forget(self) -> None:
        """Keep the newest two full backups and what follows them; what was left unfinished goes as well."""
        backups = self.all()
        fulls = [backup for backup in backups if backup.full]
        kept = {backup.folder for backup in backups if len(fulls) < 2 or backup.last >= fulls[-2].last}
        for name in self._files.names(self.folder):
            if self.folder / name not in kept and (name.startswith(".") or (self.folder / name).is_dir()):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    def fault(self, backup: Backup) -> str | None:
        """What is wrong with a backup's files; None when they are as they were written."""
        for table, known in backup.tables.items():
            path = backup.folder / f"{table}.parquet"
            try:
                if _sha256(path) != known["sha256"]:
                    return f"{path.name} has changed since it was written"
            except OSError as error:
                return f"{path.name} cannot be read ({error.strerror})"
        return None

    def restore(self, path: Path) -> int:
        """Make a new DuckDB file at `path` from the newest sound chain. Returns the last number in it, or 0."""
        chain = self.chain(sound=True)
        for left in (path, wal_of(path)):
            left.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for backup in chain:
                migrate(connection, [step for step in steps() if step.number <= backup.step])
                for table in backup.tables:
                    source = f"read_parquet({_quoted(backup.folder / f'{table}.parquet')})"
                    connection.execute(f"insert into {table} by name select * from {source}")
            migrate(connection)
            if chain:
                _catch_up(connection, chain)
            connection.execute("checkpoint")
        return chain[-1].last if chain else 0


def _catch_up(connection: duckdb.DuckDBPyConnection, chain: list[Backup]) -> None:
    """Roll up and remove again what was rolled up and removed after the full backup, in the same order."""
    removals = connection.execute(
        "select seq, table_name, origin, before from removals where seq > ? order by seq", [chain[0].last]
    ).fetchall()
    connection.begin()
    repriced = apply_since(connection, chain[0].last)
    for seq, table, origin, before in removals:
        roll(connection, seq)
        moment = None if before is None else before.isoformat()
        apply(connection, removal_of({"table": table, "origin": origin, "before": moment}), seq)
    newest = chain[-1]
    roll(connection, newest.last)
    if repriced:
        rebuild(connection, newest.last)
    connection.execute("insert into progress values (?, ?, now()::timestamp)", [newest.last, newest.open_from])
    connection.commit()


def _digest(cursor: duckdb.DuckDBPyConnection, source: str) -> tuple[int, str]:
    count, total = cursor.execute(f"select count(*), sum(hash(t)::hugeint) from {source} t").fetchall()[0]
    return int(count), str(total or 0)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
