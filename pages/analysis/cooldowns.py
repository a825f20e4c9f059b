"""Which deployments rest after repeated failures, now and within the period."""

import streamlit as st

from core.analytics.filters import Filters
from core.analytics.zones import to_local
from core.platform import Platform
from pages.analysis.panel import csv_button
from pages.frame import plain


@st.fragment(run_every=10.0)
def cooldowns(platform: Platform, filters: Filters) -> None:
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
