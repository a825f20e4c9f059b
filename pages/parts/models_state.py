"""What the Models page remembers between runs; the only owner of its session state."""

from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from core.llm.models import Diagnosis
from core.llm.repricing import Difference

KEY = "models_page"


@dataclass(slots=True)
class ModelsState:
    checked: dict[str, Diagnosis] = field(default_factory=dict)
    """What the newest test of each provider found."""
    said: str = ""
    difference: Difference | None = None
    """What pricing history again would change, as last looked at."""

    @classmethod
    def current(cls) -> "ModelsState":
        if KEY not in st.session_state:
            st.session_state[KEY] = cls()
        return cast(ModelsState, st.session_state[KEY])
