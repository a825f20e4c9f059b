"""Latency and reliability: how fast answers come, how that spreads, and what goes wrong."""

import streamlit as st

from charts import failures, look, speed
from core.analytics.metrics import METRICS
from core.analytics.pairing import Pairing
from core.platform import shared_platform
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.figures import Headline, figure_row
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import Chart, bucket_of, panel
from pages.analysis.period import grain_for
from pages.analysis.reliability_table import reliability_table, resting
from pages.analysis.words import count
from pages.frame import plain

platform = shared_platform()
filters = filter_bar(platform, title="Latency")
if nothing_yet(platform, current_view()):
    st.stop()
latency, reliability = platform.analytics.latency, platform.analytics.reliability
answered = filters.but(statuses=("ok",), caches=("off", "miss"))
grain = grain_for(filters.since, filters.until)


def stated(value: float, unit: str) -> str:
    return look.seconds(value) if unit == "s" else look.rate(value)


@st.fragment(parallel=True)
def headline() -> None:
    with st.skeleton(height=120):
        overall = latency.overall(filters)
        totals = platform.analytics.spend.totals(filters)
    figures = [
        Headline(
            f"{METRICS[name].label}, {share}",
            stated(overall[name][share], METRICS[name].unit),
            answered,
            note=count(int(overall[name]["n"]), "measured call"),
        )
        for name, share in (("ttft", "p50"), ("ttft", "p95"), ("total", "p95"), ("speed", "p50"))
    ]
    figures.append(
        Headline(
            "Failed",
            look.share(totals.error_rate),
            filters.but(statuses=("error", "interrupted")),
            note=f"{totals.failed:,} of {totals.sent:,} sent",
        )
    )
    figures.append(
        Headline(
            "Cache hits",
            f"{totals.cached:,}",
            filters.but(caches=("exact", "semantic")),
            note="never in the times here",
        )
    )
    figure_row(figures)


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


def left_out(_: object) -> str:
    cover = latency.coverage(filters, metric.name)
    parts = [
        count(cover.timed, "measured call"),
        "" if cover.exact else "percentiles within 1 %",
        f"{cover.unmeasured:,} not measured" if cover.unmeasured else "",
        f"{count(cover.cached, 'cache hit')} apart" if cover.cached else "",
        f"{cover.unfinished:,} failed, stopped or refused apart" if cover.unfinished else "",
    ]
    return " · ".join(part for part in parts if part)


panel(
    Chart(
        name=f"{metric.label} over time",
        load=lambda: latency.over_time(filters, of=metric.name, grain=grain),
        draw=lambda frame, dark: speed.percentiles_over_time(
            frame, f"{metric.label} over time", unit=metric.unit, dark=dark
        ),
        pick=lambda mark: bucket_of(answered, mark[0], grain),
        note=left_out,
    ),
    "latency_time",
)
left, right = st.columns(2)
with left:
    panel(
        Chart(
            name=f"{metric.label} by model",
            load=lambda: latency.percentiles(filters, of=metric.name),
            draw=lambda frame, dark: speed.ranges(frame, f"{metric.label} by model", unit=metric.unit, dark=dark),
            pick=lambda mark: answered.but(models=(mark[0],)),
        ),
        "latency_models",
    )
with right:
    panel(
        Chart(
            name=f"{metric.label}: p95 by model over time",
            load=lambda: latency.over_time(filters, of=metric.name, grain=grain, by="model"),
            draw=lambda frame, dark: speed.by_key_over_time(
                frame, f"{metric.label}: p95 by model", unit=metric.unit, dark=dark
            ),
            pick=lambda mark: bucket_of(answered.but(models=(mark[0],)), mark[1], grain),
        ),
        "latency_p95",
    )
left, right = st.columns(2)
with left:
    shape = st.segmented_control(
        "Distribution",
        ("Density", "Cumulative"),
        default="Density",
        required=True,
        key="latency_shape",
        label_visibility="collapsed",
    )
    draw = speed.ecdf if shape == "Cumulative" else speed.distribution
    panel(
        Chart(
            name=f"{metric.label}: distribution",
            load=lambda: latency.histogram(filters, of=metric.name),
            draw=lambda frame, dark: draw(frame, f"{metric.label}: distribution", unit=metric.unit, dark=dark),
        ),
        "latency_shape_chart",
    )
with right:
    share = st.segmented_control(
        "Hours show",
        ("p50", "p95", "calls"),
        default="p95",
        required=True,
        key="latency_week",
        label_visibility="collapsed",
    )
    panel(
        Chart(
            name=f"{metric.label} by hour of the week",
            load=lambda: latency.week(filters, of=metric.name),
            draw=lambda frame, dark: speed.week(
                frame,
                f"{'Calls' if share == 'calls' else metric.label} by hour of the week",
                value=share or "p95",
                unit="" if share == "calls" else metric.unit,
                dark=dark,
            ),
            note=lambda _: f"Wall clock of {plain(filters.time_zone)}",
        ),
        "latency_hours",
    )
with st.container(key="same_questions"):
    by = st.segmented_control("On the same questions", ("model", "provider"), default="model", required=True)
    panel(
        Chart(
            name=f"{metric.label} on the same questions",
            load=lambda: platform.analytics.same_questions(filters, by=by or "model", of=metric.name),
            draw=lambda frame, dark: speed.same_questions(
                frame, f"{metric.label} on the same questions", of=metric.label.lower(), dark=dark
            ),
            pick=lambda mark: Pairing(by or "model", metric.name, mark[0]).within(filters),
            note=lambda _: "Comparisons in which several answered, each against the others of its own question.",
        ),
        "latency_same",
    )
st.subheader("Reliability", anchor=False)
left, right = st.columns([3, 2])
with left:
    panel(
        Chart(
            name="Failed calls",
            load=lambda: reliability.over_time(filters, grain=grain),
            draw=lambda frame, dark: failures.over_time(frame, "Failed calls", grain=grain, dark=dark),
            pick=lambda mark: bucket_of(
                filters.but(statuses=("interrupted",)) if mark[0] == "interrupted" else filters.but(errors=(mark[0],)),
                mark[1],
                grain,
            ),
        ),
        "failures_time",
    )
with right:
    panel(
        Chart(
            name="How questions ended",
            load=lambda: reliability.recovery(filters),
            draw=lambda frame, dark: failures.outcomes(frame, "How questions ended", dark=dark),
            height=300,
        ),
        "failures_outcomes",
    )
reliability_table(platform, filters)
resting(platform, filters)
