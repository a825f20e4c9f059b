"""Headline figures: a label, one number, what it rests on, and a click to exactly its calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from charts import look
from core.analytics.filters import Filters
from pages.analysis.view import link
from pages.analysis.words import count

LONG = 12
"""Letters of a link that leave room for an arrow before it, even where seven tiles stand in a row."""


@dataclass(frozen=True, slots=True)
class Headline:
    """`filters` pick the calls that `value` was made from, `calls` says how many they are (None: not counted).

    `good` says whether a rise is good news (None: neither). `change` is a fraction against the period before.
    """

    label: str
    value: str
    filters: Filters
    calls: int | None
    note: str = ""
    change: float | None = None
    good: bool | None = None
    help: str = ""
    trend: Sequence[float] = ()


def dollars(amount: Decimal | None) -> str:
    return "–" if amount is None else look.money(amount)


def figure_row(figures: Sequence[Headline]) -> None:
    with st.container(
        horizontal=True, gap="small", key=f"figures_{abs(hash(tuple(figure.label for figure in figures)))}"
    ):
        for figure in figures:
            with st.container(border=True, width="stretch", height="stretch", gap=None):
                st.metric(
                    figure.label,
                    figure.value.replace("$", r"\$"),
                    delta=None if figure.change is None else f"{figure.change * 100:+.1f}%",
                    delta_color=_colour(figure),
                    help=figure.help or None,
                    chart_data=list(figure.trend) or None,
                    chart_type="area",
                )
                if figure.note:
                    st.caption(figure.note.replace("$", r"\$"))
                _way(figure)


def _way(figure: Headline) -> None:
    if figure.calls == 0:
        st.caption("No call")
        return
    label = "Calls" if figure.calls is None else count(figure.calls, "call")
    icon = ":material/arrow_forward:" if len(label) <= LONG else None
    st.page_link("calls.py", label=label, query_params=link(figure.filters), icon=icon)


def _colour(figure: Headline) -> str:
    if figure.good is None:
        return "off"
    return "normal" if figure.good else "inverse"
