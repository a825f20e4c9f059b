"""A disk whose power fails: from what was done to its files, the states they may be found in afterwards."""

import random
from collections.abc import Iterator
from pathlib import Path

from bench._trace import ROOT, Act, Trace

_SECTOR = 512
_Names = dict[tuple[int, str], int | None]


class Disk:
    """What may be on a disk when the power fails: all that was synced, and of the rest whatever chance has it."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def after(self, cut: int, pick: random.Random, target: Path) -> None:
        """Lay out below `target` a state the disk may be in, had the power failed just after moment `cut`."""
        acts = [act for act in self._trace.acts if act.at <= cut]
        names = self._names_apart(acts, pick) if pick.random() < 0.5 else self._names_in_order(acts, pick)
        self._lay_out(ROOT, target, names, self._contents(acts, pick))

    def _lay_out(self, folder: int, target: Path, names: _Names, contents: dict[int, bytes]) -> None:
        target.mkdir(parents=True)
        for (within, name), node in names.items():
            if within != folder or node is None:
                continue
            if node in self._trace.folders:
                self._lay_out(node, target / name, names, contents)
            else:
                (target / name).write_bytes(contents.get(node, b""))

    def _names_in_order(self, acts: list[Act], pick: random.Random) -> _Names:
        """As on a disk that journals its names: they come and go in order, and a folder's sync keeps all before it."""
        changes = [act for act in acts if act.name == "name"]
        synced = [act for act in acts if act.name == "sync"]
        surely = max(
            (act.at for act in changes if any(sync.file == act.folder and act.at < sync.began for sync in synced)),
            default=0,
        )
        moments = sorted({act.at for act in changes if act.at > surely})
        upto = pick.choice([surely, *moments[-1:], pick.choice([surely, *moments])])
        return {(act.folder, act.entry): act.node for act in changes if act.at <= upto}

    def _names_apart(self, acts: list[Act], pick: random.Random) -> _Names:
        """As on a disk that promises nothing: each name by itself is what it was at its folder's sync, or later."""
        synced = {act.file: act.began for act in acts if act.name == "sync"}
        lives: dict[tuple[int, str], list[int | None]] = {}
        for act in acts:
            if act.name == "name":
                life = lives.setdefault((act.folder, act.entry), [None])
                if act.at < synced.get(act.folder, 0):
                    life.clear()
                life.append(act.node)
        return {key: pick.choice([life[0], life[-1], pick.choice(life)]) for key, life in lives.items()}

    def _contents(self, acts: list[Act], pick: random.Random) -> dict[int, bytes]:
        synced = {act.file: act.began for act in acts if act.name == "sync"}
        contents: dict[int, bytearray] = {}
        manner = pick.choice(["kept", "dropped", "torn", "mixed"])
        for act in acts:
            if act.name not in ("size", "write"):
                continue
            content = contents.setdefault(act.file, bytearray())
            sure = act.at < synced.get(act.file, 0)
            if act.name == "write":
                for offset, data in [(act.offset, act.data)] if sure else _left(act, manner, pick):
                    content.extend(bytes(max(0, offset - len(content))))
                    content[offset : offset + len(data)] = data
            elif sure or manner == "kept" or (manner != "dropped" and pick.random() < 0.5):
                del content[act.offset :]
                content.extend(bytes(act.offset - len(content)))
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
