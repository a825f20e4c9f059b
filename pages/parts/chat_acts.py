"""What a person does on the chat page, each as one call into the platform; an error becomes the page's one sentence."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import InvalidError, PlatformError
from core.platform import Platform
from core.workspace.attachments import Attachment, read_attachment
from core.workspace.message_tree import StoredMessage
from pages.parts import composer
from pages.parts.chat_state import ChatState, Waiting


def follow_address(platform: Platform, state: ChatState) -> None:
    """?conversation= opens one, ?turn= opens the one with that answer and goes to it."""
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
        _refuse_unreadable(platform, state, text, attachments)
        _ask(platform, state, Waiting(text, attachments))
        state.staged = ()
    except PlatformError as error:
        state.problem = str(error)
        state.put_back, state.staged = text, attachments


def ask_next(platform: Platform, state: ChatState) -> None:
    waiting = state.queue().pop(0)
    try:
        _refuse_unreadable(platform, state, waiting.text, waiting.attachments)
        _ask(platform, state, waiting)
    except PlatformError as error:
        state.problem = str(error)
        state.put_back, state.staged = waiting.text, waiting.attachments


def _refuse_unreadable(platform: Platform, state: ChatState, text: str, attachments: tuple[Attachment, ...]) -> None:
    conversation = (
        platform.workspace.conversations.get(state.conversation_id) if state.conversation_id is not None else None
    )
    request = composer.request_for(platform, state, conversation, text, attachments)
    reason = composer.unable(platform, request.model, attachments)
    if reason:
        state.able = composer.can_read_images(platform)
        raise InvalidError(reason)


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
