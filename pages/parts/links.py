"""Where the other pages and the other door are."""

from pathlib import Path
from typing import Any

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent
PLAYGROUND = "/playground/"


def page_link(name: str, label: str, icon: str, **query: Any) -> None:
    """A link to a page of this door; nothing when there is no such page."""
    page = PAGES / f"{name}.py"
    if page.is_file():
        st.page_link(page, label=label, icon=icon, query_params=query or None)
