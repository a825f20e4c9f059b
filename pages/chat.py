"""Chat: ask, watch the answer grow, and see the truth about it."""

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform, shared_platform
from core.workspace.assistants import Assistant
from core.workspace.conversations import Conversation
from pages.parts import chat_acts
from pages.parts.chat_state import BOX, ChatState
from pages.parts.composer import draw_composer
from pages.parts.conversation_list import draw_list
from pages.parts.style import chat_style
from pages.parts.thread import draw_thread, draw_title, welcome


def opened(platform: Platform, state: ChatState) -> Conversation | None:
    """The conversation that the address names, or the one that was open before."""
    chat_acts.follow_address(platform, state)
    if state.conversation_id is None:
        return None
    try:
        return platform.workspace.conversations.get(state.conversation_id)
    except PlatformError as error:
        state.open(None)
        state.fail(error)
        return None


def submitted() -> None:
    said, state = st.session_state[BOX], ChatState.current()
    if said:
        chat_acts.send(shared_platform(), state, said.text, said.files)


chat_style()
platform = shared_platform()
state = ChatState.current()
conversation = opened(platform, state)
turn = platform.chat.running(conversation.id) if conversation else None
if conversation and turn is None and platform.chat.queue.send_next(conversation.id):
    st.rerun()
assistants: list[Assistant] = platform.workspace.assistants.list()
draw_list(platform, state)
place = st.empty()
if conversation is None:
    with place.container():
        welcome(platform, state, assistants)
else:
    draw_title(platform, state, conversation)
    draw_thread(platform, state, conversation)
draw_composer(platform, state, conversation, assistants, turn is not None)
st.chat_input(
    "Ask anything, drop or paste a file" if turn is None else "Write the next question; it waits its turn",
    key=BOX,
    accept_file="multiple",
    on_submit=submitted,  # at the start of a run: what comes at its end is lost when another run follows at once
)
if turn is not None and turn.done:
    st.rerun()  # it ended while the page was drawn, so half of what stands here is of before
