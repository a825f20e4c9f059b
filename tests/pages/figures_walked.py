"""Every headline, mark and cell of the analysis pages, as the test of their calls walks them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.analytics.analytics import Analytics
from core.analytics.filters import Filters
from core.analytics.measures import REGENERATED
from core.analytics.metrics import METRICS
from core.analytics.what_if import Price
from core.analytics.zones import Grain
from pages.analysis import latency_charts, model_charts, model_tables, overview_charts, spend_charts, usage_tables
from pages.analysis.figures import Headline
from pages.analysis.headlines import care_figures, latency_figures, spend_figures, usage_figures, use_figures
from pages.analysis.panel import Chart
from pages.analysis.tables import Table

PRICES = (Price("new/one", Decimal("0.000001"), Decimal("0.000002")),)


@dataclass(frozen=True)
class Looked:
    """A page of one moment: what is picked, and what it is compared with."""

    analytics: Analytics
    filters: Filters
    earlier: Filters
    now: datetime
    grain: Grain = "day"


@dataclass(frozen=True)
class Mark:
    """One mark of a chart: the trace it belongs to, where it stands, and what a click on it gives."""

    trace: str
    x: Any
    y: Any
    custom: Sequence[Any]


def headlines(page: str, at: Looked) -> list[Headline]:
    spend, latency, filters = at.analytics.spend, at.analytics.latency, at.filters
    totals = spend.totals(filters)
    if page == "overview":
        trend = spend.over_time(filters, grain=at.grain)
        again, last = spend.tagged(filters, REGENERATED), spend.totals(at.earlier)
        first, before = latency.overall(filters), latency.overall(at.earlier)
        return [
            *use_figures(totals, last, trend, filters, first, before),
            *care_figures(totals, last, again, filters),
        ]
    if page == "spend":
        return spend_figures(totals, spend.unit_costs(filters), filters)
    if page == "latency":
        return latency_figures(latency.overall(filters), totals, filters)
    return usage_figures(totals, filters) if page == "usage" else []


def charts(page: str, at: Looked, **chosen: str) -> list[Chart]:
    """`chosen`: what the page's own controls say, else what they say at first."""
    analytics, filters, grain = at.analytics, at.filters, at.grain
    if page == "overview":
        return [
            overview_charts.money_by_model(analytics, filters, grain),
            overview_charts.change(analytics, at.earlier, filters),
            overview_charts.month(analytics, filters, at.now),
        ]
    if page == "spend":
        by, measure = chosen.get("by", "model"), chosen.get("measure", "cost")
        return [
            spend_charts.over_time(analytics, filters, grain, by, measure),
            spend_charts.top(analytics, filters, by, measure),
            spend_charts.running_total(analytics, filters, grain),
            spend_charts.elsewhere(analytics, filters, PRICES),
        ]
    if page == "latency":
        metric = METRICS[chosen.get("metric", "ttft")]
        return [
            latency_charts.over_time(analytics, filters, metric, grain),
            latency_charts.by_model(analytics, filters, metric),
            latency_charts.by_model_over_time(analytics, filters, metric, grain),
            latency_charts.distribution(analytics, filters, metric, cumulative="shape" in chosen),
            latency_charts.week(analytics, filters, metric, chosen.get("share", "p95")),
            latency_charts.same_questions(analytics, filters, metric, chosen.get("by", "model")),
            latency_charts.failed(analytics, filters, grain),
            latency_charts.outcomes(analytics, filters),
        ]
    if page == "model_report":
        return [
            model_charts.trade_off(analytics, filters),
            model_charts.votes(analytics, filters),
            model_charts.estimates(analytics, filters),
        ]
    return []


def tables(page: str, at: Looked, by: str = "model") -> list[Table]:
    analytics, filters = at.analytics, at.filters
    if page == "spend":
        return [usage_tables.every(analytics, filters, by)]
    if page == "latency":
        return [model_tables.reliability(analytics, filters)]
    if page == "model_report":
        return [model_tables.report(analytics, filters)]
    if page == "usage":
        report = analytics.get_usage_report(filters)
        return [usage_tables.of_report(report, name) for name in report.parts]
    return []


def marks(figure: Any) -> Iterator[Mark]:
    for trace in figure.data:
        if trace.customdata is None:
            assert trace.hoverinfo == "skip", f"{trace.name} can be hovered over and not be clicked"
            continue
        for x, y, custom in zip(trace.x, trace.y, trace.customdata, strict=True):
            assert trace.type != "scatter" or "markers" in trace.mode, "a line without marks cannot be clicked"
            yield Mark(trace.name or "", x, y, list(custom))


def cells(table: Table) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    frame = table.load()
    for _, row in frame.iterrows():
        for column in table.columns:
            if column in frame and column != table.key and row[column] == row[column] and row[column] is not None:
                yield row.to_dict(), column, row[column]
