"""The Latency page's charts: how fast, how that spreads, when, on the same questions, and what went wrong."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from charts import failures, speed
from core.analytics.analytics import Analytics
from core.analytics.behind import adding, within
from core.analytics.filters import Filters
from core.analytics.metrics import Metric
from core.analytics.pairing import Pairing
from core.analytics.zones import Grain
from pages.analysis.panel import Chart, bucket_of
from pages.analysis.words import count
from pages.frame import plain


def over_time(analytics: Analytics, filters: Filters, metric: Metric, grain: Grain) -> Chart:
    name, measured = f"{metric.label} over time", adding(filters, metric.name)
    return Chart(
        name=name,
        load=lambda: analytics.latency.over_time(filters, of=metric.name, grain=grain),
        draw=lambda frame, dark: speed.percentiles_over_time(frame, name, unit=metric.unit, dark=dark),
        pick=lambda mark, _: bucket_of(measured, mark[0], grain),
        note=_left_out(analytics, filters, metric),
    )


def by_model(analytics: Analytics, filters: Filters, metric: Metric) -> Chart:
    name, measured = f"{metric.label} by model", adding(filters, metric.name)
    return Chart(
        name=name,
        load=lambda: analytics.latency.percentiles(filters, of=metric.name),
        draw=lambda frame, dark: speed.ranges(frame, name, unit=metric.unit, dark=dark),
        pick=lambda mark, _: within(measured, "model", mark[0]),
    )


def by_model_over_time(analytics: Analytics, filters: Filters, metric: Metric, grain: Grain) -> Chart:
    measured = adding(filters, metric.name)
    return Chart(
        name=f"{metric.label}: p95 by model over time",
        load=lambda: analytics.latency.over_time(filters, of=metric.name, grain=grain, by="model"),
        draw=lambda frame, dark: speed.by_key_over_time(
            frame, f"{metric.label}: p95 by model", unit=metric.unit, dark=dark
        ),
        pick=lambda mark, _: bucket_of(within(measured, "model", mark[0]), mark[1], grain),
    )


def distribution(analytics: Analytics, filters: Filters, metric: Metric, *, cumulative: bool) -> Chart:
    """A mark of the density is one bin of one model; of the cumulative curve, that bin and all below."""
    name, draw = f"{metric.label}: distribution", speed.ecdf if cumulative else speed.distribution

    def pick(mark: Sequence[Any], _: pd.DataFrame) -> Filters:
        low = "" if cumulative else int(mark[1])
        return within(adding(filters, f"{metric.name}:{low}..{int(mark[1])}"), "model", mark[0])

    return Chart(
        name=name,
        load=lambda: analytics.latency.histogram(filters, of=metric.name),
        draw=lambda frame, dark: draw(frame, name, unit=metric.unit, dark=dark),
        pick=pick,
    )


def week(analytics: Analytics, filters: Filters, metric: Metric, share: str) -> Chart:
    counted = share == "calls"

    def pick(mark: Sequence[Any], _: pd.DataFrame) -> Filters:
        slot = f"hour:{int(mark[0])}-{int(mark[1])}"
        return adding(filters, slot) if counted else adding(filters, metric.name, slot)

    return Chart(
        name=f"{metric.label} by hour of the week",
        load=lambda: analytics.latency.week(filters, of=metric.name),
        draw=lambda frame, dark: speed.week(
            frame,
            f"{'Calls' if counted else metric.label} by hour of the week",
            value=share,
            unit="" if counted else metric.unit,
            dark=dark,
        ),
        pick=pick,
        note=lambda _: f"Wall clock of {plain(filters.time_zone)}",
    )


def same_questions(analytics: Analytics, filters: Filters, metric: Metric, by: str) -> Chart:
    name = f"{metric.label} on the same questions"
    return Chart(
        name=name,
        load=lambda: analytics.same_questions(filters, by=by, of=metric.name),
        draw=lambda frame, dark: speed.same_questions(frame, name, of=metric.label.lower(), dark=dark),
        pick=lambda mark, _: Pairing(by, metric.name, mark[0]).within(filters),
        note=lambda _: "Comparisons in which several answered, each against the others of its own question.",
    )


def failed(analytics: Analytics, filters: Filters, grain: Grain) -> Chart:
    return Chart(
        name="Failed calls",
        load=lambda: analytics.reliability.over_time(filters, grain=grain),
        draw=lambda frame, dark: failures.over_time(frame, "Failed calls", grain=grain, dark=dark),
        pick=lambda mark, _: bucket_of(adding(filters, "failed", f"failure:{mark[0]}"), mark[1], grain),
    )


def outcomes(analytics: Analytics, filters: Filters) -> Chart:
    return Chart(
        name="How questions ended",
        load=lambda: analytics.reliability.recovery(filters),
        draw=lambda frame, dark: failures.outcomes(frame, "How questions ended", dark=dark),
        pick=lambda mark, _: adding(filters, f"ended:{mark[0]}"),
        height=300,
    )


def _left_out(analytics: Analytics, filters: Filters, metric: Metric) -> Callable[[pd.DataFrame], str]:
    def note(_: pd.DataFrame) -> str:
        cover = analytics.latency.coverage(filters, metric.name)
        parts = [
            count(cover.timed, "measured call"),
            "" if cover.exact else "percentiles within 1%",
            f"{cover.unmeasured:,} not measured" if cover.unmeasured else "",
            f"{count(cover.cached, 'cache hit')} apart" if cover.cached else "",
            f"{cover.unfinished:,} failed, stopped or refused apart" if cover.unfinished else "",
        ]
        return " · ".join(part for part in parts if part)

    return note
