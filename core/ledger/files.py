"""The seam to the file system: the few operations that durability rests on; a test can make any of them fail."""

import errno
import mmap
import os
import shutil
from pathlib import Path

_RESERVE = 16 * 1024 * 1024
Mapped = mmap.mmap
"""A file's bytes in memory: they outlive the process; a power cut may leave any mix of old and new pages."""


class Segment:
    """A file opened for appending. `write` may write less than it was given, as write(2) may."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, data: memoryview) -> int:
        return os.write(self._descriptor, data)

    def sync(self) -> None:
        getattr(os, "fdatasync", os.fsync)(self._descriptor)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def write_whole(segment: Segment, data: bytes) -> None:
    """Write on after short writes, until all of `data` is written; OSError when no more is taken."""
    view = memoryview(data)
    while view:
        written = segment.write(view)
        if written <= 0:
            raise OSError(f"{segment.path.name} took no more bytes")
        view = view[written:]


class Files:
    """The real file system. Every method raises OSError when it fails."""

    def create(self, path: Path) -> Segment:
        return Segment(path)

    def map(self, path: Path, size: int) -> Mapped:
        """The first `size` bytes of a file, zeros where it had none.

        All of its room is taken beforehand, a copy may have holes: a write into one on a full disk ends the process.
        """
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            content = os.pread(descriptor, size, 0)
            if os.pwrite(descriptor, content.ljust(size, b"\0"), 0) != size:
                raise OSError(errno.ENOSPC, "the disk is full")
            os.fsync(descriptor)
            return mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)

    def read(self, path: Path, offset: int = 0, limit: int | None = None) -> bytes:
        with path.open("rb") as stream:
            stream.seek(offset)
            return stream.read() if limit is None else stream.read(limit)

    def size(self, path: Path) -> int:
        return path.stat().st_size

    def names(self, folder: Path) -> list[str]:
        return sorted(os.listdir(folder))

    def rename(self, old: Path, new: Path) -> None:
        os.replace(old, new)

    def remove(self, path: Path) -> None:
        os.remove(path)

    def truncate(self, path: Path, size: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def copy(self, old: Path, new: Path) -> None:
        shutil.copyfile(old, new)
        self.sync_file(new)

    def sync_file(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make_folder(self, path: Path) -> None:
        """With its parents, and so that it is there after a power cut, too; whoever made it may have been killed."""
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for folder in missing or [path]:
            self.sync_folder(folder.parent)

    def sync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def nearly_full(self, path: Path) -> bool:
        """The last of the room is left to what lies beside the log, so that people can go on talking."""
        usage = shutil.disk_usage(path)
        return usage.free < min(_RESERVE, usage.total // 50)

    def free_bytes(self, path: Path) -> int:
        return shutil.disk_usage(path).free
