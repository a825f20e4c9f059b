"""What the log says of itself: on every page while it is not well, on the Overview what a start had to mend."""

from typing import Protocol

import streamlit as st

from pages.frame import plain


class Log(Protocol):
    def trouble(self) -> tuple[str, tuple[str, ...]]: ...
    @property
    def repairs(self) -> tuple[str, ...]: ...


def trouble_banner(log: Log) -> None:
    """Nothing when all is well; a warning while records wait for room; an error when calls are refused."""
    state, messages = log.trouble()
    if state != "ok":
        show = st.error if state == "refusing" else st.warning
        show(plain(" ".join(messages)), icon=":material/save:")


def repair_notes(log: Log) -> None:
    for message in log.repairs:
        st.info(plain(message), icon=":material/healing:")
