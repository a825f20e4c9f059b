"""A running answer as it grows: the page looks at the turn, the turn never depends on the page.

The fragment looks for a moment, draws what is new and lets the page go again, so that every click in between
is served; finished blocks are sent once per look and only the growing tail again and again.
"""

import time
from typing import Any, Protocol

import streamlit as st

from core.events import TurnView
from pages.parts.markup import DRAWN, Blocks, label
from pages.parts.steps import draw_steps

LOOK_S = 0.45
"""How long one look lasts; a dialog that is open meanwhile waits at most this long."""
PER_SECOND = 22
THOUGHT = 1_200
"""Characters of the newest reasoning shown while it runs."""


class Watched(Protocol):
    """What this needs of core.llm's Turn."""

    @property
    def id(self) -> str: ...
    @property
    def done(self) -> bool: ...
    @property
    def view(self) -> TurnView: ...
    def cancel(self) -> None: ...
    def approve(self, tool_call_id: str, yes: bool) -> None: ...


@st.fragment(run_every=0.08)
def live_answer(turn: Watched, first: list[bool]) -> None:
    """`first` holds one item at the page's own run, which must not be held up; the timer's runs look longer."""
    until = 0.0 if first else time.monotonic() + LOOK_S
    first.clear()
    view = turn.view
    _notices(view)
    thinking = st.empty()
    draw_steps(view.steps, turn.approve)
    drawn = Drawn(st.container(gap="small"), thinking)
    while True:
        drawn.show(view)
        if turn.done and until:
            st.rerun()
        if time.monotonic() >= until or turn.done:
            return
        time.sleep(1 / PER_SECOND)
        st.session_state.get("_")  # lets a click on the page interrupt this look
        fresh = turn.view
        if fresh.steps != view.steps or fresh.notices != view.notices:
            return
        view = fresh


class Drawn:
    """What of a view is on the page already."""

    def __init__(self, place: Any, thinking: Any) -> None:
        self.place, self.thinking = place, thinking
        self.cutter = Blocks()
        self.slots: list[Any] = []
        self.shown: list[str] = []
        self.state = ("", "")

    def show(self, view: TurnView) -> None:
        if view.text:
            tail = self.cutter.feed(view.text[:DRAWN])
            more = " …" if len(view.text) > DRAWN else " ▍"
            self._put([*self.cutter.finished, (tail or "") + (more if view.status == "running" else "")])
        self._thoughts(view)

    def _put(self, blocks: list[str]) -> None:
        for index, block in enumerate(blocks):
            if index == len(self.slots):
                self.slots.append(self.place.empty())
                self.shown.append("")
            if self.shown[index] != block:
                self.slots[index].markdown(block)
                self.shown[index] = block

    def _thoughts(self, view: TurnView) -> None:
        if view.text:
            state = ("answering", "")
        elif view.reasoning:
            state = ("thinking", view.reasoning[-THOUGHT:])
        else:
            state = ("waiting", f"{int(view.seconds)}")
        if state == self.state:
            return
        self.state = state
        if state[0] == "waiting":
            waited = f" · {state[1]} s" if view.seconds >= 1 else ""
            self.thinking.caption(f":material/hourglass_top: Waiting for the first token{waited}")
        elif state[0] == "thinking":
            self.thinking.caption(f":material/psychology: Thinking … {label(state[1][-240:], 240)}")
        elif view.reasoning:
            self.thinking.caption(":material/psychology: Thought first; it opens when the answer is complete")
        else:
            self.thinking.empty()


def _notices(view: TurnView) -> None:
    for notice in view.notices:
        st.caption(f":material/info: {label(notice.text, 300)}")
