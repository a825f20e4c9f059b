"""What a person does on the chat page, each as one call into the platform; an error becomes the page's one sentence."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import PlatformError, UnsupportedError
from core.platform import Platform
from core.workspace.attachments import read_attachment
from core.workspace.message_tree import StoredMessage
from pages.parts import composer
from pages.parts.chat_state import ChatState, Waiting


def follow_address(platform: Platform, state: ChatState) -> None:
    """?conversation= opens one, ?turn= the one with that answer, ?assistant= begins a new one with that assistant."""
    assistant_id = st.query_params.pop("assistant", None)
    if assistant_id:
        state.open(None)
        state.assistant_id = assistant_id
        return
    turn_id = st.query_params.pop("turn", None)
    if turn_id:
        try:
            answer = platform.workspace.answers.of_turn(turn_id)
        except PlatformError as error:
            state.fail(error)
        else:
            state.open(answer.conversation_id)
            show(platform, state, answer)
            return
    named = st.query_params.get("conversation")
    if named and named != state.conversation_id:
        state.open(named)
    elif state.conversation_id and not named:
        st.query_params["conversation"] = state.conversation_id


def show(platform: Platform, state: ChatState, message: StoredMessage) -> None:
    """Bring the branch with this message to the page, and the message into sight."""
    path = platform.workspace.conversations.path(message.conversation_id)
    places = [index for index, other in enumerate(path) if other.id == message.id]
    if not places:
        platform.workspace.conversations.set_leaf(message.conversation_id, message.id)
        path = platform.workspace.conversations.path(message.conversation_id)
        places = [index for index, other in enumerate(path) if other.id == message.id]
    if places:
        state.shown = max(state.shown, len(path) - places[0] + 2)
    state.scroll_to = f"m-{message.id}"


def send(platform: Platform, state: ChatState, text: str, files: Sequence[Any], *, running: bool) -> None:
    """Ask now, or queue behind the running answer; what cannot be sent stays in the box."""
    state.problem, state.able = "", ()
    attachments = state.staged
    try:
        attachments += tuple(read_attachment(file.name, file.getvalue()) for file in files)
        if running:
            state.queue().append(Waiting(text, attachments))
            state.staged = ()
            return
        _ask(platform, state, Waiting(text, attachments))
        state.staged = ()
    except PlatformError as error:
        _keep(platform, state, Waiting(text, attachments), error)


def ask_next(platform: Platform, state: ChatState) -> None:
    waiting = state.queue().pop(0)
    try:
        _ask(platform, state, waiting)
    except PlatformError as error:
        _keep(platform, state, waiting, error)


def _keep(platform: Platform, state: ChatState, waiting: Waiting, error: PlatformError) -> None:
    """What could not be sent goes back into the box, with the models that could read it."""
    state.fail(error, composer.can_read_images(platform) if isinstance(error, UnsupportedError) else ())
    state.put_back, state.staged = waiting.text, waiting.attachments


def _ask(platform: Platform, state: ChatState, waiting: Waiting) -> None:
    asked = platform.chat.ask(
        state.conversation_id,
        waiting.text,
        attachments=waiting.attachments,
        assistant_id=state.assistant_id,
        model=state.model,
    )
    follow(state, asked.conversation_id)


def follow(state: ChatState, conversation_id: str) -> None:
    """Stay with the answer that was just asked for, keeping the choice of assistant and model."""
    if state.conversation_id != conversation_id:
        assistant_id, model, waiting = state.assistant_id, state.model, state.waiting.pop("", [])
        state.open(conversation_id)
        state.assistant_id, state.model = assistant_id, model
        if waiting:
            state.waiting[conversation_id] = waiting
    state.scroll_to = state.editing = state.note_for = ""
