"""Wake-up calls from the engine loop to whoever watches a turn: a thread, or a task on any loop."""

import asyncio
import contextlib
import threading
import time
from typing import Protocol

REST_S = 0.008
"""Watchers are woken this far apart, all together: each wake-up of another thread costs more than a piece of text."""


class Bell(Protocol):
    @property
    def loop(self) -> asyncio.AbstractEventLoop | None: ...
    def ring(self) -> None:
        """On `loop`, or on any thread where that is None."""
        ...


Bells = set[Bell]
"""Who sleeps. Watchers add themselves from their own threads, the engine loop alone pops; both are atomic."""


class ThreadBell:
    loop = None

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        self._event.set()

    def listen(self, *rooms: Bells) -> None:
        self._event.clear()
        for room in rooms:
            room.add(self)

    def sleep(self, timeout_s: float | None) -> bool:
        return self._event.wait(timeout_s)


class LoopBell:
    """For one task on one loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._rung: asyncio.Future[None] | None = None

    def ring(self) -> None:
        if self._rung is not None and not self._rung.done():
            self._rung.set_result(None)

    def listen(self, *rooms: Bells) -> None:
        self._rung = self.loop.create_future()
        for room in rooms:
            room.add(self)

    async def sleep(self, timeout_s: float | None = None) -> None:
        assert self._rung is not None
        timer = self.loop.call_later(timeout_s, self.ring) if timeout_s is not None else None
        try:
            await self._rung
        finally:
            if timer is not None:
                timer.cancel()
            self._rung = None


class Belfry:
    """Rings for all turns of the engine loop, on which alone it is used."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: list[Bell] = []
        self._timer: asyncio.Handle | None = None
        self._rested = 0.0
        self._ringing = False

    def soon(self, bells: Bells) -> None:
        """At once after a rest, else with the others when it is over. A busy loop's timer is late: the next rings."""
        self._take(bells)
        left = self._rested - time.monotonic()  # uvloop's own clock stands still during a step of the loop
        if left <= 0:
            self._cancel()
            self._ring()
        elif self._timer is None:
            self._timer = self._loop.call_later(left, self._ring)

    def now(self, *rooms: Bells) -> None:
        """With all that this step of the loop brings."""
        for bells in rooms:
            self._take(bells)
        if self._due and not self._ringing:  # put off again by each that comes, it would wait for the last of them
            self._cancel()
            self._ringing = True
            self._timer = self._loop.call_soon(self._ring)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _take(self, bells: Bells) -> None:
        while bells:
            self._due.append(bells.pop())

    def _ring(self) -> None:
        due, self._due, self._timer, self._ringing = self._due, [], None, False
        self._rested = time.monotonic() + REST_S
        ring(due)


def ring(bells: list[Bell]) -> None:
    """Each loop is woken once for all of its bells: every wake-up is a system call that lets go of the interpreter."""
    there: dict[asyncio.AbstractEventLoop, list[Bell]] = {}
    for bell in bells:
        if bell.loop is None:
            bell.ring()
        else:
            there.setdefault(bell.loop, []).append(bell)
    for loop, its in there.items():
        with contextlib.suppress(RuntimeError):  # the watcher's loop is gone, and the watcher with it
            loop.call_soon_threadsafe(_ring_each, its)


def _ring_each(bells: list[Bell]) -> None:
    for bell in bells:
        bell.ring()
