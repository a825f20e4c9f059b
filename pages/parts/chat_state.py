"""What the chat page remembers between runs, for one browser session; the only owner of its session state."""

from dataclasses import dataclass, field
from secrets import token_hex
from typing import cast

import streamlit as st

from core.workspace.attachments import Attachment

KEY = "chat_page"
BOX = "question-box"
PAGE = 10
OLDER = 30
"""Messages drawn at first, which fills a tall screen; and how many older ones come at each demand."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """Words for the question box; "" empties it."""

    text: str
    id: str = field(default_factory=lambda: token_hex(4))


@dataclass(slots=True)
class ChatState:
    conversation_id: str | None = None
    assistant_id: str | None = None
    """For the next question; None keeps the conversation's own, "" is none."""
    model: str | None = None
    shown: int = PAGE
    editing: str = ""
    """The question being edited."""
    note_for: str = ""
    """The turn whose thumb may get a note."""
    staged: tuple[Attachment, ...] = ()
    """Files that could not be sent yet."""
    put_back: PutBack | None = None
    """What the question box is to hold, until the browser says that it does."""
    refused: str = ""
    """The words of the question that `problem` is about."""
    problem: str = ""
    able: tuple[str, ...] = ()
    """Models that could do what the chosen one cannot."""
    undo: tuple[str, str] | None = None
    """The token and the title of what was just deleted."""
    scroll_to: str = ""
    folder: str | None = None
    listed: int = 40

    @classmethod
    def current(cls) -> "ChatState":
        if KEY not in st.session_state:
            st.session_state[KEY] = cls()
        return cast(ChatState, st.session_state[KEY])

    def open(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to an empty page."""
        self.conversation_id = conversation_id
        self.assistant_id = self.model = None
        self.shown = PAGE
        self.editing = self.note_for = self.scroll_to = ""
        self.calm()
        if conversation_id:
            st.query_params["conversation"] = conversation_id
        else:
            st.query_params.pop("conversation", None)

    def fail(self, error: Exception, able: tuple[str, ...] = ()) -> None:
        self.problem, self.able = str(error), able

    def calm(self) -> None:
        """Nothing is wrong any more."""
        self.problem = self.refused = ""
        self.able = ()
