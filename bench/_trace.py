"""What a program did to the files of a folder, in order, as strace saw it: the raw material of a power cut."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_CALLS = (
    "write,pwrite64,fsync,fdatasync,openat,close,rename,renameat,renameat2,ftruncate,truncate,unlink,unlinkat,"
    "mkdir,mkdirat,rmdir,writev,pwritev,fallocate,copy_file_range,sendfile,dup,dup2,dup3"
)
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>)?(.*)", re.DOTALL)
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)", re.DOTALL)
_UNSEEN = ("writev", "pwritev", "fallocate", "copy_file_range")
ROOT = 0
"""The number of the recorded folder itself; every file and folder in it has one of its own."""
_NOBODY = -1


@dataclass(slots=True)
class Act:
    """`at`: when it was finished; a sync covers what was finished before it `began`.

    `name`: write or size, of `file`; sync, of a file or folder `file`; or name: `entry` in `folder` is `node` from now
    on, None when it is gone.
    """

    name: str
    at: int
    began: int = 0
    file: int = _NOBODY
    offset: int = 0
    data: bytes = b""
    folder: int = _NOBODY
    entry: str = ""
    node: int | None = None


@dataclass(slots=True)
class Trace:
    """`acts` on what lies below `folder`; `said`: lines of standard output and when they were written.

    `folders`: which numbers are those of folders.
    """

    folder: str
    acts: list[Act] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    folders: set[int] = field(default_factory=lambda: {ROOT})


def available() -> bool:
    """Whether strace is installed and may trace here."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


def record(commands: list[list[str]], folder: Path, output: Path, cwd: Path) -> Trace:
    """Run `commands` to their ends under strace, one after the other; what lies in `folder` already counts as synced.

    A command may kill itself. Raises RuntimeError when one fails otherwise or does what is not understood.
    """
    reader = Reader(str(folder))
    reader.find(folder)
    strace = ["strace", "--seccomp-bpf", "-f", "-xx", "-s", "100000000", "-e", f"trace={_CALLS}", "-o", str(output)]
    for command in commands:
        done = subprocess.run(
            [*strace, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=cwd, check=False, timeout=300
        )
        if done.returncode not in (0, -signal.SIGKILL):
            raise RuntimeError(f"the recorded program failed: {done.stderr.decode(errors='replace')[-2000:]}")
        reader.read(output)
    return reader.trace


class Reader:
    """Follows descriptors and names, so that each write is known by the file it went to whatever that is called."""

    def __init__(self, folder: str) -> None:
        self.trace = Trace(folder)
        self._paths: dict[int, str] = {}
        self._opened_as: dict[int, int] = {}
        self._names: dict[str, int] = {folder: ROOT}
        self._sizes: dict[int, int] = {}

    def find(self, folder: Path) -> None:
        """What is there before anything happens: whole and synced."""
        acts = self.trace.acts
        for number, path in enumerate(sorted(folder.rglob("*")), 1):
            node = -number - 1
            self._name(0, str(path), node, is_folder=path.is_dir())
            if path.is_file():
                acts.append(Act("write", 0, file=node, data=path.read_bytes()))
                self._sizes[node] = len(acts[-1].data)
        acts.extend([Act("sync", 0, 1, file=node) for node in self._names.values()])

    def read(self, output: Path) -> None:
        """One more program, which has descriptors of its own and begins when the last one has ended."""
        self._paths.clear()
        self._opened_as.clear()
        start = max([act.at for act in self.trace.acts] + [at for at, _ in self.trace.said], default=0)
        for at, began, name, text, result in _calls(output, start):
            if result < 0:
                continue
            parts = text.split(", ") if name != "write" or not text.startswith("1, ") else ["1", text[3:]]
            self._see(at, began, name, parts, result)

    def _see(self, at: int, began: int, name: str, parts: list[str], result: int) -> None:
        if name == "openat":
            self._open(at, _path(self._paths, parts[0], parts[1]), parts[2], result)
        elif name in ("mkdir", "mkdirat", "unlink", "rmdir", "unlinkat"):
            path = _path(self._paths, parts[0], parts[1]) if name.endswith("at") else _text(parts[0])
            if self._ours(path):
                self._name(at, path, at if "mkdir" in name else None, is_folder="mkdir" in name)
        elif name.startswith("rename"):
            old, new = (_text(parts[0]), _text(parts[1])) if name == "rename" else (_text(parts[1]), _text(parts[3]))
            if self._ours(new):
                self._move(at, old, new)
        elif name == "write" and parts[0] == "1":
            self.trace.said += [(began, line) for line in _bytes(parts[1].rpartition(", ")[0]).decode().splitlines()]
        elif (descriptor := int(parts[0]) if parts[0].isdigit() else -1) in self._paths:
            self._on_descriptor(at, began, name, parts, descriptor, result)

    def _open(self, at: int, path: str, flags: str, descriptor: int) -> None:
        self._paths.pop(descriptor, None)
        self._opened_as.pop(descriptor, None)
        if not self._ours(path) and path != self.trace.folder:
            return
        self._paths[descriptor] = path
        if path not in self._names and "O_CREAT" in flags:
            self._name(at, path, at)
            self._sizes[at] = 0
        file = self._names.get(path)
        if file is None:
            return
        self._opened_as[descriptor] = file
        if "O_TRUNC" in flags and self._sizes[file]:
            self._sizes[file] = 0
            self.trace.acts.append(Act("size", at, file=file, offset=0))

    def _on_descriptor(self, at: int, began: int, name: str, parts: list[str], descriptor: int, result: int) -> None:
        acts, file = self.trace.acts, self._opened_as.get(descriptor)
        if name == "close":
            self._paths.pop(descriptor)
        elif file is None or name in _UNSEEN or name.startswith("dup"):
            raise RuntimeError(f"{name} on {self._paths[descriptor]} is not understood")
        elif name in ("fsync", "fdatasync"):
            acts.append(Act("sync", at, began, file=file))
        elif name == "ftruncate":
            self._sizes[file] = int(parts[1])
            acts.append(Act("size", at, file=file, offset=int(parts[1])))
        elif name in ("write", "pwrite64", "sendfile"):
            offset = int(parts[3]) if name == "pwrite64" else self._sizes[file]
            data = self._copied(parts, result) if name == "sendfile" else _bytes(parts[1])[:result]
            self._sizes[file] = max(self._sizes[file], offset + len(data))
            acts.append(Act("write", at, file=file, offset=offset, data=data))

    def _copied(self, parts: list[str], size: int) -> bytes:
        """What `sendfile` took from another file, as it was at that moment."""
        content, source = bytearray(), self._opened_as[int(parts[1])]
        for act in self.trace.acts:
            if act.file == source and act.name in ("write", "size"):
                content.extend(bytes(max(0, act.offset - len(content))))
                content[act.offset : act.offset + len(act.data) if act.name == "write" else None] = act.data
        start = int(parts[2].lstrip("[").partition("]")[0])
        return bytes(content[start : start + size])

    def _name(self, at: int, path: str, node: int | None, *, is_folder: bool = False) -> None:
        """From now on `path` is that file or folder, or nothing."""
        folder, _, entry = path.rpartition("/")
        self.trace.acts.append(Act("name", at, folder=self._names[folder], entry=entry, node=node))
        if node is None:
            self._names.pop(path, None)
            return
        self._names[path] = node
        if is_folder:
            self.trace.folders.add(node)

    def _move(self, at: int, old: str, new: str) -> None:
        node = self._names[old]
        self._name(at, new, node)
        self._name(at, old, None)
        for path in [path for path in self._names if path.startswith(f"{old}/")]:
            self._names[new + path[len(old) :]] = self._names.pop(path)
        for descriptor, path in self._paths.items():
            if path == old or path.startswith(f"{old}/"):
                self._paths[descriptor] = new + path[len(old) :]

    def _ours(self, path: str) -> bool:
        return path.startswith(self.trace.folder + "/")


def _calls(output: Path, start: int) -> Iterator[tuple[int, int, str, str, int]]:
    """When each call ended and began, its name, its arguments and what it returned; in the order of their ends.

    A close counts from its beginning: another thread may get the same descriptor before its end is told.
    """
    begun: dict[str, tuple[int, str]] = {}
    with output.open(encoding="ascii") as lines:
        for at, line in enumerate(lines, start + 1):
            found = _LINE.match(line.rstrip())
            if found is None:
                continue
            pid, resumed, text = found[1], found[2], found[3]
            began = at
            if resumed:
                began, head = begun.pop(pid, (at, ""))
                text = head + text
            elif text.endswith("<unfinished ...>"):
                text = text.removesuffix("<unfinished ...>").rstrip()
                if text.startswith("close("):
                    yield at, at, "close", text.removeprefix("close(").rstrip(") "), 0
                else:
                    begun[pid] = at, text
                continue
            call = _CALL.match(text)
            if call is not None:
                yield at, began, call[1], call[2], int(call[3])


def _bytes(quoted: str) -> bytes:
    return bytes.fromhex(quoted.strip().strip('"').replace("\\x", ""))


def _text(quoted: str) -> str:
    return _bytes(quoted).decode("utf-8", "surrogateescape")


def _path(paths: dict[int, str], folder: str, quoted: str) -> str:
    path = _text(quoted)
    return path if path.startswith("/") or folder == "AT_FDCWD" else f"{paths.get(int(folder), '?')}/{path}"
