"""What the Assistants page remembers between runs; the only owner of its session state."""

from dataclasses import dataclass
from typing import cast

import streamlit as st

KEY = "assistants_page"
NEW = "new"


@dataclass(slots=True)
class AssistantsState:
    opened: str | None = None
    """The assistant being edited; "new" for one that is not saved yet."""
    edition: int = 0
    """Counts up to give the form fresh fields."""
    archived: bool = False
    test_turn: str = ""
    said: str = ""
    """One sentence about what was just done."""
    undo: str = ""
    """The assistant that was just archived."""

    @classmethod
    def current(cls) -> "AssistantsState":
        if KEY not in st.session_state:
            st.session_state[KEY] = cls()
        state = cast(AssistantsState, st.session_state[KEY])
        named = st.query_params.get("assistant")
        if named and named != state.opened:
            state.open(named)
        elif state.opened and not named:
            st.query_params["assistant"] = state.opened
        return state

    def open(self, assistant_id: str | None) -> None:
        self.opened = assistant_id
        self.edition += 1
        self.test_turn = self.said = self.undo = ""
        if assistant_id:
            st.query_params["assistant"] = assistant_id
        else:
            st.query_params.pop("assistant", None)
