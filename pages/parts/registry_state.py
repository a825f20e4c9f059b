"""What the pages of assistants and prompts remember between runs; the only owner of their session state."""

from dataclasses import dataclass
from typing import Literal, cast

import streamlit as st

NEW = "new"
Kind = Literal["assistant", "prompt"]


@dataclass(slots=True)
class RegistryState:
    kind: Kind
    """Also the name of what the address carries: ?assistant=…"""
    opened: str | None = None
    """The id of what is being edited; "new" for what is not saved yet."""
    edition: int = 0
    """Counts up to give the form fresh fields."""
    archived: bool = False
    test_turn: str = ""
    said: str = ""
    """One sentence about what was just done."""
    undo: str = ""
    """The id of what was just archived."""

    @classmethod
    def current(cls, kind: Kind) -> "RegistryState":
        key = f"{kind}s_page"
        if key not in st.session_state:
            st.session_state[key] = cls(kind)
        state = cast(RegistryState, st.session_state[key])
        named = st.query_params.get(kind)
        if named and named != state.opened:
            state.open(named)
        elif state.opened and not named:
            st.query_params[kind] = state.opened
        return state

    def open(self, id: str | None) -> None:
        self.edition += 1
        self.test_turn = ""
        self._turn_to(id)

    def saved(self, id: str, version: int) -> None:
        """The fields stay as they are, since they are what was saved."""
        self._turn_to(id)
        self.said = f"Saved as version {version}."

    def _turn_to(self, id: str | None) -> None:
        self.opened, self.said, self.undo = id, "", ""
        if id:
            st.query_params[self.kind] = id
        else:
            st.query_params.pop(self.kind, None)
