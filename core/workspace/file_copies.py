"""Copies of the attached files: each is copied once, since it never changes, and read through as it is copied."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import PlatformError
from core.workspace.files import SHA256
from core.workspace.ids import new_id

ROOM = 256 * 1024 * 1024
"""Bytes of the disk that copies leave free."""
PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Copied:
    """`damaged`: files that are not what they were; they are not copied."""

    files: int
    damaged: tuple[str, ...] = ()


def copy_files_out(folder: Path, backups: Path) -> Copied:
    """Copy every file in `folder` that has no copy yet. Raises PlatformError when one cannot be written."""
    return _copied(folder, backups / "files", _has_size)


def bring_files_back(folder: Path, backups: Path) -> Copied:
    """Put back every file that is missing in `folder` or is not what it was. Raises PlatformError."""
    return _copied(backups / "files", folder, lambda path, size: _has_size(path, size) and _hash(path) == path.name)


def _copied(source: Path, target: Path, is_there: Callable[[Path, int], bool]) -> Copied:
    count, damaged = 0, []
    try:
        for path in _files(source):
            size, copy = path.stat().st_size, target / path.parent.name / path.name
            if is_there(copy, size):
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(copy.parent).free < size + ROOM:
                raise PlatformError(f"The attached files could not be copied: the disk of {target} is nearly full.")
            if _copy(path, copy):
                count += 1
            else:
                damaged.append(path.name)
    except OSError as error:
        raise PlatformError(f"The attached files could not be copied: {error}") from error
    return Copied(count, tuple(damaged))


def _files(folder: Path) -> Iterator[Path]:
    """Drafts of files, and whatever else somebody put there, are left alone."""
    for drawer in sorted(folder.iterdir()) if folder.is_dir() else ():
        if drawer.is_dir():
            yield from (path for path in sorted(drawer.iterdir()) if SHA256.fullmatch(path.name) and path.is_file())


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(path: Path, copy: Path) -> bool:
    """Whole or not at all; False when the bytes do not have the name of their content any more."""
    draft, digest = copy.with_name(f".{new_id()}"), hashlib.sha256()
    try:
        with path.open("rb") as source, draft.open("wb") as target:
            while piece := source.read(PIECE):
                digest.update(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        if digest.hexdigest() != path.name:
            return False
        draft.replace(copy)
        return True
    finally:
        draft.unlink(missing_ok=True)
