"""The conversation on the page: its title, its newest messages, and the way to the older ones."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.assistants import Assistant
from core.workspace.conversations import Conversation
from core.workspace.message_tree import StoredMessage
from pages.parts import chat_acts, dialogs
from pages.parts.chat_state import OLDER, ChatState
from pages.parts.live import live_answer
from pages.parts.markup import label
from pages.parts.message import draw_answer, draw_question, heading
from pages.parts.message_acts import MessageActs

STARTERS = (
    "What can I do on this platform?",
    "Explain prompt caching to a product manager in five sentences.",
    "Write a polite reply to a customer whose order is late.",
)
MENU = {
    "details": "Title and folder …",
    "pin": "Pin",
    "unpin": "Unpin",
    "fork": "Duplicate",
    "export": "Export …",
    "import": "Import …",
    "delete": "Delete",
}


def draw_title(platform: Platform, state: ChatState, conversation: Conversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="chat-title"):
        st.markdown(f"##### {label(conversation.title, 80)}", width="stretch")
        options = ["details", "unpin" if conversation.pinned else "pin", "fork", "export", "import", "delete"]
        chosen = st.menu_button(
            ":material/more_horiz:",
            options,
            format_func=lambda entry: MENU[entry],
            help="Title, folder, export and more",
            type="tertiary",
            key="chat-menu",
        )
    if chosen:
        try:
            dialogs.on_conversation(platform, state, conversation, chosen)
        except PlatformError as error:
            state.fail(error)


def draw_thread(platform: Platform, state: ChatState, conversation: Conversation) -> None:
    path = platform.workspace.conversations.path(conversation.id, limit=state.shown + 1)
    if len(path) > state.shown:
        path = path[1:]
        st.button(
            "Show older messages",
            icon=":material/expand_less:",
            type="tertiary",
            key="older-messages",
            on_click=_older,
            args=(state,),
        )
    known: dict[tuple[str, int | None], Assistant | None] = {}
    acts = MessageActs(platform, state)
    thumbs = _thumbs(platform, path)
    for message in path:
        if message.role == "user":
            draw_question(message, platform, state, acts)
        elif message.role == "assistant":
            assistant = _assistant(platform, message, known)
            turn = _turn(platform, message)
            if turn is not None:
                _draw_running(message, assistant, turn)
            else:
                thumb = thumbs.get(message.turn_id or "", 0) if thumbs is not None else None
                draw_answer(_as_it_is(platform, message), assistant, state, acts, thumb)


def _thumbs(platform: Platform, path: Sequence[StoredMessage]) -> dict[str, int] | None:
    """None while the log cannot tell: whoever reads a conversation does not wait for it."""
    try:
        return platform.analytics.scorecards.thumbs([message.turn_id for message in path if message.turn_id])
    except PlatformError:
        return None


def _older(state: ChatState) -> None:
    state.shown += OLDER


def _turn(platform: Platform, message: StoredMessage) -> Any:
    if message.status != "running" or not message.turn_id:
        return None
    turn = platform.ai.turn(message.turn_id)
    return None if turn is None or turn.done else turn


def _as_it_is(platform: Platform, message: StoredMessage) -> StoredMessage:
    """Read again an answer that ended between the two looks at it."""
    return platform.workspace.conversations.message(message.id) if message.status == "running" else message


def _draw_running(message: StoredMessage, assistant: Assistant | None, turn: Any) -> None:
    with st.container(key=f"m-{message.id}"), st.chat_message("assistant", avatar=":material/auto_awesome:"):
        heading(message, assistant)
        live_answer(turn, [True])


def _assistant(
    platform: Platform, message: StoredMessage, known: dict[tuple[str, int | None], Assistant | None]
) -> Assistant | None:
    if not message.assistant_id:
        return None
    key = (message.assistant_id, message.assistant_version)
    if key not in known:
        try:
            known[key] = platform.workspace.assistants.get(message.assistant_id, message.assistant_version)
        except PlatformError:
            known[key] = None
    return known[key]


def welcome(platform: Platform, state: ChatState, assistants: Sequence[Assistant]) -> None:
    """An empty page that says what to do."""
    chosen = next((assistant for assistant in assistants if assistant.id == state.assistant_id), None)
    with st.container(key="welcome", gap="small"):
        st.space("large")
        st.title(label(chosen.name, 60) if chosen else "What would you like to find out?", anchor=False)
        st.caption(
            label(chosen.description, 300)
            if chosen and chosen.description
            else "Ask a question, drop a file, or begin with one of these. Every answer carries its receipt."
        )
        for number, starter in enumerate(chosen.starters if chosen and chosen.starters else STARTERS):
            st.button(
                label(starter, 120),
                key=f"starter-{number}",
                width="stretch",
                on_click=chat_acts.send,
                args=(platform, state, starter, ()),
            )
        if chosen is None and assistants:
            st.caption("Or talk to an assistant")
            with st.container(horizontal=True, gap="xsmall"):
                for assistant in assistants[:8]:
                    st.button(
                        label(assistant.name, 40),
                        icon=":material/smart_toy:",
                        key=f"begin-{assistant.id}",
                        on_click=_choose,
                        args=(state, assistant.id),
                    )


def _choose(state: ChatState, assistant_id: str) -> None:
    state.assistant_id, state.model = assistant_id, None
