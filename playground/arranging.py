"""Arranging the board: panes come and go, models change, modes are switched, set-ups are saved and opened."""

from functools import partial
from typing import Any

import gradio as gr

from core.compare.board_view import LETTERS, BoardView
from core.errors import PlatformError
from playground.desk import Desk, address, link, sentence
from playground.drawing import Drawn, draw

FOCUS = """() => {
  const panes = document.getElementById('panes'), pane = document.getElementById('pane-%d');
  const alone = pane.classList.contains('alone');
  panes.querySelectorAll('.pane').forEach((one) => one.classList.remove('alone'));
  pane.classList.toggle('alone', !alone);
  return [];
}"""
ALL_PANES = """() => {
  document.querySelectorAll('#panes > .pane.alone').forEach((one) => one.classList.remove('alone'));
  return [];
}"""


def shown(desk: Desk, board_id: str, before: BoardView | None, refill: bool = False) -> Drawn:
    """The board after a change, with its address and the letters that can be compared."""
    part, board = desk.part, desk.board(board_id)
    now = board.view()
    choices = desk.choices() if refill and not now.hidden else None
    letters = list(LETTERS[: len(now.panes)])
    return draw(part, now, before, choices) | {
        part.address: address(board),
        part.link: link(board),
        part.left: gr.update(choices=letters),
        part.right: gr.update(choices=letters),
    }


def shown_parts(desk: Desk) -> list[Any]:
    part = desk.part
    return [*part.drawn, part.address, part.link, part.left, part.right]


def attach(desk: Desk) -> None:
    part = desk.part
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    named = shown_parts(desk)

    def add(board_id: str) -> Drawn:
        try:
            board = desk.board(board_id)
            board.add(board.panes[-1].spec)
        except PlatformError as error:
            raise sentence(error) from None
        return shown(desk, board_id, None, refill=True)

    def remove(index: int, board_id: str) -> Drawn:
        try:
            board = desk.board(board_id)
            board.remove(board.panes[index].key)
        except PlatformError as error:
            raise sentence(error) from None
        return shown(desk, board_id, None, refill=True)

    def pick(index: int, board_id: str, choice: str) -> Drawn:
        board = desk.board(board_id)
        if board.hidden or choice not in {value for _, value in desk.choices()}:
            return dict(gr.skip())
        before, pane = board.view(), board.panes[index]
        board.change(pane.key, pane.spec.chosen(choice))
        return shown(desk, board_id, before)

    def switch(board_id: str, fair: bool, blind: bool, synced: bool) -> Drawn:
        board = desk.board(board_id)
        before = board.view()
        board.fair, board.synced = fair, synced
        asked = board.hidden and bool(board.matches)
        board.blind = blind or asked
        return shown(desk, board_id, before, refill=before.hidden) | {part.blind: board.blind}

    def start_over(board_id: str) -> Drawn:
        desk.board(board_id).clear()
        return shown(desk, board_id, None, refill=True)

    def reveal_early(board_id: str) -> None:
        desk.board(board_id).show_now = True

    part.add.click(add, part.board, named, **quiet)
    for index, slot in enumerate(part.panes):
        slot.remove.click(partial(remove, index), part.board, named, **quiet)
        slot.remove.click(None, None, None, js=ALL_PANES, api_visibility="private")  # who removes it looks at the rest
        slot.picker.input(partial(pick, index), [part.board, slot.picker], named, **quiet)
        slot.focus.click(None, None, None, js=FOCUS % index, api_visibility="private")
    switches: list[Any] = [part.fair.input, part.blind.input, part.synced.input]
    gr.on(switches, switch, [part.board, part.fair, part.blind, part.synced], [*named, part.blind], **quiet)
    part.fresh.click(start_over, part.board, named, **quiet)
    part.show_now.click(reveal_early, part.board, None, **quiet)
