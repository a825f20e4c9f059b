"""Models as tables: the performance report, and what went wrong by model."""

import streamlit as st

from core.analytics.analytics import Analytics
from core.analytics.behind import adding, within
from core.analytics.filters import Filters
from pages.analysis.model_charts import voted
from pages.analysis.tables import Row, Table
from pages.analysis.words import gaps

NUMBER, MONEY, TIME, SHARE = ({"format": form} for form in ("localized", "$%,.4f", "%.2f s", "percent"))
REPORT = {
    "calls": ("Calls", NUMBER, ""),
    "turns": ("Turns", NUMBER, "Questions asked of it first"),
    "cost": ("Spent", MONEY, "Empty: no priced call"),
    "cost_per_call": ("Per call", MONEY, "Mean of the priced calls"),
    "ttft_p50": ("First token p50", TIME, "Good answers, cache hits left out"),
    "ttft_p95": ("First token p95", TIME, "Good answers, cache hits left out"),
    "speed_p50": ("Tokens/s p50", {"format": "%.0f"}, "After the first token"),
    "error_rate": ("Failed", SHARE, "Of the calls that were sent; opened are those that failed"),
    "win_rate": ("Votes won", SHARE, "People's votes, ties left out"),
    "up": ("Thumbs up", NUMBER, ""),
    "down": ("Thumbs down", NUMBER, ""),
    "input_tokens": ("Input tokens", NUMBER, ""),
    "output_tokens": ("Output tokens", NUMBER, ""),
    "cached": ("Cache hits", NUMBER, ""),
    "context_p95": ("Context used p95", SHARE, "Input tokens over the context window, where that is known"),
    "unpriced": ("Unpriced", NUMBER, "Calls that no price is known for"),
}
RELIABILITY = {
    "rate": ("Failed share", SHARE, "Of the calls sent; opened are those that failed"),
    "calls": ("Calls", NUMBER, ""),
    "failed": ("Failed", NUMBER, "Errors and interruptions"),
    "cancelled": ("Stopped", NUMBER, "By a person"),
    "retries": ("Retries", NUMBER, "Calls that repeated another"),
    "fallbacks": ("Fallbacks", NUMBER, "Calls this model answered for another"),
    "truncated": ("Prompts cut", NUMBER, "The server left out a part of the prompt"),
    "cut": ("Answers cut", NUMBER, "At the output limit"),
}
BEHIND = {
    "turns": "turns", "cost_per_call": "priced", "ttft_p50": "ttft", "ttft_p95": "ttft", "speed_p50": "speed",
    "error_rate": "failed", "rate": "failed", "up": "thumbs:1", "down": "thumbs:-1", "cached": "cached",
    "context_p95": "context", "unpriced": "unpriced", "failed": "failed", "cancelled": "cancelled",
    "retries": "retries", "fallbacks": "fallbacks", "truncated": "truncated", "cut": "cut",
}  # fmt: skip
"""Which of a model's calls a figure is made from; the others are made from all of them."""


def report(analytics: Analytics, filters: Filters) -> Table:
    return Table(
        name="Every model",
        load=lambda: analytics.models.report(filters),
        key="model",
        columns=_columns("model", REPORT),
        pick=lambda row, column: _of(filters, row, "model", column),
        note=lambda frame: gaps(int(frame["unpriced"].sum())) if not frame.empty else "",
    )


def reliability(analytics: Analytics, filters: Filters) -> Table:
    return Table(
        name="What went wrong, by model",
        load=lambda: analytics.reliability.by(filters),
        key="key",
        columns=_columns("key", RELIABILITY),
        pick=lambda row, column: _of(filters, row, "key", column),
    )


def _of(filters: Filters, row: Row, key: str, column: str) -> Filters:
    model = str(row[key])
    if column == "win_rate":
        return voted(filters, model)
    if column in ("up", "down"):  # whose answer it was is found before one model is picked
        return adding(filters, BEHIND[column], f"is:model:{model}")
    picked = within(filters, "model", model)
    return adding(picked, BEHIND[column]) if column in BEHIND else picked


def _columns(key: str, figures: dict[str, tuple[str, dict[str, str], str]]) -> dict[str, object]:
    return {
        key: st.column_config.TextColumn("Model", pinned=True),
        **{
            name: st.column_config.NumberColumn(label, help=help or None, **form)
            for name, (label, form, help) in figures.items()
        },
    }
