"""Calls by what they cost and how long they took: from and to, as part of the filters."""

from decimal import Decimal

import streamlit as st

from core.analytics.filters import Filters
from pages.analysis.bar import narrow

RANGES = {
    "cost": ("Cost, US dollars", "%.6f"),
    "ttft_s": ("First token, seconds", "%.2f"),
    "total_s": ("Whole call, seconds", "%.2f"),
    "tokens": ("Tokens, in and out", "%d"),
}


def amounts(filters: Filters) -> None:
    held = [name for name in RANGES if _ends(filters, name) != (None, None)]
    label = f"Money and time{f' ({len(held)})' if held else ''}"
    with st.popover(label, icon=":material/tune:"), st.form("calls_amounts", border=False):
        found: dict[str, object] = {}
        for name, (words, form) in RANGES.items():
            for end, column, value in zip(("min", "max"), st.columns(2), _ends(filters, name), strict=True):
                typed = column.number_input(
                    f"{words}, {'from' if end == 'min' else 'to'}",
                    min_value=0 if name == "tokens" else 0.0,
                    value=value,
                    format=form,
                    placeholder="any",
                    key=f"calls_{end}_{name}_{value}",
                )
                found[f"{end}_{name}"] = Decimal(str(typed)) if name == "cost" and typed is not None else typed
        if st.form_submit_button("Show these"):
            narrow(**found)


def _ends(filters: Filters, name: str) -> tuple[float | int | None, float | int | None]:
    ends = [getattr(filters, f"{end}_{name}") for end in ("min", "max")]
    low, high = (float(end) if isinstance(end, Decimal) else end for end in ends)
    return low, high
