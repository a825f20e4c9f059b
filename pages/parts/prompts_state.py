"""What the Prompts page remembers between runs; the only owner of its session state."""

from dataclasses import dataclass
from typing import cast

import streamlit as st

KEY = "prompts_page"
NEW = "new"


@dataclass(slots=True)
class PromptsState:
    opened: str | None = None
    """The prompt being edited; "new" for one that is not saved yet."""
    edition: int = 0
    """Counts up to give the form fresh fields."""
    archived: bool = False
    test_turn: str = ""
    said: str = ""
    undo: str = ""
    """The prompt that was just archived."""

    @classmethod
    def current(cls) -> "PromptsState":
        if KEY not in st.session_state:
            st.session_state[KEY] = cls()
        state = cast(PromptsState, st.session_state[KEY])
        named = st.query_params.get("prompt")
        if named and named != state.opened:
            state.open(named)
        elif state.opened and not named:
            st.query_params["prompt"] = state.opened
        return state

    def open(self, prompt_id: str | None) -> None:
        self.opened = prompt_id
        self.edition += 1
        self.test_turn = self.said = self.undo = ""
        if prompt_id:
            st.query_params["prompt"] = prompt_id
        else:
            st.query_params.pop("prompt", None)
