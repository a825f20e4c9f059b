"""A file system that fails on purpose: the n-th operation raises, writes come out short, or the disk is full."""

import errno
import threading
from collections.abc import Callable
from pathlib import Path

from core.ledger.files import Files, Segment


class FaultySegment:
    def __init__(self, inner: Segment, faults: "FaultyFiles") -> None:
        self._inner = inner
        self._faults = faults
        self.path = inner.path

    def write(self, data: memoryview) -> int:
        faults = self._faults
        faults.step("write")
        room = faults.room
        if room is not None:
            part = data[: max(0, room)]
            if not part:
                raise OSError(errno.ENOSPC, "No space left on device")
            faults.room = room - len(part)
            return self._inner.write(part)
        return self._inner.write(data[: max(1, len(data) // 3)] if faults.short else data)

    def sync(self) -> None:
        self._faults.step("sync")
        self._inner.sync()

    def close(self) -> None:
        self._inner.close()


class FaultyFiles(Files):
    """`fail_at`: number of the operation that fails (1 is the first), once or, with `lasting`, from then on."""

    def __init__(self, fail_at: int | None = None, *, lasting: bool = False, short: bool = False) -> None:
        self.fail_at = fail_at
        self.lasting = lasting
        self.short = short
        self.room: int | None = None
        self.done: list[str] = []
        self.watch: Callable[[str], None] | None = None
        self._lock = threading.Lock()

    def step(self, name: str) -> None:
        if self.watch is not None:
            self.watch(name)
        with self._lock:
            self.done.append(name)
            number = len(self.done)
            if self.fail_at is not None and (number == self.fail_at or (self.lasting and number > self.fail_at)):
                raise OSError(errno.EIO, f"Input/output error at operation {number}, {name}")

    def create(self, path: Path) -> Segment:
        self.step("create")
        return FaultySegment(super().create(path), self)  # type: ignore[return-value]


def _faulty(name: str) -> Callable[..., object]:
    real = getattr(Files, name)

    def operation(self: FaultyFiles, *given: object, **named: object) -> object:
        self.step(name)
        return real(self, *given, **named)

    return operation


for _name in (
    "map",
    "read",
    "rename",
    "remove",
    "truncate",
    "copy",
    "sync_file",
    "sync_folder",
    "make_folder",
    "names",
    "size",
):
    setattr(FaultyFiles, _name, _faulty(_name))
