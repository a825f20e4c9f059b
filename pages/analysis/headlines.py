"""The Overview's figures: what was used, and what needs care, each against the period before."""

from decimal import Decimal

import pandas as pd

from charts import look
from core.analytics.clause import REGENERATED
from core.analytics.filters import Filters
from core.analytics.measures import Totals
from pages.analysis.figures import Headline
from pages.analysis.words import count, gaps


def change(new: Decimal | float | None, old: Decimal | float | None) -> float | None:
    """As a fraction; None when there is nothing to compare with."""
    return float(new) / float(old) - 1 if new is not None and old and new == new and old == old else None


def use_figures(
    totals: Totals, last: Totals | None, trend: pd.DataFrame, filters: Filters, first: float, before: float | None
) -> list[Headline]:
    was = last or Totals()
    return [
        Headline(
            "Spent",
            "–" if totals.cost is None else look.money(totals.cost),
            filters,
            note=gaps(totals.unpriced),
            change=change(totals.cost, was.cost),
            good=False,
            trend=trend["cost"].fillna(0).tolist(),
        ),
        Headline(
            "Turns",
            f"{totals.turns:,}",
            filters,
            note=count(totals.calls, "call"),
            change=change(totals.turns, was.turns),
            trend=trend["turns"].tolist(),
        ),
        Headline(
            "Tokens",
            look.tokens(totals.tokens),
            filters,
            note=gaps(uncounted=totals.uncounted),
            change=change(totals.tokens, was.tokens),
            trend=(trend["input_tokens"] + trend["output_tokens"]).tolist(),
        ),
        Headline("Users", f"{totals.users:,}", filters, change=change(totals.users, was.users)),
        Headline(
            "Failed",
            look.share(totals.error_rate),
            filters.but(statuses=("error", "interrupted")),
            note=f"{totals.failed:,} of {totals.sent:,} sent",
            change=change(totals.error_rate, was.error_rate),
            good=False,
            trend=(trend["failed"] / trend["sent"].where(trend["sent"] > 0)).fillna(0).tolist(),
        ),
        Headline(
            "First token, p95",
            look.seconds(first),
            filters.but(statuses=("ok",), caches=("off", "miss")),
            change=change(first, before),
            good=False,
        ),
    ]


def care_figures(totals: Totals, last: Totals | None, again: Totals, filters: Filters) -> list[Headline]:
    was = last or Totals()
    return [
        Headline(
            "Per turn",
            "–" if totals.cost_per_turn is None else look.money(totals.cost_per_turn),
            filters,
            change=change(totals.cost_per_turn, was.cost_per_turn),
            good=False,
        ),
        Headline(
            "Saved by the cache",
            look.money(totals.saved or 0),
            filters.but(caches=("exact", "semantic")),
            note=count(totals.cached, "cache hit"),
            change=change(totals.saved, was.saved),
            good=True,
        ),
        Headline(
            "Wasted",
            look.money(totals.wasted or 0),
            filters.but(wasted=True),
            change=change(totals.wasted, was.wasted),
            good=False,
            help="Money for calls that were stopped, failed, were interrupted, repeated another, or answered again.",
        ),
        Headline(
            "Fallbacks",
            f"{totals.fallbacks:,}",
            filters.but(fallback=True),
            note=f"{look.money(totals.fallback_cost or 0)} on them",
            change=change(totals.fallbacks, was.fallbacks),
        ),
        Headline(
            "Asked again",
            f"{again.turns:,}",
            filters.but(tags=(REGENERATED,)),
            note=f"{look.money(again.cost or 0)} on second answers",
        ),
        Headline("Refused", f"{totals.refused:,}", filters.but(statuses=("refused",)), note="by budgets or limits"),
        Headline("Unpriced", f"{totals.unpriced:,}", filters.but(unpriced=True), note="in no sum of money"),
    ]
