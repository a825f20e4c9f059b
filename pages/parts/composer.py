"""Beside Send: who is asked, what it is likely to cost, what waits, and the way to stop."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.assistants import Assistant
from core.workspace.conversations import Conversation
from pages.parts import chat_acts
from pages.parts.chat_state import ChatState
from pages.parts.estimate import beside_send
from pages.parts.markup import label
from pages.parts.model_names import askable
from pages.parts.namesakes import NOBODY, choices
from pages.parts.pending import draw_problem, draw_queue, draw_staged

CHOSEN = "chosen per question"


def draw_composer(
    platform: Platform,
    state: ChatState,
    conversation: Conversation | None,
    assistants: Sequence[Assistant],
    answering: bool,
) -> None:
    """The row above the question box, which stands at the bottom of the page."""
    with st.bottom, st.container(gap="xsmall", key="composer"):
        with st.container(gap="xsmall", key="composer-above"):  # so that the row below it never takes another's place
            draw_problem(platform, state)
            draw_staged(state)
            draw_queue(platform, state)
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="composer-row"):
            pick(platform, state, conversation, assistants)
            if answering:
                st.button(
                    "Stop",
                    icon=":material/stop_circle:",
                    key="stop-answer",
                    on_click=chat_acts.stop,
                    args=(platform, state),
                    help="Stop the answer (Esc); what has arrived is kept",
                )
            beside_send(platform, state, conversation)


def asked_assistant(state: ChatState, conversation: Conversation | None) -> str:
    """The id of the assistant that the next question goes to, "" for none."""
    if state.assistant_id is not None:
        return state.assistant_id
    return (conversation.assistant_id if conversation else None) or ""


def asked_model(
    platform: Platform, state: ChatState, conversation: Conversation | None, assistant: Assistant | None
) -> str:
    """The model that the next question goes to, "" where one is chosen for each question."""
    if state.model:
        return state.model
    if assistant is not None and assistant.choose is not None:
        return ""
    if assistant is not None:
        return assistant.model or platform.ai.default_model()
    return (conversation.model if conversation else "") or platform.ai.default_model()


def pick(
    platform: Platform, state: ChatState, conversation: Conversation | None, assistants: Sequence[Assistant]
) -> None:
    """Assistant and model for the next question."""
    by_id = {assistant.id: assistant for assistant in assistants}
    current = asked_assistant(state, conversation)
    assistant = by_id.get(current)
    models = askable(platform)
    try:
        model = asked_model(platform, state, conversation, assistant)
        what = models.get(model, model) or CHOSEN
    except PlatformError:
        what = "no model"
    who = label(assistant.name, 28) if assistant else NOBODY
    with st.popover(f"{who} · {label(what, 34)}", icon=":material/tune:", type="tertiary", key="pick"):
        called = choices(NOBODY, assistants)
        # The state owns the choice, the boxes show it: a button elsewhere may have changed it since the last run.
        key = f"pick-assistant-{state.conversation_id}"
        st.session_state[key] = current if current in called else ""
        chosen = st.selectbox(
            "Assistant",
            list(called),
            format_func=called.__getitem__,
            key=key,
            on_change=_chose_assistant,
            args=(state, key),
        )
        model_now = state.model if state.model in models else ""
        key = f"pick-model-{state.conversation_id}-{chosen}"
        st.session_state[key] = model_now
        st.selectbox(
            "Model",
            ["", *models],
            format_func=lambda id: models[id] if id else "As set" + (f" ({what})" if not model_now else ""),
            key=key,
            on_change=_chose_model,
            args=(state, key),
            help="Overrides the assistant's own model for the questions from here on",
        )
        for words in _left_out(platform):
            st.caption(words)


def _left_out(platform: Platform) -> Iterator[str]:
    """Why models that are known cannot be asked: each reason once."""
    names: dict[str, list[str]] = defaultdict(list)
    for known in platform.ai.models():
        if not known.available:
            names[known.reason].append(label(known.label, 40))
    for reason, labels in names.items():
        more = f" and {len(labels) - 2} more" if len(labels) > 2 else ""
        yield f"{', '.join(labels[:2])}{more}: {label(reason, 140)}"


def _chose_assistant(state: ChatState, key: str) -> None:
    state.assistant_id, state.model = st.session_state[key], None


def _chose_model(state: ChatState, key: str) -> None:
    state.model = st.session_state[key] or None
    state.calm()
