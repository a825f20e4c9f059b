"""The buttons under the messages: what each does, as one call into the platform."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.message_tree import StoredMessage
from pages.parts import dialogs
from pages.parts.chat_acts import follow
from pages.parts.chat_state import ChatState


class MessageActs:
    """Every act takes the message it belongs to; an error becomes the page's one sentence."""

    def __init__(self, platform: Platform, state: ChatState) -> None:
        self.platform, self.state = platform, state

    def regenerate(self, message: StoredMessage) -> None:
        self._try(lambda: self.platform.chat.regenerate(message.id))

    def continue_(self, message: StoredMessage) -> None:
        self._try(lambda: self.platform.chat.continue_(message.id))

    def edit(self, message: StoredMessage, text: str) -> None:
        self._try(
            lambda: self.platform.chat.edit(
                message.id, text, model=self.state.model, assistant_id=self.state.assistant_id
            )
        )

    def chosen(self, message: StoredMessage, entry: str) -> None:
        """An entry of a menu that opens a dialog."""
        try:
            dialogs.on_message(self.platform, self.state, message, entry)
        except PlatformError as error:
            self.state.fail(error)

    def sibling(self, message: StoredMessage, step: int) -> None:
        place = message.sibling_index - 1 + step
        if 0 <= place < message.sibling_count:
            self._try(
                lambda: self.platform.workspace.conversations.set_leaf(message.conversation_id, message.siblings[place])
            )

    def thumb(self, message: StoredMessage, key: str) -> None:
        pressed = st.session_state.get(key)
        value = {None: 0, 0: -1, 1: 1}.get(pressed, 0)
        turn_id = message.turn_id or ""
        self._try(lambda: self.platform.chat.feedback(turn_id, value))
        self.state.note_for = turn_id if value else ""

    def note(self, message: StoredMessage, text: str) -> None:
        pressed = st.session_state.get(f"thumbs-{message.turn_id}")
        value = 1 if pressed == 1 else -1
        self._try(lambda: self.platform.chat.feedback(message.turn_id or "", value, text))
        self.state.note_for = ""

    def _try(self, act: Callable[[], Any]) -> None:
        self.state.calm()
        try:
            asked = act()
        except PlatformError as error:
            self.state.fail(error)
            return
        conversation_id = getattr(asked, "conversation_id", None)
        if conversation_id:
            follow(self.state, conversation_id)
