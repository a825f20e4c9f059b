"""The thread that writes the journal: drains whatever is queued, writes it, syncs once, and lets the waiting know."""

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError

import orjson

from core.errors import LedgerFull
from core.ledger.entries import Entry, Piece, digest
from core.ledger.journal import Journal
from core.ledger.lines import Kind, encode
from core.ledger.under_way import UnderWay

MEMORY_BYTES = 128 * 1024 * 1024
_BATCH_BYTES = 8 * 1024 * 1024
_RETRY_S = 0.5
_PACE_S = 0.1
_LET_S = 0.05
"""For how long after its last work this thread looks by itself for starts of calls, which outlive a kill meanwhile."""
_log = logging.getLogger(__name__)


class Shelf:
    """Which messages the journal holds already, and at which number, so that a shared history is stored once.

    An entry is forgotten after a day, so that no call depends on a message much older than itself.
    """

    def __init__(self, size: int = 50_000, forget_s: float = 86_400.0) -> None:
        self._size = size
        self._forget_s = forget_s
        self._known: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def find(self, origin: str, sha: str) -> int | None:
        known = self._known.get((origin, sha))
        if known is None or time.monotonic() - known[1] > self._forget_s:
            return None
        self._known.move_to_end((origin, sha))
        return known[0]

    def put(self, origin: str, sha: str, seq: int) -> None:
        self._known[origin, sha] = (seq, time.monotonic())
        self._known.move_to_end((origin, sha))
        if len(self._known) > self._size:
            self._known.popitem(last=False)

    def clear(self) -> None:
        self._known.clear()


class Writer:
    """`submit` from any thread. `on_synced` is called on the writer's thread after each batch that reached the disk,
    unless it holds starts of calls only, which make no row.

    `memory`: bytes of facts that are kept while the disk takes none; the ends of calls let in may use as much again.
    """

    def __init__(
        self, journal: Journal, under_way: UnderWay, last: int, on_synced: Callable[[int], None], memory: int
    ) -> None:
        self._journal = journal
        self._under_way = under_way
        self._on_synced = on_synced
        self.memory = memory
        self._shelf = Shelf()
        self._queue: deque[Entry] = deque()
        self._queued_bytes = 0
        self._unwritten: list[bytes] = []
        self._unwritten_bytes = 0
        self._unwritten_facts = 0
        self._unwritten_first = 0
        self._last = last
        self._condition = threading.Condition()
        self._closing = False
        self._rows = False
        """Whether the batch at hand makes rows; the start of a call makes none."""
        self._resting = self._looking = False
        self.synced = last
        self.failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="ledger-journal", daemon=True)

    def start(self) -> None:
        if not self._queue:  # what a kill left behind is known already
            self._under_way.turn()
            self._under_way.wipe()
        self._thread.start()

    def submit(self, entry: Entry) -> "Future[int]":
        """Queue `entry`; its future resolves once it is on disk, or with OSError when it is only in memory as yet."""
        future: Future[int] = Future()
        entry.future = future
        with self._condition:
            if self._closing:
                raise LedgerFull("The log is closed; start the platform again to make calls.")
            held = self._queued_bytes + self._unwritten_bytes
            # the end of a call that was let in may use a reserve, so that it is not the one that goes unlogged
            allowed = self.memory * 2 if entry.kind is Kind.ENDED else self.memory
            if held + entry.size > allowed:
                raise LedgerFull(
                    "The log cannot be written and its memory is full, so no new call is made; free some disk space."
                )
            self._queue.append(entry)
            self._queued_bytes += entry.size
            # nothing is kept in the mapped file while the disk fails, which a file system may answer by ending us
            kept = entry.kind is Kind.STARTED and self.failure is None and self._under_way.keep(entry)
            if self._resting and not (kept and self._looking):
                self._resting = False
                self._condition.notify()
        return future

    @property
    def waiting(self) -> int:
        """Facts accepted but not yet on disk."""
        return len(self._queue) + self._unwritten_facts

    @property
    def in_memory(self) -> int:
        """Facts that a failing disk keeps in memory."""
        return self.waiting if self.failure is not None else 0

    @property
    def refusing(self) -> bool:
        return self._queued_bytes + self._unwritten_bytes > self.memory - 64 * 1024

    def close(self) -> None:
        """Write what is queued, then stop. Facts a failing disk would not take are logged as lost."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join()
        self._journal.close()
        self._under_way.close()
        if self._unwritten_facts:
            _log.error("%d facts could not be written before the end: %s", self._unwritten_facts, self.failure)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._await_work()
                entries = self._drain()
                closing = self._closing and not self._queue
            futures = self._prepare(entries)
            self._write(futures)
            if closing and not self._queue:
                return

    def _await_work(self) -> None:
        if self._unwritten:  # the disk fails
            if not self._queue:
                self._rest(_RETRY_S)
            if self._unwritten_bytes > _BATCH_BYTES and not self._closing:
                self._condition.wait(_PACE_S)  # it is not asked to take a large heap at every call
            return
        if not self._queue:
            self._looking = True
            self._rest(_LET_S)
            self._looking = False
        while not self._queue and not self._closing:
            self._rest(None)
        self._rows = False

    def _rest(self, seconds: float | None) -> None:
        if not self._closing:
            self._resting = True
            self._condition.wait(seconds)
            self._resting = False

    def _drain(self) -> list[Entry]:
        taken: list[Entry] = []
        size = 0
        while self._queue and size < _BATCH_BYTES:
            entry = self._queue.popleft()
            size += entry.size
            self._rows |= entry.kind is not Kind.STARTED
            taken.append(entry)
        self._queued_bytes -= size
        self._unwritten_bytes += size
        self._unwritten_facts += len(taken)
        if not self._queue:
            self._under_way.turn()
        return taken

    def _prepare(self, entries: list[Entry]) -> list["tuple[Future[int], int]"]:
        futures: list[tuple[Future[int], int]] = []
        ended = {entry.id for entry in entries if entry.kind is Kind.ENDED}
        short: list[Future[int]] = []
        for entry in entries:
            if entry.kind is Kind.STARTED and entry.id in ended and entry.future is not None:
                short.append(entry.future)  # its end says all that its start did
                continue
            if entry.kind is Kind.REMOVAL:
                self._shelf.clear()  # what is removed must not be referred to
            if not self._unwritten:
                self._unwritten_first = self._last + 1
            self._last += entry.span
            body = self._body(entry, self._last)
            self._unwritten.append(encode(self._last, entry.span, self.synced, entry.kind, entry.id, body))
            if entry.future is not None:
                futures.append((entry.future, self._last))
        return [(future, self._last) for future in short] + futures  # whoever waits for the last has them all

    def _body(self, entry: Entry, seq: int) -> bytes:
        """The fact, where its words are, and the words that are new, with tabs between: JSON holds no raw tab."""
        request, response = entry.request, None
        fresh: list[bytes] = []
        if entry.messages:
            names = [self._reference(piece, entry.origin, seq, fresh) for piece in entry.messages]
            listing = b"[%s]" % b",".join(names)
            listed = digest(listing)
            known = self._shelf.find(entry.origin, "request " + listed)
            if known is None:
                self._shelf.put(entry.origin, "request " + listed, seq)
                fresh += (b"\trequest:%s:" % listed.encode(), listing)
                known = seq
            request = known
        if entry.response is not None:
            fresh += (b"\tresponse:%s:" % entry.response.sha.encode(), entry.response.body)
            response = seq
        references = orjson.dumps([request, response, entry.at, entry.origin])
        return b"".join([entry.head, b"\t", references, *fresh])

    def _reference(self, piece: Piece, origin: str, seq: int, fresh: list[bytes]) -> bytes:
        known = self._shelf.find(origin, piece.sha)
        if known is None:
            self._shelf.put(origin, piece.sha, seq)
            fresh += (b"\tmessage:%s:" % piece.sha.encode(), piece.body)
            known = seq
        return b'"%d:%s"' % (known, piece.sha.encode())

    def _write(self, futures: list["tuple[Future[int], int]"]) -> None:
        if not self._unwritten:
            return
        try:
            self._journal.append(b"".join(self._unwritten), self._unwritten_first)
        except OSError as error:
            if self.failure is None:
                _log.error("The journal cannot be written (%s); facts are kept in memory meanwhile.", error)
            self.failure = error
            for future, _ in futures:
                _fail(future, error)
            return
        if self.failure is not None:
            _log.warning("The journal can be written again; %d facts reached the disk.", self._unwritten_facts)
        self.failure = None
        self.synced = self._last
        self._unwritten = []
        with self._condition:
            self._unwritten_bytes = 0
            self._unwritten_facts = 0
            self._under_way.wipe()
            if not self._queue:  # what was kept while the disk failed is written, too
                self._under_way.turn()
                self._under_way.wipe()
        for future, seq in futures:
            _resolve(future, seq)
        if self._rows:  # last, so that the loader's awakening delays nobody
            self._on_synced(self.synced)


def _resolve(future: "Future[int]", seq: int) -> None:
    try:
        future.set_result(seq)
    except InvalidStateError:
        return  # its owner cancelled the wait; the fact is on disk all the same


def _fail(future: "Future[int]", error: OSError) -> None:
    try:
        future.set_exception(error)
    except InvalidStateError:
        return
