"""Unusual use in plain words, each note with a link to exactly its calls."""

import streamlit as st

from charts import look
from core.analytics.filters import Filters
from core.analytics.unusual import Note
from core.errors import PlatformError
from core.platform import Platform
from pages.analysis.bar import now
from pages.analysis.view import link
from pages.frame import plain, problem

SHOWN = 4


@st.fragment(parallel=True)
def unusual_notes(platform: Platform, filters: Filters) -> None:
    try:
        with st.skeleton(height=60):
            notes = platform.analytics.unusual(filters, now())
    except PlatformError as error:
        problem(error)
        return
    if not notes:
        return
    with st.container(border=True, gap="small", key="unusual"):
        st.markdown(f"**:material/notifications: Unusual in the last 7 days** ({len(notes)})")
        for note in notes[:SHOWN]:
            _note(note)
        if len(notes) > SHOWN:
            with st.expander(f"{len(notes) - SHOWN} more"):
                for note in notes[SHOWN : SHOWN + 40]:
                    _note(note)


def _note(note: Note) -> None:
    of = f" of **{plain(note.key, 80)}**" if note.key else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{note.day:%a %d %b}: {note.series.rstrip(',')}{of}: **{plain(amount(note.value, note.unit))}**, "
            f"usually about {plain(amount(note.expected, note.unit))}.",
            width="stretch",
        )
        st.page_link("calls.py", label="Calls", icon=":material/arrow_forward:", query_params=link(note.filters))


def amount(value: float, unit: str) -> str:
    return {
        "money": look.money(round(value, 6)),
        "seconds": look.seconds(value),
        "share": look.share(value),
    }.get(unit, look.number(value))
