"""Latency and reliability: how fast answers come, how that spreads, and what goes wrong."""

import streamlit as st

from core.analytics.metrics import METRICS
from core.platform import shared_platform
from pages.analysis import latency_charts, model_tables
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.cooldowns import cooldowns
from pages.analysis.figures import figure_row
from pages.analysis.headlines import latency_figures
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import panel
from pages.analysis.period import grain_for
from pages.analysis.tables import table_panel
from pages.frame import told

platform = shared_platform()
filters = filter_bar(platform, title="Latency")
if nothing_yet(platform, current_view()):
    st.stop()
analytics, grain = platform.analytics, grain_for(filters.since, filters.until)


@st.fragment(parallel=True)
def headline() -> None:
    with told():
        with st.skeleton(height=120):
            overall, totals = analytics.latency.overall(filters), analytics.spend.totals(filters)
        figure_row(latency_figures(overall, totals, filters))


def choice(label: str, options: tuple[str, ...], first: str, key: str) -> str:
    picked = st.segmented_control(
        label, options, default=first, required=True, key=key, label_visibility="collapsed"
    )  # fmt: skip
    return picked or first


headline()
name = st.segmented_control(
    "Measure",
    list(METRICS),
    default="ttft",
    required=True,
    key="latency_metric",
    format_func=lambda each: METRICS[each].label,
)
metric = METRICS[name or "ttft"]
panel(latency_charts.over_time(analytics, filters, metric, grain), "latency_time")
left, right = st.columns(2)
with left:
    panel(latency_charts.by_model(analytics, filters, metric), "latency_models")
with right:
    panel(latency_charts.by_model_over_time(analytics, filters, metric, grain), "latency_p95")
left, right = st.columns(2)
with left:
    shape = choice("Distribution", ("Density", "Cumulative"), "Density", "latency_shape")
    panel(
        latency_charts.distribution(analytics, filters, metric, cumulative=shape == "Cumulative"),
        "latency_shape_chart",
    )
with right:
    share = choice("Hours show", ("p50", "p95", "calls"), "p95", "latency_week")
    panel(latency_charts.week(analytics, filters, metric, share), "latency_hours")
with st.container(key="same_questions"):
    by = st.segmented_control("On the same questions", ("model", "provider"), default="model", required=True)
    panel(latency_charts.same_questions(analytics, filters, metric, by or "model"), "latency_same")
st.subheader("Reliability", anchor=False)
left, right = st.columns([3, 2])
with left:
    panel(latency_charts.failed(analytics, filters, grain), "failures_time")
with right:
    panel(latency_charts.outcomes(analytics, filters), "failures_outcomes")
table_panel(model_tables.reliability(analytics, filters), "reliability")
cooldowns(platform, filters)
