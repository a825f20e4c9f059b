"""What is recorded for a power cut: lives of a log and a workspace, which say what was promised."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.crash import call_of
from core.ledger.facts import CallEnded, CallStarted, Payload
from core.ledger.files import Files, Segment
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from core.workspace.copies import copy_out
from core.workspace.message_tree import NewMessage
from core.workspace.workspace import Workspace

_PRODUCERS = 3


def words(call_id: str) -> str:
    return f"answer to {call_id} " * 25


class _Doomed(Files):
    """The process is killed once the end has `come` and a line is written, but not synced."""

    def __init__(self) -> None:
        self.come = threading.Event()

    def create(self, path: Path) -> Segment:
        return _DoomedSegment(path, self.come)


class _DoomedSegment(Segment):
    def __init__(self, path: Path, come: threading.Event) -> None:
        super().__init__(path)
        self._come = come

    def sync(self) -> None:
        if self._come.is_set():
            os.kill(os.getpid(), signal.SIGKILL)
        super().sync()


@contextmanager
def opened(folder: Path, files: Files | None = None) -> Iterator[tuple[Ledger, Workspace]]:
    """Both, opened and closed as the platform does it."""
    ledger = Ledger.open(folder, files=files)
    try:
        workspace = Workspace.open(folder)
        ledger.back_up_along(lambda: copy_out(folder / "workspace.db", folder / "backups"))
        try:
            yield ledger, workspace
        finally:
            workspace.close()
    finally:
        ledger.close()


def live(folder: Path, rounds: int, life: int) -> None:
    """A life with everything that is done to files; prints each call, message and file that was acknowledged.

    The first life is killed while it writes, so that the next one finds what never was synced.
    """
    doomed = _Doomed()
    with opened(folder, doomed) as (ledger, workspace):
        conversation = workspace.conversations.create("", first_message=f"life {life}").id
        for number in range(rounds):
            threads = [threading.Thread(target=_produce, args=(ledger, 6)) for _ in range(_PRODUCERS)]
            for thread in threads:
                thread.start()
            _chore(ledger, life, number)
            for _ in range(3):
                _write(workspace, conversation)
            if life == 0 and number == rounds - 1:
                doomed.come.set()
            for thread in threads:
                thread.join()
        ledger.submit(CallStarted(call_of(uuid7(), "live"))).result()


def come_back(folder: Path) -> None:
    """A life after a power cut: mends what it finds, goes on a little, and prints what was acknowledged."""
    with opened(folder) as (ledger, workspace):
        conversation = workspace.conversations.create("", first_message="back again").id
        _produce(ledger, 3)
        _write(workspace, conversation)
        ledger.settle(60)
        ledger.backup()
        _produce(ledger, 3)


def _chore(ledger: Ledger, life: int, number: int) -> None:
    match number % 5:
        case 0 | 3:
            ledger.checkpoint()
        case 1:
            ledger.roll()
        case 2:
            ledger.backup(full=life == 1)
        case 4:
            ledger.remove("import")  # compacts as well


def _produce(ledger: Ledger, calls: int) -> None:
    history = {"role": "user", "content": [{"type": "text", "text": "said before " * 20}]}
    for number in range(calls):
        call_id = uuid7()
        request = (history, {"role": "user", "content": [{"type": "text", "text": call_id}]})
        call = call_of(call_id, "import" if number == 3 else "live")
        ledger.submit(CallStarted(call, Payload(request)))
        ledger.submit(CallEnded(call, Payload(request, {"text": words(call_id)}))).result()
        if call.origin == "live":
            _say("call", call_id)


def _write(workspace: Workspace, conversation: str) -> None:
    _say("message", *workspace.conversations.add(conversation, NewMessage(role="user", text=uuid7())))
    _say("file", workspace.files.put(uuid7().encode() * 300, "notes.txt").sha256)


def _say(kind: str, name: str) -> None:
    os.write(1, f"{kind} {name}\n".encode())
