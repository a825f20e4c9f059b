"""Asking, asking again, stopping: every one of them may happen while other panes are still answering."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from core.compare.board import Board
from core.compare.panes import MOST, PaneSpec
from core.errors import PlatformError
from core.messages import Message, Part, TextPart
from core.workspace.attachments import read_attachment
from playground.compare_part import EXAMPLES
from playground.desk import Desk
from playground.drawing import Drawn

Asking = Callable[..., AsyncIterator[Drawn]]
EACH = 6
LONGEST_QUESTION = 400_000


def attach(desk: Desk) -> None:
    part = desk.part
    own = [one for slot in part.panes for one in slot.settings.inputs]
    settings = [*part.settings.inputs, *own]
    outputs = [*part.drawn, part.question, part.reason, part.tags]
    quiet = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}

    async def ask(request: gr.Request, board_id: str, content: dict[str, Any], *told: Any) -> AsyncIterator[Drawn]:
        try:
            board = desk.board(board_id)
            question = await asyncio.to_thread(message, content)  # a file may take a second to read
            before = board.view()
            furnish(board, told)
            board.ask(question)
        except PlatformError as error:
            raise desk.sentence(error, board_id) from None
        emptied: Drawn = {part.question: None, part.reason: "", part.tags: ""}
        async for drawn in desk.watch(board, request, before):  # at once: who asks again meanwhile must find it
            yield drawn | emptied
            emptied = {}

    def ask_example(text: str) -> Asking:
        async def ask_this(request: gr.Request, board_id: str, *told: Any) -> AsyncIterator[Drawn]:
            async for drawn in ask(request, board_id, {"text": text, "files": []}, *told):
                yield drawn

        return ask_this

    def ask_again(index: int) -> Asking:
        async def again(request: gr.Request, board_id: str, *told: Any) -> AsyncIterator[Drawn]:
            try:
                board = desk.board(board_id)
                before = board.view()
                furnish(board, told)
                board.ask_one(board.panes[index].key)
            except PlatformError as error:
                raise desk.sentence(error, board_id) from None
            async for drawn in desk.watch(board, request, before):
                yield drawn

        return again

    def stop(index: int | None, board_id: str) -> None:
        board = desk.board(board_id)
        board.stop(None if index is None else board.panes[index].key)

    part.question.submit(ask, [part.board, part.question, *settings], outputs, **quiet)
    for text, button in zip(EXAMPLES, part.examples, strict=True):
        button.click(ask_example(text), [part.board, *settings], outputs, **quiet)
    for index, slot in enumerate(part.panes):
        slot.again.click(ask_again(index), [part.board, *settings], part.drawn, **quiet)
        slot.stop.click(partial(stop, index), part.board, None, **quiet)
    part.stop_all.click(partial(stop, None), part.board, None, **quiet)


def message(content: dict[str, Any]) -> Message:
    """The question with its attachments; the server reads and checks every file itself. Raises InvalidError."""
    text = (content.get("text") or "").strip()[:LONGEST_QUESTION]
    parts: list[Part] = [TextPart(text)] if text else []
    for path in content.get("files") or ():
        file = Path(path)
        parts.append(read_attachment(file.name, file.read_bytes()).part)
    return Message("user", tuple(parts))


def furnish(board: Board, told: tuple[Any, ...]) -> None:
    """Lay what the settings say over the panes: the shared ones, or each pane's own."""
    groups = [told[start : start + EACH] for start in range(0, EACH * (MOST + 1), EACH)]
    for index, pane in enumerate(board.panes):
        board.change(pane.key, furnished(pane.spec, groups[0] if board.synced else groups[index + 1]))


def furnished(spec: PaneSpec, told: tuple[Any, ...]) -> PaneSpec:
    prompt, system, temperature, top_p, max_tokens, seed = told
    prompt_id, _, version = str(prompt or "").rpartition("@")
    parameters = replace(
        spec.parameters,
        temperature=None if temperature is None else min(2.0, max(0.0, float(temperature))),
        top_p=None if top_p is None else min(1.0, max(0.0, float(top_p))),
        max_tokens=int(max_tokens) if max_tokens else None,
        seed=None if seed is None else int(seed),
    )
    return replace(
        spec,
        prompt_id=prompt_id or None,
        prompt_version=int(version or 0) or None if prompt_id else None,
        system_prompt=str(system or ""),
        parameters=parameters,
    )
