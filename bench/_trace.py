"""What a program did to the files of a folder, in order, as strace saw it: the raw material of a power cut."""

import os
import re
import shutil
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
_UNSEEN = ("writev", "pwritev", "fallocate", "copy_file_range", "sendfile")


@dataclass(slots=True)
class Act:
    """`at`: when it was finished; a sync covers what was finished before it `began`. Paths are as given to the call."""

    name: str
    at: int
    began: int = 0
    path: str = ""
    other: str = ""
    file: int = 0
    offset: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Trace:
    """`acts` on files and folders below `folder`; `said`: lines of standard output and when they were written."""

    folder: str
    acts: list[Act] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)


def available() -> bool:
    """Whether strace is installed and may trace here."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


def record(command: list[str], folder: Path, output: Path, cwd: Path) -> Trace:
    """Run `command` to its end under strace. Raises RuntimeError when it fails or does what is not understood."""
    strace = ["strace", "--seccomp-bpf", "-f", "-xx", "-s", "100000000", "-e", f"trace={_CALLS}", "-o", str(output)]
    done = subprocess.run(
        [*strace, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=cwd, check=False, timeout=300
    )
    if done.returncode:
        raise RuntimeError(f"the recorded program failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return _Reader(str(folder)).read(output)


class _Reader:
    """Follows descriptors and names, so that each write is known by the file it went to whatever that is called."""

    def __init__(self, folder: str) -> None:
        self._trace = Trace(folder)
        self._paths: dict[int, str] = {}
        self._files: dict[int, int] = {}
        self._names: dict[str, int] = {}
        self._sizes: dict[int, int] = {}

    def read(self, output: Path) -> Trace:
        for at, began, name, text, result in _calls(output):
            if result < 0:
                continue
            parts = text.split(", ") if name != "write" or not text.startswith("1, ") else ["1", text[3:]]
            self._see(at, began, name, parts, result)
        return self._trace

    def _see(self, at: int, began: int, name: str, parts: list[str], result: int) -> None:
        acts = self._trace.acts
        if name == "openat":
            self._opened(at, _path(self._paths, parts[0], parts[1]), parts[2], result)
        elif name in ("mkdir", "mkdirat", "unlink", "rmdir", "unlinkat"):
            path = _path(self._paths, parts[0], parts[1]) if name.endswith("at") else _text(parts[0])
            if self._ours(path):
                acts.append(Act("mkdir" if "mkdir" in name else "remove", at, path=path))
                self._names.pop(path, None)
        elif name.startswith("rename"):
            old, new = (_text(parts[0]), _text(parts[1])) if name == "rename" else (_text(parts[1]), _text(parts[3]))
            if self._ours(new):
                acts.append(Act("rename", at, path=old, other=new))
                self._move(old, new)
        elif name == "write" and parts[0] == "1":
            self._trace.said += [(began, line) for line in _bytes(parts[1].rpartition(", ")[0]).decode().splitlines()]
        elif (descriptor := int(parts[0]) if parts[0].isdigit() else -1) in self._paths:
            self._on_descriptor(at, began, name, parts, descriptor, result)

    def _opened(self, at: int, path: str, flags: str, descriptor: int) -> None:
        self._paths.pop(descriptor, None)
        self._files.pop(descriptor, None)
        if not self._ours(path) and path != self._trace.folder:
            return
        self._paths[descriptor] = path
        if "O_DIRECTORY" in flags:
            return
        if path not in self._names and "O_CREAT" in flags:
            self._names[path] = at
            self._sizes[at] = 0
            self._trace.acts.append(Act("create", at, path=path, file=at))
        file = self._names.get(path)
        if file is None:
            return
        self._files[descriptor] = file
        if "O_TRUNC" in flags and self._sizes[file]:
            self._sizes[file] = 0
            self._trace.acts.append(Act("size", at, file=file, offset=0))

    def _on_descriptor(self, at: int, began: int, name: str, parts: list[str], descriptor: int, result: int) -> None:
        acts, file = self._trace.acts, self._files.get(descriptor)
        if name == "close":
            self._paths.pop(descriptor)
        elif name in ("fsync", "fdatasync"):
            acts.append(Act("sync", at, began, path="" if file else self._paths[descriptor], file=file or 0))
        elif name in ("write", "pwrite64") and file is not None:
            offset = int(parts[3]) if name == "pwrite64" else self._sizes[file]
            data = _bytes(parts[1])[:result]
            self._sizes[file] = max(self._sizes[file], offset + len(data))
            acts.append(Act("write", at, file=file, offset=offset, data=data))
        elif name == "ftruncate" and file is not None:
            self._sizes[file] = int(parts[1])
            acts.append(Act("size", at, file=file, offset=int(parts[1])))
        elif name in _UNSEEN or name.startswith("dup"):
            raise RuntimeError(f"{name} on {self._paths[descriptor]} is not understood")

    def _move(self, old: str, new: str) -> None:
        for path in [path for path in self._names if path == old or path.startswith(f"{old}/")]:
            self._names[new + path[len(old) :]] = self._names.pop(path)
        for descriptor, path in self._paths.items():
            if path == old or path.startswith(f"{old}/"):
                self._paths[descriptor] = new + path[len(old) :]

    def _ours(self, path: str) -> bool:
        return path.startswith(self._trace.folder + "/")


def _calls(output: Path) -> Iterator[tuple[int, int, str, str, int]]:
    """When each call ended and began, its name, its arguments and what it returned; in the order of their ends."""
    begun: dict[str, tuple[int, str]] = {}
    with output.open(encoding="ascii") as lines:
        for at, line in enumerate(lines, 1):
            found = _LINE.match(line.rstrip())
            if found is None:
                continue
            pid, resumed, text = found[1], found[2], found[3]
            began = at
            if resumed:
                began, head = begun.pop(pid, (at, ""))
                text = head + text
            elif text.endswith("<unfinished ...>"):
                begun[pid] = at, text.removesuffix("<unfinished ...>").rstrip()
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
