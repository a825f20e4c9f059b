"""Models: the performance report per model, and how estimates held against what happened."""

import streamlit as st

from core.platform import shared_platform
from pages.analysis import model_charts, model_tables
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import panel
from pages.analysis.tables import table_panel

platform = shared_platform()
filters = filter_bar(platform, title="Model report")
if nothing_yet(platform, current_view()):
    st.stop()
analytics = platform.analytics
table_panel(model_tables.report(analytics, filters), "models")
left, right = st.columns(2)
with left:
    panel(model_charts.trade_off(analytics, filters), "models_trade")
with right:
    panel(model_charts.votes(analytics, filters), "models_votes")
panel(model_charts.estimates(analytics, filters), "models_estimates")
