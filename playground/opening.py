"""Opening the page: a board that still runs, a set-up or question from the link, or the first models."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import gradio as gr

from core.compare.board import Board
from core.compare.panes import MOST, PaneSpec, from_link
from core.errors import InvalidError, NotFoundError
from playground.desk import USER, Desk, address, link
from playground.drawing import Drawn

LONGEST_QUESTION = 6_000
WHOLE_LINK = "(link) => link.startsWith('/') ? location.origin + link : link"
"""A colleague needs the host as well, and only the browser knows by which name it came."""
TO_ADDRESS_BAR = "(query) => { if (query) history.replaceState(null, '', query); return []; }"


def attach(demo: gr.Blocks, desk: Desk) -> None:
    part = desk.part

    async def opened(request: gr.Request) -> AsyncIterator[Drawn]:
        board, brought = await asyncio.to_thread(found_board, desk, dict(request.query_params))  # may read the log
        choices = None if board.hidden else desk.choices()
        first = True
        question = {part.question: {"text": brought, "files": []}} if brought else {}
        async for drawn in desk.watch(board, request, None, choices):
            yield drawn | (around(desk, board) | question if first else {})
            first = False

    demo.load(
        opened,
        None,
        [part.board, *part.drawn, part.question, *around_parts(desk)],
        api_visibility="private",
        show_progress="hidden",
        concurrency_limit=None,
    )
    part.address.change(None, part.address, None, js=TO_ADDRESS_BAR, api_visibility="private")
    part.link.change(None, part.link, part.link, js=WHOLE_LINK, api_visibility="private")


def found_board(desk: Desk, query: dict[str, str]) -> tuple[Board, str]:
    """The board that the address means, and the question to be filled in."""
    question = query.get("question", "")[:LONGEST_QUESTION]
    if query.get("board"):
        try:
            return desk.board(query["board"]), question
        except NotFoundError:
            pass
    try:
        if query.get("call"):
            setup, asked = desk.compare.replay(query["call"])
            return desk.compare.board(setup, USER), question or asked[:LONGEST_QUESTION]
        wanted = query.get("compare", "")
        if wanted:
            return desk.compare.board(desk.compare.shelf.setup(wanted) or from_link(wanted), USER), question
    except (InvalidError, NotFoundError) as error:
        gr.Warning(str(error))
    return desk.compare.board(None, USER), question


def around_parts(desk: Desk) -> list[Any]:
    part = desk.part
    own = [one for slot in part.panes for one in slot.settings.inputs]
    return [part.fair, part.blind, part.synced, part.address, part.link, part.saved, *part.settings.inputs, *own]


def around(desk: Desk, board: Board) -> Drawn:
    """All that is not part of a view: switches, settings, the address."""
    part = desk.part
    specs = [pane.spec for pane in board.panes]
    drawn: Drawn = {
        part.board: board.board_id,
        part.fair: board.fair,
        part.blind: board.blind,
        part.synced: board.synced,
        part.address: address(board),
        part.link: link(board),
        part.saved: gr.update(choices=[] if board.hidden else desk.compare.shelf.setups(), value=None),
    }
    prompts = prompt_choices(desk)
    drawn |= dict(
        zip(part.settings.inputs, settings_of(specs[0] if board.synced else PaneSpec(), prompts), strict=True)
    )
    for index in range(MOST):
        spec = specs[index] if index < len(specs) else PaneSpec()
        drawn |= dict(zip(part.panes[index].settings.inputs, settings_of(spec, prompts), strict=True))
    return drawn


def settings_of(spec: PaneSpec, prompts: list[tuple[str, str]]) -> list[Any]:
    chosen = f"{spec.prompt_id}@{spec.prompt_version or 0}" if spec.prompt_id else ""
    given = asdict(spec.parameters)
    return [
        gr.update(choices=prompts, value=chosen),
        spec.system_prompt,
        *(given[name] for name in ("temperature", "top_p", "max_tokens", "seed")),
    ]


def prompt_choices(desk: Desk) -> list[tuple[str, str]]:
    return [("None", ""), *desk.compare.casting.prompt_choices()]
