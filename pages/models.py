"""Models: who can be asked and with which key, whether they answer, what each model can do and costs."""

import streamlit as st

from core.errors import PlatformError
from core.platform import shared_platform
from pages.frame import header, problem
from pages.parts.grid import rows
from pages.parts.history_prices import draw_history
from pages.parts.markup import label
from pages.parts.model_table import draw_models, draw_prices
from pages.parts.models_state import ModelsState
from pages.parts.provider_card import draw_provider

platform = shared_platform()
state = ModelsState.current()
header("Models", "Who can be asked, whether they answer, what each can do and what it costs.")
if state.said:
    st.toast(label(state.said, 300), icon=":material/check:")
    state.said = ""
view = st.segmented_control(
    "View",
    ["Providers", "Models", "Prices"],
    default="Providers",
    required=True,
    label_visibility="collapsed",
    key="models-view",
    bind="query-params",
)
try:
    if view == "Providers":
        for pair in rows(platform.ai.providers(), 2):
            for column, info in zip(st.columns(2, gap="medium"), pair, strict=False):
                with column:
                    draw_provider(platform, state, info)
        try:
            st.caption(f"Without any other wish, questions go to {label(platform.ai.default_model(), 80)}.")
        except PlatformError as error:
            problem(error)
    elif view == "Models":
        draw_models(platform, platform.ai.models())
    else:
        draw_prices(platform, state, platform.ai.models())
        st.divider()
        draw_history(platform, state)
except PlatformError as error:
    problem(error)
