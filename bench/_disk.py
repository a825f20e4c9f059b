"""A disk whose power fails: from what was done to its files, the states they may be found in afterwards."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

from bench._trace import Act, Trace

_SECTOR = 512


class Disk:
    """What may be on a disk when the power fails: all that was synced, and of the rest whatever chance has it."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def after(self, cut: int, pick: random.Random, target: Path) -> None:
        """Lay out below `target` a state the disk may be in, had the power failed just after moment `cut`."""
        acts = [act for act in self._trace.acts if act.at <= cut]
        names = self._names(acts, pick)
        contents = self._contents(acts, pick)
        target.mkdir(parents=True)
        for path, file in sorted(names.items()):
            place = target / path[len(self._trace.folder) + 1 :]
            if file is None:
                place.mkdir(parents=True, exist_ok=True)
            elif place.parent.is_dir():
                place.write_bytes(contents.get(file, b""))

    def _names(self, acts: list[Act], pick: random.Random) -> dict[str, int | None]:
        """Names come and go in their order; a sync of a folder keeps what happened in it before."""
        changes = [act for act in acts if act.name in ("create", "mkdir", "remove", "rename")]
        surely = 0
        for sync in acts:
            if sync.name == "sync" and sync.path:
                inside = [act.at for act in changes if act.at < sync.began and _within(act, sync.path)]
                surely = max([surely, *inside])
        kept = [act for act in changes if act.at <= surely]
        rest = [act for act in changes if act.at > surely]
        kept += rest[: pick.choice([0, len(rest), pick.randint(0, len(rest))])]
        names: dict[str, int | None] = {}
        for act in kept:
            if act.name == "create":
                names[act.path] = act.file
            elif act.name == "mkdir":
                names[act.path] = None
            elif act.name == "remove":
                names.pop(act.path, None)
            else:
                for path in [path for path in names if path == act.path or path.startswith(f"{act.path}/")]:
                    names[act.other + path[len(act.path) :]] = names.pop(path)
        return names

    def _contents(self, acts: list[Act], pick: random.Random) -> dict[int, bytes]:
        synced: dict[int, int] = {}
        for act in acts:
            if act.name == "sync" and act.file:
                synced[act.file] = act.began
        contents: dict[int, bytearray] = {}
        manner = pick.choice(["kept", "dropped", "torn", "mixed"])
        for act in acts:
            if act.name == "size":
                content = contents.setdefault(act.file, bytearray())
                del content[act.offset :]
                content.extend(bytes(act.offset - len(content)))
            elif act.name == "write":
                sure = act.at < synced.get(act.file, 0)
                for offset, data in [(act.offset, act.data)] if sure else _left(act, manner, pick):
                    content = contents.setdefault(act.file, bytearray())
                    content.extend(bytes(max(0, offset - len(content))))
                    content[offset : offset + len(data)] = data
        return {file: bytes(content) for file, content in contents.items()}


def _left(act: Act, manner: str, pick: random.Random) -> Iterator[tuple[int, bytes]]:
    """What is left of a write that was not synced, sector by sector."""
    if manner == "mixed":
        manner = pick.choice(["kept", "dropped", "torn"])
    if manner == "kept":
        yield act.offset, act.data
    elif manner == "torn":
        start = act.offset
        end = act.offset + len(act.data)
        while start < end:
            following = min(end, (start // _SECTOR + 1) * _SECTOR)
            if pick.random() < 0.5:
                yield start, act.data[start - act.offset : following - act.offset]
            start = following


def _within(act: Act, folder: str) -> bool:
    return os.path.dirname(act.path) == folder or os.path.dirname(act.other) == folder
