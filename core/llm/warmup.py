"""LiteLLM's import and first call, made in the background, so that no page and no question pays for them twice."""

import logging
import threading
from concurrent.futures import Future

from core.llm.demo.wire import register
from core.llm.engine import Engine, settle_collector
from core.llm.wire import library

log = logging.getLogger(__name__)


class Warmup:
    """`ready` resolves when LiteLLM has been called once: that first call holds the loop, on a slow machine for longer
    than a provider may take. It fails when LiteLLM cannot be imported."""

    def __init__(self) -> None:
        self.ready: Future[None] = Future()
        self._wanted = threading.Event()
        self._stopped = False

    def start(self, engine: Engine, after_s: float) -> None:
        threading.Thread(target=self._run, args=(engine, after_s), name="warm-up", daemon=True).start()

    def hurry(self) -> None:
        """Begin now: somebody asks, or nothing is left to make room for."""
        self._wanted.set()

    def stop(self) -> None:
        """Begin nothing more. An import that has begun goes on, and holds nobody up."""
        self._stopped = True
        self._wanted.set()

    def _run(self, engine: Engine, after_s: float) -> None:
        self._wanted.wait(after_s)
        if self._stopped:
            return
        try:
            register()
        except BaseException as error:  # whatever it was, whoever waits for `ready` must hear of it
            self.ready.set_exception(error)
            raise
        if engine.running and not self._stopped:
            engine.submit(_first_call()).add_done_callback(self._warmed)

    def _warmed(self, done: "Future[None]") -> None:
        if not done.cancelled() and done.exception() is not None:
            log.warning("the warm-up call failed: %s", type(done.exception()).__name__)
        if not done.cancelled():
            settle_collector()
        self.ready.set_result(None)


async def _first_call() -> None:
    """The first call of a process loads some 500 modules more; this one asks nobody."""
    litellm = library.load()
    await litellm.acompletion(
        model="openai/warm-up",
        messages=[{"role": "user", "content": "?"}],
        mock_response="!",
        api_key="none",
        stream=False,
    )
