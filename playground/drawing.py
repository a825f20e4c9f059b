"""A view of the board, drawn: which components change and to what, given what was drawn before."""

from typing import Any

import gradio as gr

from core.compare.board_view import BoardView, PaneView, Shown
from core.compare.panes import LEAST, MOST
from core.compare.standing import races
from core.events import TurnView
from core.messages import DocumentPart, ImagePart, Message
from playground import markup
from playground.attached import attached
from playground.compare_part import ComparePart
from playground.panes import PanePart
from playground.plain import as_typed, readable

Choices = list[tuple[str, str]]
Drawn = dict[Any, Any]


def draw(part: ComparePart, now: BoardView, before: BoardView | None = None, choices: Choices | None = None) -> Drawn:
    """With `before`, only what differs; `choices` are sent when the pickers must be filled anew."""
    known = {pane.key: pane for pane in before.panes} if before else {}
    places = {pane.key: index for index, pane in enumerate(before.panes)} if before else {}
    drawn: Drawn = {}
    for index, slot in enumerate(part.panes):
        if index >= len(now.panes):
            if before is None or index < len(before.panes):
                drawn |= {slot.column: gr.update(visible=False), slot.picker: gr.update(choices=[], value=None)}
            continue
        pane = now.panes[index]
        earlier = known.get(pane.key) if places.get(pane.key) == index else None
        drawn |= _pane(slot, pane, earlier, now, before, choices)
    drawn |= _around(part, now, before)
    return drawn


def _pane(
    slot: PanePart,
    pane: PaneView,
    earlier: PaneView | None,
    now: BoardView,
    before: BoardView | None,
    choices: Choices | None,
) -> Drawn:
    drawn: Drawn = {}
    fresh = earlier is None or before is None
    if fresh:
        drawn[slot.column] = gr.update(visible=True)
    if fresh or choices is not None or earlier is None or earlier.spec != pane.spec or earlier.hidden != pane.hidden:
        drawn[slot.head] = markup.pane_head(pane)
        drawn[slot.picker] = _picker(pane, choices)
    if earlier is None or earlier.rounds != pane.rounds or earlier.concealed != pane.concealed:
        told = conversation(pane)
        if earlier is None or told != conversation(earlier):
            drawn[slot.chat] = gr.update(value=told, visible=bool(told))
        drawn[slot.receipt] = markup.receipt(pane)
    elif earlier.hidden != pane.hidden:
        drawn[slot.receipt] = markup.receipt(pane)
    running = _runs(pane)
    if fresh or earlier is None or running != _runs(earlier) or (before and before.round != now.round):
        drawn[slot.stop] = gr.update(visible=running)
        drawn[slot.again] = gr.update(visible=not running and now.round > 0)
    if before is None or before.synced != now.synced or before.hidden != now.hidden or fresh:
        drawn[slot.own] = gr.update(visible=not now.synced and not now.hidden)
    if fresh or before is None or len(before.panes) != len(now.panes):
        drawn[slot.remove] = gr.update(visible=len(now.panes) > LEAST)
    return drawn


def _picker(pane: PaneView, choices: Choices | None) -> Any:
    if pane.spec is None:
        return gr.update(choices=[], value=None, visible=False)
    if choices is None:
        return gr.update(value=pane.spec.choice, visible=True)
    known = (
        choices
        if any(value == pane.spec.choice for _, value in choices)
        else [
            *choices,
            (pane.name or pane.spec.choice, pane.spec.choice),
        ]
    )
    return gr.update(choices=known, value=pane.spec.choice, visible=True)


def _around(part: ComparePart, now: BoardView, before: BoardView | None) -> Drawn:
    drawn: Drawn = {}
    if before is None or before.verdict != now.verdict or before.fair != now.fair:
        drawn[part.badge] = markup.badge(now)
    if before is None or before.panes != now.panes:
        drawn[part.strip] = markup.strip(races(now.panes))
    if before is None or before.round != now.round:
        rounds = now.panes[0].rounds
        drawn[part.attached] = attached(rounds[-1].question if rounds else None)
        drawn |= {one: gr.update(visible=False) for one in (part.words, part.fields)}  # of the answers before
    if before is None or (before.round > 0) != (now.round > 0):
        drawn[part.empty] = gr.update(visible=now.round == 0)
        drawn[part.fresh] = gr.update(visible=now.round > 0)
    if before is None or before.running != now.running:
        drawn[part.stop_all] = gr.update(visible=now.running)
    if (
        before is None
        or (before.can_vote, before.winner) != (now.can_vote, now.winner)
        or len(before.panes) != len(now.panes)
    ):
        drawn |= _vote_bar(part, now)
    waits = now.hidden and now.running
    if before is None or waits != (before.hidden and before.running):
        drawn[part.show_now] = gr.update(visible=waits)
    if before is None or len(before.panes) != len(now.panes):
        drawn[part.add] = gr.update(interactive=len(now.panes) < MOST)
    settled = now.round > 0 and not now.running and not now.hidden
    if before is None or settled != (before.round > 0 and not before.running and not before.hidden):
        drawn[part.differences] = gr.update(visible=settled)
    if before is None or before.hidden != now.hidden or before.synced != now.synced:
        drawn[part.settings_box] = gr.update(visible=now.synced and not now.hidden)
        drawn[part.setup_box] = gr.update(visible=not now.hidden)
    return drawn


def _vote_bar(part: ComparePart, now: BoardView) -> Drawn:
    drawn: Drawn = {part.vote_bar: gr.update(visible=now.can_vote)}
    for index, button in enumerate(part.votes):
        drawn[button] = gr.update(visible=index < len(now.panes))
    told = ""
    if now.winner is not None and now.round > 0:
        names = {pane.letter: pane.name for pane in now.panes}
        told = {"tie": "Your vote: a tie.", "bad": "Your vote: all bad."}.get(
            now.winner, f"Your vote: {now.winner} · {names.get(now.winner, '')}"
        )
    drawn[part.vote_told] = f'<div class="voted">{markup.escaped(told)}</div>' if told else ""
    return drawn


def _runs(pane: PaneView) -> bool:
    return pane.last is not None and pane.last.status == "running"


def conversation(pane: PaneView) -> list[dict[str, Any]]:
    """The pane's rounds as chat messages; an answer that is kept back is a row of dots."""
    told: list[dict[str, Any]] = []
    for shown in pane.rounds:
        told.append({"role": "user", "content": asked(shown.question)})
        if shown.view is not None:
            told += _answer(shown, shown.view, pane.concealed and shown is pane.rounds[-1])
    return told


def asked(question: Message) -> str:
    named = [f"*{as_typed(part.name)}*" for part in question.parts if isinstance(part, ImagePart | DocumentPart)]
    return "\n\n".join([as_typed(question.text), *(["Attached: " + ", ".join(named)] if named else [])])


def _answer(shown: Shown, view: TurnView, concealed: bool) -> list[dict[str, Any]]:
    if concealed:
        word = "Answering…" if view.status == "running" else "Ready. Shown when all panes are done."
        return [{"role": "assistant", "content": f"*{word}*"}]
    told: list[dict[str, Any]] = []
    if view.reasoning:
        told.append(_aside("Reasoning", readable(view.reasoning)))
    told += [
        _aside(f"Tool: {readable(step.name)[:80]}", _code(step.result or step.error or step.arguments))
        for step in view.steps
    ]
    if view.text or view.status == "running":
        told.append({"role": "assistant", "content": readable(view.text) or "…"})
    return told


def _aside(title: str, text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text, "metadata": {"title": title, "status": "done"}}


def _code(text: str) -> str:
    return "```text\n" + text[:4_000].replace("```", "'''") + "\n```"
