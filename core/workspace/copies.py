"""Copies of the workspace's SQLite file, made while people use it; each is read through before it counts."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ConflictError, PlatformError
from core.workspace.files import sync_to_disk

KEPT = 3


def copies(folder: Path) -> list[Path]:
    """Every finished copy in `folder`, oldest first."""
    return sorted(folder.glob("workspace-*.db"))


def copy_out(path: Path, folder: Path) -> Path | None:
    """Copy the file at `path` as it is at one moment; the newest three copies stay. None: nothing new since the last.

    Raises PlatformError when the copy cannot be made or does not read back whole.
    """
    if not path.is_file():
        return None
    there = copies(folder)
    touched = max(one.stat().st_mtime for one in (path, path.with_name(path.name + "-wal")) if one.exists())
    if there and there[-1].stat().st_mtime > touched:
        return None
    target = folder / f"workspace-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.db"
    unfinished = folder / f".{target.name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=30)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
            copy.execute("pragma journal_mode = delete")
            _check(copy)
        sync_to_disk(unfinished)
        unfinished.rename(target)
        sync_to_disk(folder)
        for old in copies(folder)[:-KEPT]:
            old.unlink()
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise PlatformError(f"The conversations and settings could not be backed up: {error}") from error
    return target


def bring_back(path: Path, folder: Path) -> Path:
    """Put the newest sound copy in the place of `path`; what was there is kept beside it as `….replaced`.

    Raises ConflictError while somebody has the file open, PlatformError when there is no sound copy.
    """
    for copy in reversed(copies(folder)):
        try:
            with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
                _check(connection)
        except sqlite3.Error:
            continue
        if path.exists():
            _alone(path)
        fresh = path.with_name(path.name + ".restoring")
        fresh.write_bytes(copy.read_bytes())
        sync_to_disk(fresh)
        for ending in ("", "-wal", "-shm"):
            present = path.with_name(path.name + ending)
            if present.exists():
                present.replace(present.with_name(present.name + ".replaced"))
        fresh.replace(path)
        sync_to_disk(path.parent)
        return copy
    raise PlatformError(f"There is no sound copy of the conversations and settings in {folder}.")


def _alone(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=0.2)) as connection:
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ConflictError(f"{path} is in use; stop the server first.") from None
    except sqlite3.DatabaseError:
        return  # damaged: that is why it is to be replaced


def _check(connection: sqlite3.Connection) -> None:
    found = connection.execute("pragma integrity_check").fetchall()
    if found != [("ok",)]:
        raise sqlite3.DatabaseError(f"the copy is not whole: {found[0][0]}")
