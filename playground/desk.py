"""What every handler needs: whose board this is, what may be picked, and one watcher per browser tab."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from core.compare.board import Board
from core.compare.board_view import BoardView
from core.compare.compare import Compare
from core.errors import PlatformError
from playground.compare_part import ComparePart
from playground.drawing import Choices, Drawn, draw

PER_SECOND = 20
USER = "local"


PATIENCE_S = 5.0


@dataclass
class Watching:
    """One watcher of a tab: what it drew last, and whether it will draw nothing more."""

    last: BoardView | None
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Desk:
    compare: Compare
    part: ComparePart
    workspace: Any
    watchers: dict[tuple[str, str], Watching] = field(default_factory=dict)

    def board(self, board_id: str) -> Board:
        return self.compare.find(board_id, USER)

    def sentence(self, error: PlatformError, board_id: str) -> gr.Error:
        """As the function below, without names while the board hides them."""
        try:
            hidden = self.board(board_id).hidden
        except PlatformError:
            hidden = False
        return sentence(PlatformError(self.compare.mask().hide(str(error))[0])) if hidden else sentence(error)

    def choices(self) -> Choices:
        """Models that can answer and assistants, as a picker shows them."""
        models = [
            (f"{model.label}{' · local' if model.local and not model.simulated else ''}", model.id)
            for model in self.compare.ai.models()
            if model.available and "embeddings" not in model.supports
        ]
        return models + self.compare.casting.assistant_choices()

    async def watch(
        self, board: Board, request: gr.Request, before: BoardView | None = None, choices: Choices | None = None
    ) -> AsyncIterator[Drawn]:
        """Draws the board until nothing runs. A newer watcher of the same tab takes over where this one stopped.

        It waits for the older one's last drawing to be sent, for otherwise that could arrive behind a newer one. And
        every watcher ends with a drawing that changes nothing, for at a handler's end Gradio sends its last drawing
        once more, or empties all of its components if there was none.
        """
        tab = (str(request.session_hash), board.board_id)
        ahead, mine = self.watchers.get(tab), Watching(before)
        self.watchers[tab] = mine
        try:
            if ahead is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(ahead.over.wait(), PATIENCE_S)
                mine.last = ahead.last
            async for now in board.views(PER_SECOND):
                if self.watchers.get(tab) is not mine:
                    break
                drawn = draw(self.part, now, mine.last, choices)
                mine.last, choices = now, None
                if drawn:
                    yield drawn
            yield {self.part.badge: gr.skip()}
        finally:
            mine.over.set()
            if self.watchers.get(tab) is mine:
                del self.watchers[tab]


def sentence(error: PlatformError) -> gr.Error:
    """What a person reads; Gradio draws it as text, so markup in it stays text."""
    return gr.Error(str(error)[:400], title="That did not work", print_exception=False)


def address(board: Board) -> str:
    """The query of this page. A blind board is named by its id alone."""
    if board.blind:
        return f"?board={board.board_id}"
    return f"?compare={board.setup().link()}&board={board.board_id}"


def link(board: Board) -> str:
    """What a colleague may be sent: the set-up without the rounds; nothing for a blind board."""
    return "" if board.blind else f"/playground/?compare={board.setup().link()}"
