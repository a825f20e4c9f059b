"""Runs many calls in the background: a few at once per provider, with a cap on money, pausable, never one twice."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.compare.seams import Asks
from core.errors import PlatformError
from core.events import TurnView, Usage
from core.messages import TurnRequest

_RATE_WINDOW_S = 60.0
BROKEN_OFF = ("cancelled", "interrupted")


@dataclass(frozen=True, slots=True)
class Job:
    """`id` is what the ledger row is found by again; `make` builds the request when its turn comes."""

    id: str
    provider: str
    make: Callable[[], TurnRequest]


@dataclass(frozen=True, slots=True)
class Progress:
    """`per_minute` over the last minute; `seconds_left` None until there is a rate. `unpriced`: calls without price."""

    state: str
    done: int
    failed: int
    running: int
    total: int
    spent: Decimal
    unpriced: int
    per_minute: float
    seconds_left: float | None
    note: str = ""


@dataclass
class Runner:
    """`on_end` is called once, on a worker thread, when nothing is left or the cap is reached; `more` before that, for
    jobs that could only be known now, and `later` is how many of them are expected until then."""

    ai: Asks
    at_once: int
    cap: Decimal | None
    on_end: Callable[["Runner"], None]
    spent: Decimal = Decimal(0)
    state: str = "paused"
    note: str = ""
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    unpriced: int = 0
    more: Callable[["Runner"], Iterable[Job]] = lambda _: ()
    later: int = 0
    _asking_for_more: bool = False
    _waiting: dict[str, deque[Job]] = field(default_factory=lambda: defaultdict(deque))
    _flying: dict[str, Any] = field(default_factory=dict)
    _load: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _ends: deque[float] = field(default_factory=lambda: deque(maxlen=5_000))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, jobs: Iterable[Job]) -> None:
        """Jobs that are done, waiting or running already are left out."""
        with self._lock:
            known = {job.id for line in self._waiting.values() for job in line} | self.done | set(self._flying)
            for job in jobs:
                if job.id not in known:
                    known.add(job.id)
                    self.failed.pop(job.id, None)
                    self._waiting[job.provider].append(job)

    def start(self) -> None:
        with self._lock:
            if self.state != "running":
                self.state, self.note = "running", ""
                self._ends.clear()
        self._pump()

    def pause(self) -> None:
        """What runs is let finish and is kept; nothing new starts."""
        with self._lock:
            if self.state == "running":
                self.state = "paused"

    def cancel(self) -> None:
        with self._lock:
            self.state = "cancelled"
            self.later += sum(len(line) for line in self._waiting.values())  # still a part of the whole
            self._waiting.clear()
            flying = list(self._flying.values())
        for turn in flying:
            if turn is not None:
                turn.cancel()

    def progress(self) -> Progress:
        with self._lock:
            now = time.monotonic()
            recent = [moment for moment in self._ends if now - moment < _RATE_WINDOW_S]
            span = now - recent[0] if len(recent) > 1 else 0.0
            rate = (len(recent) - 1) / span if span > 0 else 0.0
            waiting = sum(len(line) for line in self._waiting.values())
            left = waiting + len(self._flying) + self.later
            total = len(self.done) + len(self.failed) + left
            return Progress(
                self.state, len(self.done), len(self.failed), len(self._flying), total, self.spent, self.unpriced,
                rate * 60, left / rate if rate and self.state == "running" else None, self.note,
            )  # fmt: skip

    def _pump(self) -> None:
        while True:
            with self._lock:
                job = self._next()
                if job is None:
                    idle = not self._flying and not any(self._waiting.values()) and not self._asking_for_more
                    over, capped = self.state == "running" and idle, self.state == "capped" and not self._flying
                    self._asking_for_more |= over
                    break
                self._flying[job.id] = None
                self._load[job.provider] += 1
            self._launch(job)
        if over:
            self._finish()
        elif capped:
            self.on_end(self)

    def _finish(self) -> None:
        """Nothing is left, unless there are more jobs now; until that is known it still counts as running."""
        try:
            self.add(self.more(self))
        finally:
            with self._lock:
                self._asking_for_more, self.later = False, 0
                done = self.state == "running" and not any(self._waiting.values())
                if done:
                    self.state = "finished"
        if done:
            self.on_end(self)
        else:
            self._pump()

    def _next(self) -> Job | None:
        if self.state != "running":
            return None
        if self.cap is not None and self.spent >= self.cap and any(self._waiting.values()):
            self.state = "capped"
            self.note = at_the_cap(self.cap, self.spent)
            return None
        for provider, line in self._waiting.items():
            if line and self._load[provider] < self.at_once:
                return line.popleft()
        return None

    def _launch(self, job: Job) -> None:
        try:
            request = job.make()
            turn = self.ai.start(replace(request, on_end=lambda outcome: self._landed(job, outcome)))
        except PlatformError as error:
            self._book_end(job, error)
            return
        with self._lock:
            if job.id in self._flying:
                self._flying[job.id] = turn
            cancelled = self.state == "cancelled"
        if cancelled:
            turn.cancel()

    def _landed(self, job: Job, outcome: Any) -> None:
        self._book_end(job, outcome)
        self._pump()

    def _book_end(self, job: Job, outcome: Any) -> None:
        with self._lock:
            if job.id not in self._flying:
                return
            del self._flying[job.id]
            self._load[job.provider] -= 1
            self._ends.append(time.monotonic())
            if isinstance(outcome, PlatformError):
                self.failed[job.id] = str(outcome)
            else:
                self._book(job, outcome)

    def _book(self, job: Job, view: TurnView) -> None:
        for call in view.receipt.attempts if view.receipt is not None else ():
            if call.cost is not None:
                self.spent += call.cost
            elif call.status != "refused" and (call.status != "error" or _counted(call.usage)):
                self.unpriced += 1
        if view.status == "ok":
            self.done.add(job.id)
        elif view.status in BROKEN_OFF:
            self.later += 1  # as if it had not begun
        else:
            self.failed[job.id] = view.error or view.status


def at_the_cap(cap: Decimal | float | None, spent: Decimal) -> str:
    return f"Stopped at the cap of {_dollars(Decimal(str(cap)))}; {_dollars(spent)} were spent."


def _dollars(amount: Decimal) -> str:
    """Two digits that say something: a small cap is reached by small money."""
    return f"${amount:.{max(2, 1 - amount.adjusted())}f}"


def _counted(usage: Usage) -> bool:
    return usage.input_tokens is not None or usage.output_tokens is not None
