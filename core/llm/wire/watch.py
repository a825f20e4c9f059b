"""The deadlines of one stream: a timer that ends a pending read, re-armed lazily so that a chunk costs no timer."""

import asyncio
from collections.abc import Callable


class Watch:
    """`wait_until(due)` before a read, `rest()` after it; `expired` when `on_expiry` was called for a read too slow."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_expiry: Callable[[], None]) -> None:
        self._loop = loop
        self._on_expiry = on_expiry
        self._due = float("inf")
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = float("inf")
        self.expired = False

    def wait_until(self, due: float) -> None:
        """`due` in loop time."""
        self._due = due
        if self._timer is None or due < self._armed_for:
            self._arm(due)

    def rest(self) -> None:
        self._due = float("inf")

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, due: float) -> None:
        self.stop()
        self._armed_for = due
        self._timer = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._armed_for = float("inf")
        if self._due == float("inf"):
            return  # nobody waits; the next wait arms it again
        if self._loop.time() < self._due:
            self._arm(self._due)
            return
        self.expired = True
        self._on_expiry()
