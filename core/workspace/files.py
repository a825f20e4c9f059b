"""Uploaded bytes, kept once under the name of their own content: what people call a file never becomes a path."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.errors import InvalidError, NotFoundError
from core.workspace.database import Database
from core.workspace.ids import new_id, now
from core.workspace.plain_text import one_line
from core.workspace.schema import files

LARGEST = 64 * 1024 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
"""What the name of a kept file looks like."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`sha256` in hex names it; `name` is what its owner called it and is only ever shown."""

    sha256: str
    size: int
    media_type: str
    name: str


class Files:
    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def put(self, data: bytes, name: str, media_type: str = "application/octet-stream") -> StoredFile:
        """Keep `data`; the same bytes are kept once. Raises InvalidError above 64 MB."""
        if len(data) > LARGEST:
            raise InvalidError(f"{one_line(name, 80)} is larger than {LARGEST // 2**20} MB; send a smaller file.")
        sha256 = hashlib.sha256(data).hexdigest()
        stored = StoredFile(sha256, len(data), media_type, one_line(name, 200) or "file")
        self._write(sha256, data)
        row = {"sha256": sha256, "name": stored.name, "media_type": media_type, "size": len(data), "created_at": now()}
        with self._database.writing() as connection:
            known = connection.execute(sa.select(files.c.sha256).where(files.c.sha256 == sha256)).first()
            if known is None:
                connection.execute(sa.insert(files), row)
        return stored

    def read(self, sha256: str) -> bytes:
        """The bytes. Raises NotFoundError, also when they are not what they were."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFoundError("This file is no longer kept here; attach it again.") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotFoundError("This file was damaged on disk; attach it again.")
        return data

    def path(self, sha256: str) -> Path:
        """Where the bytes lie, if they are kept. Raises NotFoundError for what is no name of a file."""
        if not SHA256.fullmatch(sha256):
            raise NotFoundError("There is no such file.")
        return self._folder / sha256[:2] / sha256

    def _write(self, sha256: str, data: bytes) -> None:
        path = self.path(sha256)
        if path.exists() and path.stat().st_size == len(data):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{new_id()}")
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        for folder in (path.parent, self._folder, self._folder.parent):  # else a power cut may take the names
            sync_to_disk(folder)


def sync_to_disk(path: Path) -> None:
    """A file's bytes, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
