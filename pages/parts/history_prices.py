"""History priced again: what the price book of today would change, shown before anything is written."""

import streamlit as st

from charts import look
from core.errors import PlatformError
from core.platform import Platform
from pages.parts.markup import label
from pages.parts.models_state import ModelsState


def draw_history(platform: Platform, state: ModelsState) -> None:
    st.markdown("**Price history again**")
    st.caption("After a price was corrected: see what past calls would cost, then write it if you agree.")
    if st.button("What would change?", icon=":material/difference:", key="compare-prices"):
        state.difference = platform.ai.repricer.compare()
    found = state.difference
    if found is None:
        return
    if not found.calls:
        st.caption(f"Nothing: all {found.examined:,} calls carry the prices that hold for their time.")
        return
    st.dataframe(
        [
            {
                "Model": model[:120],
                "Calls": f"{change.calls:,}",
                "Before": look.money(change.before),
                "After": look.money(change.after),
            }
            for model, change in found.by_model.items()
        ],
        hide_index=True,
        width="stretch",
        height="content",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Change {len(found.calls):,} calls", type="primary", key="apply-prices"):
            _apply(platform, state)
        st.caption(
            f"{label(look.money(found.before))} becomes {label(look.money(found.after))}; every line stays in the log."
        )


def _apply(platform: Platform, state: ModelsState) -> None:
    if state.difference is None:
        return
    try:
        platform.ai.repricer.apply(state.difference, "local")
    except PlatformError as error:
        st.error(label(str(error), 400), icon=":material/error:")
        return
    state.said = f"{len(state.difference.calls):,} calls are priced again."
    state.difference = None
    st.rerun()
