"""Wake-up calls from the engine loop to whoever watches a turn: a thread, or a task on any loop."""

import asyncio
import contextlib
import threading
from typing import Protocol


class Bell(Protocol):
    def ring(self) -> None: ...


Bells = set[Bell]
"""Who sleeps. Watchers add themselves from their own threads, the engine loop alone pops; both are atomic."""


class ThreadBell:
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
        self._loop = asyncio.get_running_loop()
        self._rung: asyncio.Future[None] | None = None

    def ring(self) -> None:
        with contextlib.suppress(RuntimeError):  # the watcher's loop is gone, and the watcher with it
            self._loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        if self._rung is not None and not self._rung.done():
            self._rung.set_result(None)

    def listen(self, *rooms: Bells) -> None:
        self._rung = self._loop.create_future()
        for room in rooms:
            room.add(self)

    def hush(self) -> None:
        """No need to sleep after all."""
        self._set()

    async def sleep(self, timeout_s: float | None = None) -> None:
        assert self._rung is not None
        timer = self._loop.call_later(timeout_s, self._set) if timeout_s is not None else None
        try:
            await self._rung
        finally:
            if timer is not None:
                timer.cancel()
            self._rung = None


def ring_all(bells: Bells) -> None:
    while bells:
        bells.pop().ring()
