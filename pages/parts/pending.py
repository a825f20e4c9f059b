"""Above the question box: what was refused, which files are held for the next question, and what waits its turn."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.chat import Waiting
from core.errors import PlatformError
from core.platform import Platform
from pages.parts import chat_acts
from pages.parts.chat_state import ChatState
from pages.parts.markup import label
from pages.parts.model_names import askable, can_read_images


def draw_problem(platform: Platform, state: ChatState) -> None:
    if not state.problem:
        return
    with st.container(gap="xsmall", key="ask-problem"):
        st.warning(label(state.problem, 500), icon=":material/error:")
        with st.container(horizontal=True, gap="xsmall"):
            known = askable(platform)
            for model in state.able[:3]:
                st.button(
                    f"Ask {label(known.get(model, model), 40)}",
                    icon=":material/send:",
                    key=f"able-{model}",
                    on_click=chat_acts.send_refused,
                    args=(platform, state, model),
                )
            st.button("Dismiss", type="tertiary", key="dismiss-problem", on_click=state.calm)


def draw_staged(state: ChatState) -> None:
    for number, attachment in enumerate(state.staged):
        words = f":material/attach_file: {label(attachment.part.name, 60)}"
        _row(f"staged-{number}", words, "Leave it out", partial(_unstage, state, number), wide=False)


def _unstage(state: ChatState, number: int) -> None:
    state.staged = state.staged[:number] + state.staged[number + 1 :]


def draw_queue(platform: Platform, state: ChatState) -> None:
    if state.conversation_id is None:
        return
    for number, waiting in enumerate(platform.chat.queue.of(state.conversation_id)):
        with st.container(gap="xxsmall", key=f"queued-{number}"):
            names = ", ".join(attached.name for attached in waiting.attachments)
            words = label(" · ".join(part for part in (waiting.text, names) if part), 80)
            back = partial(chat_acts.take_back, platform, state, waiting)
            _row(f"queue-row-{waiting.id}", f":material/schedule_send: Next: {words}", "Take it back", back)
            if waiting.problem:
                _stuck(platform, state, waiting)


def _row(key: str, words: str, way_out: str, take_out: Callable[[], None], *, wide: bool = True) -> None:
    """Words and the small cross beside them."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=key):
        st.caption(words, width="stretch" if wide else "content")
        st.button(":material/close:", key=f"{key}-out", type="tertiary", help=way_out, on_click=take_out)


def _stuck(platform: Platform, state: ChatState, waiting: Waiting) -> None:
    """Why it was not sent, and the ways on: another model that can, or the same one again."""
    st.caption(f":material/error: {label(waiting.problem, 300)}")
    known = askable(platform)
    able = can_read_images(platform)[:2] if waiting.needs_images else ()
    ways = [(model, f"Ask {label(known.get(model, model), 40)}") for model in able]
    with st.container(horizontal=True, gap="xsmall"):
        for model, words in [*ways, (waiting.model, "Try again")]:
            st.button(
                words, key=f"unstick-{waiting.id}-{model}", on_click=_give, args=(platform, state, waiting.id, model)
            )


def _give(platform: Platform, state: ChatState, id: str, model: str | None) -> None:
    try:
        platform.chat.queue.give_to(id, model)
    except PlatformError as error:
        state.fail(error)
