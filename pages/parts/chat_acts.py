"""What a person does on the chat page, each as one call into the platform; an error becomes the page's one sentence."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.chat import Waiting
from core.errors import PlatformError, UnsupportedError
from core.platform import Platform
from core.workspace.attachments import Attachment, read_attachment
from core.workspace.message_tree import StoredMessage
from pages.parts import draft
from pages.parts.chat_state import ChatState, PutBack
from pages.parts.model_names import can_read_images


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


def send(platform: Platform, state: ChatState, text: str, files: Sequence[Any]) -> None:
    """Ask now, or queue behind the running answer; what cannot be sent stays in the box."""
    state.calm()
    attachments, unread = _read(files)
    attachments = state.staged + attachments
    try:
        if unread is not None:
            raise unread
        here, assistant_id, model = state.conversation_id, state.assistant_id, state.model
        if here and platform.chat.running(here):
            platform.chat.queue.put(here, text, attachments=attachments, assistant_id=assistant_id, model=model)
        else:
            asked = platform.chat.ask(here, text, attachments=attachments, assistant_id=assistant_id, model=model)
            follow(state, asked.conversation_id)
        state.staged = ()
    except PlatformError as error:
        state.fail(error, can_read_images(platform) if isinstance(error, UnsupportedError) else ())
        state.refused, state.put_back = text, PutBack(text)
        state.staged = attachments


def _read(files: Sequence[Any]) -> tuple[tuple[Attachment, ...], PlatformError | None]:
    """The files that can be read, and why the first of the others cannot."""
    read: list[Attachment] = []
    unread: PlatformError | None = None
    for file in files:
        try:
            read.append(read_attachment(file.name, file.getvalue()))
        except PlatformError as error:
            unread = unread or error
    return tuple(read), unread


def send_refused(platform: Platform, state: ChatState, model: str) -> None:
    """The question that the chosen model could not take goes to one that can, as it stands in the box now."""
    text = draft.typed() or state.refused
    state.model, state.put_back = model, PutBack("")
    send(platform, state, text, ())


def stop(platform: Platform, state: ChatState) -> None:
    """Whatever is being answered here now: a button that was drawn for the answer before it stops it as well."""
    turn = platform.chat.running(state.conversation_id) if state.conversation_id else None
    if turn is not None:
        turn.cancel()


def take_back(platform: Platform, state: ChatState, waiting: Waiting) -> None:
    """A waiting question returns to the box, with its files."""
    try:
        text, attachments = platform.chat.queue.take_back(waiting.id)
        state.put_back, state.staged = PutBack(text), state.staged + attachments
    except PlatformError as error:
        state.fail(error)


def follow(state: ChatState, conversation_id: str) -> None:
    """Stay with the answer that was just asked for, keeping the choice of assistant and model."""
    if state.conversation_id != conversation_id:
        assistant_id, model = state.assistant_id, state.model
        state.open(conversation_id)
        state.assistant_id, state.model = assistant_id, model
    state.scroll_to = state.editing = state.note_for = ""
