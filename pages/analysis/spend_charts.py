"""The Spend page's charts: money over time by any dimension, the largest, the running total, and what if."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from charts import look, money
from core.analytics.analytics import Analytics
from core.analytics.behind import adding, others, within
from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.spend import OTHER
from core.analytics.what_if import Price
from core.analytics.zones import Grain
from pages.analysis.panel import Chart, bucket_of
from pages.analysis.words import count, gaps
from pages.frame import plain

MEASURES = {
    "cost": "Money",
    "calls": "Calls",
    "turns": "Turns",
    "input_tokens": "Input tokens",
    "output_tokens": "Output tokens",
}


def of_measure(filters: Filters, measure: str) -> Filters:
    """Turns are counted by the first call of each."""
    return adding(filters, "turns") if measure == "turns" else filters


def of_bucket(filters: Filters, grain: Grain, by: str, mark: Sequence[Any], frame: pd.DataFrame) -> Filters:
    """The calls of a mark [key, bucket start]; "other" is whatever stands under no key that is shown."""
    key, narrowed = mark[0], bucket_of(filters, mark[1], grain)
    if key != OTHER:
        return within(narrowed, by, key)
    return others(narrowed, by, [each for each in frame["key"].unique() if each != OTHER])


def over_time(analytics: Analytics, filters: Filters, grain: Grain, by: str, measure: str) -> Chart:
    name = f"{MEASURES[measure]} by {DIMENSIONS[by].label.lower()}"
    return Chart(
        name=name,
        load=lambda: analytics.spend.over_time(filters, grain=grain, by=by),
        draw=lambda frame, dark: money.over_time(frame, name, value=measure, grain=grain, dark=dark),
        pick=lambda mark, frame: of_measure(of_bucket(filters, grain, by, mark, frame), measure),
        note=lambda frame: _notes(frame, by),
        height=340,
    )


def top(analytics: Analytics, filters: Filters, by: str, measure: str) -> Chart:
    name = f"Top {DIMENSIONS[by].plural}"
    return Chart(
        name=name,
        load=lambda: analytics.spend.by(filters, by),
        draw=lambda frame, dark: money.ranking(frame, name, value=measure, dark=dark),
        pick=lambda mark, _: of_measure(within(filters, by, mark[0]), measure),
        note=lambda frame: _notes(frame, by),
    )


def running_total(analytics: Analytics, filters: Filters, grain: Grain) -> Chart:
    """A mark is made from all calls from the beginning to the end of its bucket."""

    def pick(mark: Sequence[Any], frame: pd.DataFrame) -> Filters:
        first = bucket_of(filters, frame["at"].min().isoformat(), grain)
        return filters.but(since=first.since, until=bucket_of(filters, mark[0], grain).until)

    return Chart(
        name="Running total",
        load=lambda: analytics.spend.over_time(filters, grain=grain),
        draw=lambda frame, dark: money.cumulative(frame, "Running total", dark=dark),
        pick=pick,
        note=lambda frame: gaps(int(frame["unpriced"].sum())) if not frame.empty else "",
    )


def elsewhere(analytics: Analytics, filters: Filters, prices: Sequence[Price]) -> Chart:
    return Chart(
        name="The same traffic elsewhere",
        load=lambda: analytics.what_if(filters, prices),
        draw=lambda frame, dark: money.what_if(frame, "The same traffic elsewhere", dark=dark),
        pick=lambda _, __: adding(filters, "comparable"),
        note=_saving,
    )


def _notes(frame: pd.DataFrame, by: str) -> str:
    unpriced = gaps(int(frame["unpriced"].sum())) if not frame.empty else ""
    several = "a call with several tags counts under each" if by == "tag" else ""
    return " · ".join(part for part in (unpriced, several) if part)


def _saving(frame: pd.DataFrame) -> str:
    rows = frame.to_dict("records")
    if not rows:
        return ""
    best = max(rows, key=lambda row: row["saving"])
    basis = f"From {count(best['calls'], 'call')}; {best['left_out']:,} without tokens or price are left out."
    if best["saving"] <= 0:
        return plain(f"None of them is cheaper than now. {basis}")
    return plain(f"{best['model']} would save about {look.money(round(best['saving'], 4))} a month. {basis}")
