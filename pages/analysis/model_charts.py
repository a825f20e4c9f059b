"""The model report's charts: money against speed, votes, and how estimates held."""

from charts import reports
from core.analytics.analytics import Analytics
from core.analytics.behind import adding, within
from core.analytics.filters import Filters
from pages.analysis.panel import Chart


def trade_off(analytics: Analytics, filters: Filters) -> Chart:
    return Chart(
        name="Money against speed",
        load=lambda: analytics.models.report(filters),
        draw=lambda frame, dark: reports.trade_off(frame, "Money against speed", dark=dark),
        pick=lambda mark, _: within(filters, "model", mark[0]),
        height=400,
    )


def votes(analytics: Analytics, filters: Filters) -> Chart:
    return Chart(
        name="Votes won",
        load=lambda: analytics.models.votes(filters),
        draw=lambda frame, dark: reports.win_rates(frame, "Votes won", dark=dark),
        pick=lambda mark, _: voted(filters, mark[0]),
        note=lambda _: "All votes of this period, whatever else is filtered." if _narrowed(filters) else "",
    )


def estimates(analytics: Analytics, filters: Filters) -> Chart:
    return Chart(
        name="How estimates held",
        load=lambda: analytics.models.estimates(filters),
        draw=lambda frame, dark: reports.coverage(frame, "How estimates held", dark=dark),
        pick=lambda mark, _: within(adding(filters, f"{mark[1]} estimate"), "model", mark[0]),
        note=lambda _: "Right are half of the calls at the median and nine in ten at the p90.",
        height=340,
    )


def voted(filters: Filters, model: str) -> Filters:
    """The calls of the votes in which this model stood: picked by when the votes were given."""
    ends = "..".join("" if end is None else end.isoformat() for end in (filters.since, filters.until))
    return adding(Filters(origin=filters.origin, time_zone=filters.time_zone), f"votes:{ends}|{model}")


def _narrowed(filters: Filters) -> bool:
    return filters != Filters(
        since=filters.since, until=filters.until, origin=filters.origin, time_zone=filters.time_zone
    )
