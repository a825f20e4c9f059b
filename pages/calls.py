"""Calls: the log itself, newest first; narrowed by filters and counts, opened call by call, exported whole."""

import streamlit as st

from core.analytics.calls import Place
from core.analytics.dimensions import DIMENSIONS
from core.platform import shared_platform
from pages.analysis.amounts import amounts
from pages.analysis.bar import current_view, filter_bar, narrow
from pages.analysis.call_detail import call_detail
from pages.analysis.call_table import call_table
from pages.analysis.exports import export_button, export_progress
from pages.analysis.origins import nothing_yet
from pages.analysis.words import count
from pages.frame import leave, plain, told

SIZE = 50
FLAGS = {
    "unpriced": "Unpriced",
    "fallback": "Fallback",
    "retried": "Retried",
    "truncated": "Prompt cut by the server",
}

platform = shared_platform()
if chosen := st.query_params.get("call"):
    call_detail(platform, chosen)
    st.stop()
filters = filter_bar(platform, title="Calls")
if nothing_yet(platform, current_view()):
    st.stop()
calls = platform.analytics.calls

with st.container(horizontal=True, vertical_alignment="bottom"):
    text = st.text_input(
        "Search", value=filters.text, placeholder="Search questions, answers and errors", icon=":material/search:",
        label_visibility="collapsed", width="stretch", max_chars=200, key=f"calls_text_{filters.text}",
    )  # fmt: skip
    flags = st.pills(
        "Only", list(FLAGS), format_func=FLAGS.__getitem__, selection_mode="multi", label_visibility="collapsed",
        default=[name for name in FLAGS if getattr(filters, name)], key="calls_flags", width="content",
    )  # fmt: skip
    amounts(filters)
    export_button(platform, filters)
wanted = {name: name in flags for name in FLAGS} | {"text": text or ""}
if any(getattr(filters, name) != value for name, value in wanted.items()):
    narrow(**wanted)

state = st.session_state.setdefault("calls_place", {})
if state.get("filters") != filters:
    state.clear()
    state.update(filters=filters, older=None, newer=None)


@st.fragment(parallel=True)
def facets() -> None:
    with told():
        with st.skeleton(height=40):
            found = calls.facets(filters)
        with st.container(horizontal=True, gap="small", key="facets"):
            for name, values in found.items():
                group = DIMENSIONS[name]
                held = getattr(filters, group.field)
                if len(values) < 2 and not held:
                    continue
                with st.popover(f"{group.label}{f' ({len(held)})' if held else ''}", type="tertiary"):
                    for value, number in values:
                        active = value in held
                        if st.button(
                            f"{plain(value or '(none)', 60)} · {number:,}",
                            type="tertiary",
                            icon=":material/check_box:" if active else ":material/check_box_outline_blank:",
                            key=f"facet_{name}_{value}",
                        ):
                            rest = tuple(each for each in held if each != value)
                            narrow(**{group.field: rest if active else (*held, value)})


@st.fragment(parallel=True)
def listing() -> None:
    with told():
        with st.skeleton(height=480):
            page = calls.page(filters, older=state["older"], newer=state["newer"], size=SIZE)
            total = calls.count(filters)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{count(total, 'call')}**, newest first", width="content")
            with st.container(horizontal=True, width="content", gap="small"):
                if st.button("Newest", key="page_first", disabled=page.newer is None, icon=":material/first_page:"):
                    turn(None, None)
                if st.button("Newer", key="page_newer", disabled=page.newer is None, icon=":material/chevron_left:"):
                    turn(None, page.newer)
                if st.button("Older", key="page_older", disabled=page.older is None, icon=":material/chevron_right:"):
                    turn(page.older, None)
        if page.frame.empty:
            st.info("No call matches. Widen the period or clear a filter.", icon=":material/search_off:")
            return
        picked = call_table(page.frame, filters.time_zone, key=f"calls_{state['older']}_{state['newer']}")
        if picked:
            leave("calls.py", "Open the call", {**current_view().query(), "call": picked})


def turn(older: Place | None, newer: Place | None) -> None:
    state.update(older=older, newer=newer)
    st.rerun(scope="fragment")


export_progress(platform)
facets()
listing()
