"""Spend: where the money went, over time and by any dimension, and what each thing cost."""

import streamlit as st

from core.analytics.dimensions import DIMENSIONS
from core.analytics.zones import Grain
from core.platform import shared_platform
from pages.analysis import spend_charts, usage_tables
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.budgets_standing import budgets_of_spend
from pages.analysis.figures import figure_row
from pages.analysis.headlines import spend_figures
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import calls_link, panel
from pages.analysis.period import grain_for
from pages.analysis.spend_charts import MEASURES
from pages.analysis.tables import table_panel
from pages.analysis.what_if import what_if
from pages.frame import told

platform = shared_platform()
filters = filter_bar(platform, title="Spend")
if nothing_yet(platform, current_view()):
    st.stop()
analytics = platform.analytics
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month")


@st.fragment(parallel=True)
def headline() -> None:
    with told():
        with st.skeleton(height=120):
            totals, units = analytics.spend.totals(filters), analytics.spend.unit_costs(filters)
        figure_row(spend_figures(totals, units, filters))


headline()

with st.container(horizontal=True, vertical_alignment="bottom"):
    by = st.selectbox(
        "By", list(DIMENSIONS), format_func=lambda name: DIMENSIONS[name].label, key="spend_by", width=190
    )
    suggested = grain_for(filters.since, filters.until)
    grain = st.segmented_control("Per", GRAINS, default=suggested, required=True, key=f"spend_grain_{suggested}")
    measure = st.selectbox("Show", list(MEASURES), format_func=MEASURES.__getitem__, key="spend_measure", width=170)
grain = grain or suggested
panel(spend_charts.over_time(analytics, filters, grain, by, measure), "spend_time")
left, right = st.columns(2)
with left:
    panel(spend_charts.top(analytics, filters, by, measure), "spend_top")
with right:
    panel(spend_charts.running_total(analytics, filters, grain), "spend_total")
table_panel(usage_tables.every(analytics, filters, by), "spend")
budgets_of_spend(platform)
what_if(platform, filters)
calls_link("All calls of this period", filters)
