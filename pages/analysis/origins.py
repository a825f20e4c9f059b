"""Real or sample: a page shows one origin at a time and says which; sample data comes and goes with one click."""

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from pages.analysis.view import View
from pages.analysis.words import count
from pages.frame import plain


def pick_origin(platform: Platform, view: View) -> View:
    """Until somebody chose: real calls when there are any, else the sample when it is loaded."""
    if view.said_origin:
        return view
    origins = platform.analytics.origins()
    origin = "live" if origins.get("live") or not origins.get("sample") else "sample"
    return view.filtered(origin=origin)


def origin_banner(platform: Platform, view: View) -> View:
    origins = platform.analytics.origins()
    if not origins.get("sample"):
        # a page with nothing on it offers the sample itself: a link to sample data that is gone since
        if origins.get(view.filters.origin) and st.button(
            "Load sample data", type="tertiary", icon=":material/science:", key="sample_load"
        ):
            _load(platform)
        return view
    if view.filters.origin == "sample":
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="sample_banner"):
            st.markdown(
                ":orange-badge[:material/science: Sample data] Invented history, to show what these pages can do. "
                "No real call is in these figures.",
                width="stretch",
            )
            if st.button(f"Show real calls ({origins.get('live', 0):,})", key="origin_live"):
                return view.but(said_origin=True).filtered(origin="live")
            if st.button("Remove sample data", icon=":material/delete:", key="sample_remove"):
                _remove(platform)
        return view
    with st.container(horizontal=True, vertical_alignment="center", key="live_banner"):
        st.caption("Real calls only. Sample data is loaded, too, and kept apart.", width="content")
        if st.button("Show sample data", type="tertiary", key="origin_sample"):
            return view.but(said_origin=True).filtered(origin="sample")
    return view


def nothing_yet(platform: Platform, view: View) -> bool:
    """Draws the empty state when the log holds no call at all of this origin; True when it did."""
    origins = platform.analytics.origins()
    if origins.get(view.filters.origin):
        return False
    real = origins.get("live", 0)
    with st.container(border=True, horizontal_alignment="center", gap="medium", key="nothing_yet"):
        st.space("small")
        st.subheader("No sample data" if real else "No calls yet", anchor=False, text_alignment="center")
        st.markdown(
            "Every question asked in Chat or the Playground appears here with what it cost and how long it took. "
            "To look around first, load 90 days of clearly marked sample history; it never mixes with real calls.",
            text_alignment="center",
            width=560,
        )
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.page_link("chat.py", label="Ask something", icon=":material/chat_bubble:")
            if real and st.button(f"Show real calls ({real:,})", key="origin_live"):
                st.query_params["origin"] = "live"
                st.rerun()
            if not origins.get("sample") and st.button(
                "Load sample data", type="primary", icon=":material/science:", key="sample_load"
            ):
                _load(platform)
        st.space("small")
    return True


def _load(platform: Platform) -> None:
    try:
        with st.spinner("Making 90 days of sample history…"):
            made = platform.ledger.load_sample()
            platform.ledger.settle(30)
        platform.analytics.forget()
    except PlatformError as error:
        st.error(plain(error))
        return
    st.toast(f"{count(made, 'sample call')} loaded.")
    st.query_params["origin"] = "sample"
    st.rerun()


def _remove(platform: Platform) -> None:
    try:
        with st.spinner("Removing the sample data…"):
            platform.ledger.remove(origin="sample")
            platform.ledger.settle(30)
        platform.analytics.forget()
    except PlatformError as error:
        st.error(plain(error))
        return
    for key in ("analysis_view", "analysis_query"):
        st.session_state.pop(key, None)
    st.query_params.clear()
    st.rerun()
