"""The journal on disk: numbered segment files of checked lines, written in order, read in order."""

import errno
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.ledger.files import Files, Segment, write_whole
from core.ledger.lines import Line, decode

SEGMENT_BYTES = 64 * 1024 * 1024
_CHUNK = 4 * 1024 * 1024


@dataclass(slots=True)
class Part:
    """One segment file. Bytes before `end` are known to be on disk; lines from `stop` on belong to a later segment."""

    path: Path
    first: int
    end: int
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read on: a segment and a byte offset in it."""

    part: Part
    offset: int


class Journal:
    """Appending and syncing are for one thread, pruning for another; reading, below what is synced, is for any."""

    def __init__(self, folder: Path, files: Files, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self._files = files
        self._segment_bytes = segment_bytes
        self._segment: Segment | None = None
        self._part: Part | None = None
        self._listing = threading.Lock()  # held to change `parts`; whoever reads takes the list as it is
        files.make_folder(folder)
        self.parts: list[Part] = []
        for (first, _), name in sorted((key, name) for name in files.names(folder) if (key := _order(name))):
            self.parts.append(Part(folder / name, first, files.size(folder / name)))
        for part, following in zip(self.parts, self.parts[1:], strict=False):
            part.stop = following.first
        if self.parts:  # a process that was killed may have left lines that no disk has seen; from now on they count
            files.sync_file(self.parts[-1].path)

    # writing

    def append(self, data: bytes, first: int) -> None:
        """Write `data` (whole lines, the first of them numbered `first`) and sync it. OSError: none of it counts."""
        if self._files.nearly_full(self.folder):
            raise OSError(errno.ENOSPC, "the disk is nearly full")
        part = self._open(first, len(data))
        segment = self._segment
        assert segment is not None
        try:
            write_whole(segment, data)
            segment.sync()
        except OSError:
            self._abandon(part, first)
            raise
        part.end += len(data)

    def _open(self, first: int, size: int) -> Part:
        if self._segment is not None and self._part is not None:
            if self._part.end + size <= self._segment_bytes or self._part.end == 0:
                return self._part
            self._segment.close()
            self._segment = None
        path = self._fresh_name(first)
        segment = self._files.create(path)
        try:
            self._files.sync_folder(self.folder)
        except OSError:
            segment.close()
            self._discard(path)
            raise
        self._segment = segment
        self._part = Part(path, first, 0)
        with self._listing:
            if self.parts:
                self.parts[-1].stop = first
            self.parts = [*self.parts, self._part]
        return self._part

    def _drop(self, part: Part) -> None:
        with self._listing:
            self.parts = [other for other in self.parts if other is not part]

    def _fresh_name(self, first: int) -> Path:
        taken = sum(1 for part in self.parts if part.first == first)
        path = self.folder / f"{first:020d}.log"
        while taken or os.path.lexists(path):
            path = self.folder / f"{first:020d}-{taken:04d}.log"
            if not os.path.lexists(path):
                break
            taken += 1
        return path

    def _abandon(self, part: Part, first: int) -> None:
        """After a failed write or sync nothing more goes into this file: what the disk holds of it is unknown."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None
        part.stop = first
        if part.end == 0:
            self._discard(part.path)
            self._drop(part)
            return
        try:
            self._files.truncate(part.path, part.end)
        except OSError:
            return  # the torn lines stay behind, and are passed over because the next segment starts at their numbers

    def _discard(self, path: Path) -> None:
        try:
            self._files.remove(path)
        except OSError:
            return  # an empty or torn segment does no harm

    def close(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    # reading

    def walk(self, start: int = 0) -> Iterator[Line]:
        """All lines whose numbers reach `start`, in order."""
        place = self.place(start)
        while place is not None:
            lines, place = self.read(place)
            for line in lines:
                if line.seq >= start:
                    yield line

    def holds(self, first: int, last: int) -> bool:
        """Whether every number from `first` to `last` is there."""
        following = first
        for line in self.walk(first):
            if line.first > following:
                return False
            following = line.seq + 1
            if following > last:
                return True
        return False

    def place(self, start: int) -> Place | None:
        """Where the line numbered `start` is or will be; None while there is no segment at all."""
        parts = self.parts
        if not parts:
            return None
        chosen = parts[0]
        for part in parts:
            if part.first <= start:
                chosen = part
        return Place(chosen, 0)

    def read(self, place: Place, limit: int = _CHUNK) -> tuple[list[Line], Place | None]:
        """Some lines from `place` on, and where to go on; None when nothing more is there now."""
        part = place.part
        end = part.end
        if place.offset >= end:
            following = self._after(part)
            return [], Place(following, 0) if following is not None else None
        size = min(limit, end - place.offset)
        try:
            data = self._files.read(part.path, place.offset, size)
        except FileNotFoundError:
            if any(other is part for other in self.parts):
                raise
            following = self._after(part)  # pruned: its lines are loaded and in a backup
            return [], Place(following, 0) if following is not None else None
        cut = data.rfind(b"\n") + 1
        if cut == 0 and place.offset + len(data) < end:  # one line longer than the limit
            return self.read(place, limit * 2)
        offset = end if place.offset + len(data) >= end or not data else place.offset + cut
        found = (decode(raw) for raw in _lines(data))
        stop = part.stop
        return [line for line in found if line and (stop is None or line.seq < stop)], Place(part, offset)

    def _after(self, part: Part) -> Part | None:
        parts = self.parts
        for index, other in enumerate(parts):
            if other is part:
                return parts[index + 1] if index + 1 < len(parts) else None
        return parts[0] if parts else None  # it was pruned: go on with the oldest that is left

    def end_before(self, number: int) -> None:
        """Nothing that is there now counts from `number` on; the next segment begins at it, which says so for good."""
        for part in self.parts:
            part.stop = number if part.stop is None else min(part.stop, number)

    def prune(self, below: int) -> int:
        """Remove segments all of whose lines are numbered below `below`; the newest always stays. Returns how many."""
        parts = self.parts
        gone = [part for part in parts[:-1] if part.stop is not None and part.stop <= below]
        removed = 0
        for part in gone:
            self._drop(part)  # first, so that no reader looks for it
            try:
                self._files.remove(part.path)
            except OSError:
                with self._listing:
                    self.parts = [part, *self.parts]
                break
            removed += 1
        return removed


def _lines(data: bytes) -> Iterator[bytes]:
    """What ends in a newline, without it. `bytes.split` would look at each byte."""
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        yield data[start:end]
        start = end + 1


def _order(name: str) -> tuple[int, int] | None:
    """The first number in a segment and which try at that number it was; None when the file is no segment."""
    stem, _, ending = name.partition(".")
    first, _, tried = stem.partition("-")
    if ending != "log" or len(first) != 20 or not first.isdigit() or not (tried or "0").isdigit():
        return None
    return int(first), int(tried) + 1 if tried else 0
