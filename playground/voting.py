"""Voting and differences: what a person does once the answers stand."""

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from core.compare.board_view import LETTERS
from core.compare.differences import field_changes, word_changes
from core.errors import PlatformError
from playground.desk import Desk, sentence
from playground.drawing import Drawn, draw


def attach(desk: Desk) -> None:
    part = desk.part
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}

    def vote(winner: str, board_id: str, reason: str, tags: str) -> Drawn:
        try:
            board = desk.board(board_id)
            before = board.view()
            desk.compare.vote(board, winner, reason, tags.split(","))
        except PlatformError as error:
            raise sentence(error) from None
        choices = desk.choices() if before.hidden else None
        saved = gr.update(choices=desk.compare.shelf.setups())  # not sent while names were hidden
        return draw(part, board.view(), before, choices) | {part.saved: saved}

    def differ(board_id: str, left: str, right: str, only_changes: bool) -> Drawn:
        panes = {pane.letter: pane for pane in desk.board(board_id).view().panes}
        first, second = panes.get(left), panes.get(right)
        if first is None or second is None or first.last is None or second.last is None:
            return {part.words: gr.update(visible=False), part.fields: gr.update(visible=False)}
        fields = field_changes(first.last.text, second.last.text)
        if fields:
            return {part.words: gr.update(visible=False), part.fields: gr.update(value=fields, visible=True)}
        spans = word_changes(first.last.text, second.last.text, only_changes)
        if fields is not None or all(kind is None for _, kind in spans):
            alike = "the same JSON" if fields is not None else "the same, word for word"
            spans = [(f"No difference: {left} and {right} say {alike}.", None)]
        return {part.words: gr.update(value=spans, visible=True), part.fields: gr.update(visible=False)}

    ballot: list[tuple[Any, str]] = [*zip(part.votes, LETTERS, strict=True), (part.tie, "tie"), (part.bad, "bad")]
    for button, winner in ballot:
        handler: Callable[..., Drawn] = partial(vote, winner)
        button.click(handler, [part.board, part.reason, part.tags], [*part.drawn, part.saved], **quiet)
    choices: list[Any] = [part.compare_texts.click, part.left.input, part.right.input, part.only_changes.input]
    gr.on(
        choices, differ, [part.board, part.left, part.right, part.only_changes], [part.words, part.fields],
        trigger_mode="always_last", **quiet,
    )  # fmt: skip
