"""What went wrong by model, as a table that opens its calls; and which deployments rest after repeated failures."""

import streamlit as st

from core.analytics.filters import Filters
from core.analytics.zones import to_local
from core.platform import Platform
from pages.analysis.panel import csv_button, open_calls
from pages.frame import plain

COUNTS = {
    "calls": ("Calls", ""),
    "failed": ("Failed", "Errors and interruptions"),
    "cancelled": ("Stopped", "By a person"),
    "retries": ("Retries", "Calls that repeated another"),
    "fallbacks": ("Fallbacks", "Calls this model answered for another"),
    "truncated": ("Prompts cut", "The server left out a part of the prompt"),
    "cut": ("Answers cut", "At the output limit"),
}


@st.fragment(parallel=True)
def reliability_table(platform: Platform, filters: Filters) -> None:
    with st.skeleton(height=240):
        frame = platform.analytics.reliability.by(filters)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**What went wrong, by model**", width="content")
            csv_button(frame, "Reliability by model", "csv_reliability")
        event = st.dataframe(
            frame[["key", "rate", *COUNTS]].assign(key=frame["key"].replace("", "(none)")),
            hide_index=True,
            placeholder="–",
            on_select="rerun",
            selection_mode="single-row",
            key="reliability_table",
            column_config={
                "key": st.column_config.TextColumn("Model", pinned=True),
                "rate": st.column_config.NumberColumn("Failed share", format="percent", help="Of the calls sent"),
                **{
                    name: st.column_config.NumberColumn(label, format="localized", help=help or None)
                    for name, (label, help) in COUNTS.items()
                },
            },
        )
        st.caption("Select a row for its calls.")
        if event.selection.rows:
            open_calls(filters, models=(str(frame["key"].iloc[event.selection.rows[0]]),))


@st.fragment(run_every=10.0)
def resting(platform: Platform, filters: Filters) -> None:
    """Who rests now, and who did within the period."""
    _now(platform)
    history = platform.analytics.reliability.cooldowns(filters)
    if history.empty:
        return
    with st.expander(f"Cooldowns in this period ({len(history):,}{' newest' if len(history) >= 200 else ''})"):
        wall = [to_local(at, filters.time_zone) for at in history["at"].dt.to_pydatetime()]
        st.dataframe(
            history.assign(at=wall),
            hide_index=True,
            key="cooldown_history",
            column_config={
                "at": st.column_config.DatetimeColumn("Began", format="D MMM, HH:mm:ss"),
                "deployment": "Model and address",
                "seconds": st.column_config.NumberColumn("Rested, at least", format="%.0f s"),
            },
        )
        csv_button(history, "Cooldowns", "csv_cooldowns")


def _now(platform: Platform) -> None:
    left = platform.ai.resting()
    if not left:
        st.caption(
            "Cooldowns: no model rests now. One that fails three times in a row does, for 15 seconds and longer."
        )
        return
    names = ", ".join(f"{plain(name)} ({seconds:,.0f} s)" for name, seconds in sorted(left.items()))
    st.markdown(f":material/hotel: Resting after repeated failures: {names}")
