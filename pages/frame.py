"""The frame around every page: its header, one sentence for an error, text shown as it stands, the way out of it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitInvalidLayoutContextError
from streamlit.navigation.page import Page

from core.errors import PlatformError

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@/])")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
"""Where the name of an address is broken by a word joiner: Markdown makes links of them, escaped or not."""
_INDENT = re.compile(r"^[^\S\n]+", re.MULTILINE)


def plain(text: object, limit: int = 2000) -> str:
    """Text that Markdown shows as it stands: no link, image, HTML, formula, colour, icon or hidden direction change."""
    shown = str(text)
    shown = _INVISIBLE.sub("", shown if len(shown) <= limit else shown[: limit - 1] + "…")
    return _MARKUP.sub(r"\\\1", _ADDRESS.sub("\u2060", _INDENT.sub("", shown)))


def header(title: str, sentence: str = "") -> None:
    """A page's title and the one sentence that says what it is for."""
    st.title(plain(title), anchor=False)
    if sentence:
        st.caption(plain(sentence))


def leave(page: str | Page, label: str, query: Mapping[str, Any]) -> None:
    """To that page. A click may come together with a drawing of the whole page, whose parts may not leave it while they
    are drawn beside each other; then a link goes there."""
    try:
        st.switch_page(page, query_params=dict(query))
    except StreamlitInvalidLayoutContextError:
        st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=dict(query))


def problem(error: PlatformError) -> None:
    st.error(plain(error), icon=":material/error:")


@contextmanager
def told() -> Iterator[None]:
    """`with told():` shows a PlatformError as its sentence; the rest of the page goes on."""
    try:
        yield
    except PlatformError as error:
        problem(error)
