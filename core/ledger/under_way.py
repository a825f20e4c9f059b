"""The calls under way, in a mapped file: kept without a system call or another thread, and left behind by a kill."""

import logging
from collections.abc import Iterator
from pathlib import Path

import orjson

from core.ledger.entries import Entry, Piece, digest
from core.ledger.files import Files, Mapped
from core.ledger.lines import Kind, decode, encode
from core.ledger.rows import moment

HALF_BYTES = 512 * 1024
_WORDS_BYTES = 16 * 1024
"""Longer words are left to the journal."""
_log = logging.getLogger(__name__)


class UnderWay:
    """Starts of calls that the journal is still to write: a line each, in two halves.

    While the starts of one half are being written to the journal, new ones go to the other. All methods are for whoever
    holds the writer's lock. `left`: starts that a killed process left here; there is no room before they are wiped.
    """

    def __init__(self, memory: Mapped | None) -> None:
        self._memory = memory
        self.left: tuple[Entry, ...] = () if memory is None else tuple(_read(memory[:]))
        if memory is not None and not self.left:
            memory[:] = bytes(len(memory))  # words behind a line that cannot be read
        self._active = 0
        self._end = HALF_BYTES if self.left else 0
        self._written: list[tuple[int, int]] = []
        """Halves whose starts the journal is about to hold, and how far they are filled."""

    @classmethod
    def open(cls, path: Path, files: Files) -> "UnderWay":
        """Where files cannot be mapped, nothing is kept, and each start has to be written at once."""
        try:
            return cls(files.map(path, 2 * HALF_BYTES))
        except (OSError, ValueError) as error:
            _log.warning("The calls under way cannot be kept in a mapped file (%s); each is written at once.", error)
            return cls(None)

    def keep(self, entry: Entry) -> bool:
        """Whether the start `entry`, with all of its words, outlives this process from now on."""
        if self._memory is None:
            return False
        size = sum(len(piece.body) for piece in entry.messages)
        whole = size <= _WORDS_BYTES and self._end + size <= HALF_BYTES // 2  # the rest of the room is for many calls
        words = [piece.body for piece in entry.messages] if whole else []
        line = encode(0, 1, 0, entry.kind, entry.id, b"\t".join([entry.head, *words]))
        end = self._end + len(line)
        if end >= HALF_BYTES:
            return False
        start = self._active * HALF_BYTES
        self._memory[start + self._end : start + end + 1] = line + b"\0"
        self._end = end
        return whole

    def turn(self) -> None:
        """All that is kept here is being written to the journal; what comes from now on is not."""
        if self._written:
            return  # the disk fails, and what is kept since waits for the next turn
        if self.left:
            self._written = [(0, HALF_BYTES), (1, HALF_BYTES)]
        elif self._end:
            self._written = [(self._active, self._end)]
            self._active = 1 - self._active
            self._end = 0

    def wipe(self) -> None:
        """What was being written is on disk; nobody's words stay behind here."""
        if self._memory is None or not self._written:
            return
        for half, end in self._written:
            start = half * HALF_BYTES
            self._memory[start : start + end] = bytes(end)
        if self.left:
            self.left, self._end = (), 0
        self._written = []

    def close(self) -> None:
        if self._memory is not None:
            self._memory.close()
            self._memory = None


def _read(memory: bytes) -> Iterator[Entry]:
    for half in (memory[:HALF_BYTES], memory[HALF_BYTES:]):
        for raw in half.split(b"\n"):
            line = decode(raw)
            if line is None or line.kind != Kind.STARTED:
                break  # the end, or what was being written at the last moment
            head, *words = line.body.split(b"\t")
            call = orjson.loads(head)
            pieces = tuple(Piece(digest(body), body) for body in words)
            origin, at = call.get("origin", "live"), moment(call.get("started_at"))
            yield Entry(Kind.STARTED, line.id, head, origin, at, pieces, size=len(line.body))
