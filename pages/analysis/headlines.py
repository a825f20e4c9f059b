"""The headline figures of each page, each with the calls behind it."""

from collections.abc import Mapping

import pandas as pd

from charts import look
from core.analytics.behind import adding
from core.analytics.filters import Filters
from core.analytics.measures import REGENERATED, Totals
from core.analytics.metrics import METRICS
from core.analytics.spend import UnitCosts
from pages.analysis.figures import Headline, dollars
from pages.analysis.words import count, gaps

Speeds = Mapping[str, Mapping[str, float]]
"""Per metric `n` and percentiles, as Latency.overall gives them."""


def change(new: object, old: object) -> float | None:
    """As a fraction; None when there is nothing to compare with."""
    known = [None if each is None else float(each) for each in (new, old)]  # type: ignore[arg-type]
    now, was = known
    return now / was - 1 if now is not None and was and now == now and was == was else None


def timed(value: float, unit: str) -> str:
    """Short enough for a tile when nothing was measured."""
    return look.UNKNOWN if value != value else look.seconds(value) if unit == "s" else look.rate(value)


def failed(totals: Totals, filters: Filters, was: Totals | None = None, trend: pd.DataFrame | None = None) -> Headline:
    return Headline(
        "Failed",
        look.share(totals.error_rate),
        adding(filters, "failed"),
        totals.failed,
        note=f"{totals.failed:,} of {totals.sent:,} sent",
        change=change(totals.error_rate, was.error_rate) if was else None,
        good=False,
        trend=[] if trend is None else (trend["failed"] / trend["sent"].where(trend["sent"] > 0)).fillna(0).tolist(),
    )


def use_figures(
    totals: Totals, last: Totals | None, trend: pd.DataFrame, filters: Filters, first: Speeds, before: Speeds | None
) -> list[Headline]:
    was = last or Totals()
    p95 = first["ttft"]["p95"]
    return [
        Headline(
            "Spent", dollars(totals.cost), filters, totals.calls, note=gaps(totals.unpriced),
            change=change(totals.cost, was.cost), good=False, trend=trend["cost"].fillna(0).tolist(),
        ),
        Headline(
            "Turns", f"{totals.turns:,}", adding(filters, "turns"), totals.turns,
            note=f"in {count(totals.calls, 'call')}", change=change(totals.turns, was.turns),
            trend=trend["turns"].tolist(), help="Questions asked; opened are the first calls of each.",
        ),
        Headline(
            "Tokens", look.tokens(totals.tokens), filters, totals.calls, note=gaps(uncounted=totals.uncounted),
            change=change(totals.tokens, was.tokens), trend=(trend["input_tokens"] + trend["output_tokens"]).tolist(),
        ),
        Headline(
            "Users", f"{totals.users:,}", adding(filters, "named"), None if totals.users else 0,
            change=change(totals.users, was.users),
        ),
        failed(totals, filters, was, trend),
        Headline(
            "First token, p95", timed(p95, "s"), adding(filters, "ttft"), int(first["ttft"]["n"]),
            change=change(p95, before["ttft"]["p95"]) if before else None, good=False,
        ),
    ]  # fmt: skip


def care_figures(totals: Totals, last: Totals | None, again: Totals, filters: Filters) -> list[Headline]:
    was = last or Totals()
    return [
        Headline(
            "Per turn", dollars(totals.cost_per_turn), filters, totals.calls,
            change=change(totals.cost_per_turn, was.cost_per_turn), good=False,
        ),
        saved(totals, filters, was),
        Headline(
            "Wasted", look.money(totals.wasted or 0), adding(filters, "wasted"), None if totals.calls else 0,
            change=change(totals.wasted, was.wasted), good=False,
            help="Money for calls that were stopped, failed, were interrupted, repeated another, or answered again.",
        ),
        Headline(
            "Fallbacks", f"{totals.fallbacks:,}", adding(filters, "fallbacks"), totals.fallbacks,
            note=f"{look.money(totals.fallback_cost or 0)} on them", change=change(totals.fallbacks, was.fallbacks),
        ),
        Headline(
            "Asked again", f"{again.turns:,}", adding(filters, f"is:tag:{REGENERATED}", "turns"), again.turns,
            note=f"{look.money(again.cost or 0)} on second answers",
        ),
        Headline(
            "Refused", f"{totals.refused:,}", adding(filters, "refused"), totals.refused, note="by budgets or limits"
        ),
        Headline(
            "Unpriced", f"{totals.unpriced:,}", adding(filters, "unpriced"), totals.unpriced, note="in no sum of money"
        ),
    ]  # fmt: skip


def saved(totals: Totals, filters: Filters, was: Totals | None = None) -> Headline:
    return Headline(
        "Cache saved", look.money(totals.saved or 0), adding(filters, "cached"), totals.cached,
        note=count(totals.cached, "cache hit"), change=change(totals.saved, was.saved) if was else None, good=True,
    )  # fmt: skip


def spend_figures(totals: Totals, units: UnitCosts, filters: Filters) -> list[Headline]:
    calls = totals.calls
    return [
        Headline("Spent", dollars(totals.cost), filters, calls, note=gaps(totals.unpriced)),
        Headline("Per turn", dollars(units.per_turn), filters, calls, note=count(totals.turns, "turn")),
        Headline(
            "Per conversation", dollars(units.per_conversation), filters, calls,
            note=count(units.conversations, "conversation"), help="All money of these calls over their conversations.",
        ),
        Headline(
            "Per thumbs-up", dollars(units.per_thumbs_up), filters, calls, note=f"{units.thumbs_up:,} thumbs-up",
            help="All money of these calls over the thumbs-up given to their answers.",
        ),
        saved(totals, filters),
        Headline("Tokens", look.tokens(totals.tokens), filters, calls, note=gaps(uncounted=totals.uncounted)),
    ]  # fmt: skip


def latency_figures(overall: Speeds, totals: Totals, filters: Filters) -> list[Headline]:
    figures = [
        Headline(
            f"{METRICS[name].label}, {share}",
            timed(overall[name][share], METRICS[name].unit),
            adding(filters, name),
            int(overall[name]["n"]),
        )
        for name, share in (("ttft", "p50"), ("ttft", "p95"), ("total", "p95"), ("speed", "p50"))
    ]
    hits = Headline(
        "Cache hits", f"{totals.cached:,}", adding(filters, "cached"), totals.cached, note="never in the times here"
    )
    return [*figures, failed(totals, filters), hits]


def usage_figures(totals: Totals, filters: Filters) -> list[Headline]:
    calls = totals.calls
    return [
        Headline("Spent", dollars(totals.cost), filters, calls, note=gaps(totals.unpriced)),
        Headline(
            "Turns", f"{totals.turns:,}", adding(filters, "turns"), totals.turns, note=f"in {count(calls, 'call')}"
        ),
        Headline("Input tokens", look.tokens(totals.input_tokens), filters, calls),
        Headline(
            "Output tokens", look.tokens(totals.output_tokens), filters, calls, note=gaps(uncounted=totals.uncounted)
        ),
        Headline("Users", f"{totals.users:,}", adding(filters, "named"), None if totals.users else 0),
    ]
