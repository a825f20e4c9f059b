"""The one engine loop: a single long-lived asyncio thread on which every call to a provider runs."""

import asyncio
import atexit
import contextlib
import gc
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from core.errors import PlatformError
from core.llm.bells import Belfry

T = TypeVar("T")
log = logging.getLogger(__name__)

SWITCH_S = 0.0003
"""How long one thread may keep the others waiting. Python's 5 ms would be the first token's delay while a fast stream
is read; the shorter turn costs nothing that could be measured."""
WORKERS = 32
"""LiteLLM runs a step of each general call in the default executor; Python's own size would be 6 on two cores."""


class Engine:
    """`submit` is safe from any thread, the loop's own included."""

    def __init__(self, name: str = "engine") -> None:
        self.name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._belfry: Belfry | None = None
        self._posted: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._called = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise PlatformError("The AI service is not running; open the platform first.")
        return self._loop

    @property
    def belfry(self) -> Belfry:
        if self._belfry is None:
            raise PlatformError("The AI service is not running; open the platform first.")
        return self._belfry

    @property
    def thread(self) -> threading.Thread | None:
        return self._thread

    @property
    def running(self) -> bool:
        return self._loop is not None

    def start(self) -> None:
        if self._thread is not None:
            return
        gc.set_threshold(50_000, 20, 50)  # what is imported now is kept: looking for garbage took a fifth of it
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=self.name, daemon=True)
        self._thread.start()
        ready.wait()

    def _run(self, ready: threading.Event) -> None:
        loop = _new_loop()
        asyncio.set_event_loop(loop)
        workers = ThreadPoolExecutor(WORKERS, thread_name_prefix=f"{self.name}-worker")
        loop.set_default_executor(workers)
        self._belfry, self._called = Belfry(loop), False
        self._loop = loop
        loop.call_soon(ready.set)
        try:
            loop.run_forever()
        finally:
            self._loop = self._belfry = None
            loop.run_until_complete(_cancel_rest(loop))
            loop.run_until_complete(loop.shutdown_asyncgens())
            workers.shutdown(wait=False, cancel_futures=True)
            loop.close()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except (PlatformError, RuntimeError):
            coroutine.close()
            raise

    def soon(self, callback: Callable[..., object], *arguments: object) -> None:
        """Run `callback` on the loop; silently nothing when the loop has stopped. Many callers wake it once."""
        loop = self._loop
        if loop is not None:
            self._posted.append((callback, arguments))
            if not self._called:
                self._called = True
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        self._called = False  # first: whoever comes from now on calls again
        while self._posted:
            callback, arguments = self._posted.popleft()
            try:
                callback(*arguments)
            except Exception:  # one that fails must not take the others along
                log.exception("%r failed on the engine loop", callback)

    async def done(self, future: "Future[Any]") -> None:
        """Waits for a future of another thread, whatever it brings; whoever stops waiting leaves it alone."""
        waiter = self.loop.create_future()
        future.add_done_callback(lambda _: self.soon(_resolve, waiter))
        await waiter

    def stop(self, timeout_s: float = 5.0) -> None:
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self.soon(loop.stop)
        thread.join(timeout_s)
        self._thread = None
        gc.unfreeze()


def _resolve(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":  # uvloop is not made for it
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


async def _cancel_rest(loop: asyncio.AbstractEventLoop) -> None:
    rest = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def settle_collector() -> None:
    """After warm-up: move what lives forever out of the collector's sight, which removes 200–400 ms pauses."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # what is frozen is not freed at exit, and some extensions complain about that
    sys.setswitchinterval(SWITCH_S)
