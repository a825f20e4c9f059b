"""Saving a set-up under a name, and opening one again."""

import gradio as gr

from core.errors import PlatformError
from playground.arranging import shown, shown_parts
from playground.desk import Desk, sentence
from playground.drawing import Drawn
from playground.opening import around, around_parts


def attach(desk: Desk) -> None:
    part = desk.part
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}

    def save(board_id: str, name: str) -> Drawn:
        try:
            desk.compare.shelf.save_setup(desk.board(board_id).setup(), name)
        except PlatformError as error:
            raise sentence(error) from None
        gr.Info("Saved.")
        return {part.saved: gr.update(choices=desk.compare.shelf.setups()), part.save_name: ""}

    def open_saved(board_id: str, name: str) -> Drawn:
        setup = desk.compare.shelf.setup(name or "")
        if setup is None:
            return dict(gr.skip())
        board = desk.board(board_id)
        board.use(setup)
        named = gr.update(choices=desk.compare.shelf.setups(), value=name)
        return shown(desk, board_id, None, refill=True) | around(desk, board) | {part.saved: named}

    gr.on(
        [part.save.click, part.save_name.submit],
        save,
        [part.board, part.save_name],
        [part.saved, part.save_name],
        **quiet,
    )
    outputs = list(dict.fromkeys([*shown_parts(desk), part.board, *around_parts(desk)]))
    part.saved.input(open_saved, [part.board, part.saved], outputs, **quiet)
