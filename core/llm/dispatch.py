"""Turns set going on the engine loop: begun, stopped, approved, and never left without an end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from core.events import Ended
from core.llm.engine import Engine
from core.llm.toolbox import Toolbox
from core.llm.turn import Turn
from core.llm.turns import Turns
from core.messages import TurnRequest

log = logging.getLogger(__name__)


class Dispatch:
    """`run` plays one turn to its end; it is called on the loop."""

    def __init__(self, engine: Engine, toolbox: Toolbox, run: Callable[[Turn], Coroutine[Any, Any, None]]) -> None:
        self._engine, self._toolbox, self._run = engine, toolbox, run
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.turns = Turns()

    def start(self, request: TurnRequest) -> Turn:
        turn = Turn(request.turn_id, request, self._engine.belfry, cancel=self._cancel, approve=self._approve)
        self.turns.add(turn)
        self._engine.soon(self._begin, turn)
        return turn

    def stop(self, patience_s: float) -> None:
        """Cancel whatever runs and wait for its rows."""
        running = self.turns.running()
        for turn in running:
            turn.cancel()
        for turn in running:
            turn.wait(patience_s)

    def _begin(self, turn: Turn) -> None:
        """A turn stopped before this is played all the same: its runner looks first, and gives it a proper end."""
        task = asyncio.get_running_loop().create_task(self._run(turn))
        self._tasks[turn.id] = task
        task.add_done_callback(lambda done: self._over(turn, done))

    def _over(self, turn: Turn, task: "asyncio.Task[None]") -> None:
        """The runner ends its turn itself; this is for one whose loop was taken down around it."""
        self._tasks.pop(turn.id, None)
        if not turn.done:
            if not task.cancelled() and task.exception() is not None:
                log.error("turn %s was lost", turn.id, exc_info=task.exception())
            turn.end(Ended("cancelled", None, None, "cancelled"))

    def _cancel(self, turn: Turn) -> None:
        self._engine.soon(self._hurry, turn)

    def _hurry(self, turn: Turn) -> None:
        """Not at once: a task cancelled before its first step would never enter the runner, nor end its turn there."""
        asyncio.get_running_loop().call_soon(self._stop, turn)

    def _stop(self, turn: Turn) -> None:
        task = self._tasks.get(turn.id)
        if task is not None and not task.cancelling() and not turn.ending:
            task.cancel()

    def _approve(self, turn: Turn, tool_call_id: str, yes: bool) -> None:
        self._engine.soon(self._toolbox.approve, turn.id, tool_call_id, yes)
