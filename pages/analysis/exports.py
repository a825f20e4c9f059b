"""The export button: the filtered calls as a file, made in the background while one looks on or goes elsewhere."""

import streamlit as st

from core.analytics.filters import Filters
from core.errors import PlatformError
from core.platform import Platform
from pages.analysis.words import count
from pages.frame import plain, problem

FORMATS = {"csv": "CSV", "parquet": "Parquet", "jsonl": "JSON Lines"}
STATE = "calls_export"


def export_button(platform: Platform, filters: Filters) -> None:
    format = st.menu_button(
        "Export", list(FORMATS), format_func=FORMATS.__getitem__, icon=":material/download:", key="export_menu"
    )
    if format:
        try:
            st.session_state[STATE] = platform.analytics.exports.start(filters, format).id
        except PlatformError as error:
            problem(error)


def export_progress(platform: Platform) -> None:
    if STATE in st.session_state:
        _progress(platform)


@st.fragment(run_every=1.0)
def _progress(platform: Platform) -> None:
    if STATE not in st.session_state:
        return
    try:
        job = platform.analytics.exports.get(st.session_state[STATE])
    except PlatformError:
        st.session_state.pop(STATE)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="export"):
        if job.error:
            st.markdown(f":material/error: {plain(job.error)}", width="stretch")
        elif job.finished:
            st.markdown(f"**{count(job.done, 'call')}** as {FORMATS[job.format]}, ready.", width="stretch")
            st.link_button("Download", f"/exports/{job.id}", type="primary", icon=":material/download:")
        else:
            st.progress(job.share, f"Writing {job.done:,} of {job.total:,} calls")
            if st.button("Stop", key="export_stop"):
                platform.analytics.exports.cancel(job.id)
        if (job.finished or job.error) and st.button("Close", key="export_close", type="tertiary"):
            st.session_state.pop(STATE)
            st.rerun()
