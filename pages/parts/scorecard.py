"""How each version did: calls, money, speed, failures, thumbs and wins, one line per version."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from charts import look
from core.analytics.scorecards import Of
from core.platform import Platform


def draw_scorecard(platform: Platform, what: Of, id: str) -> None:
    """Which version does better, from the log, the thumbs and the votes."""
    card = platform.analytics.scorecards.of(what, id)
    if card.empty:
        st.caption("Nothing has been asked with it yet. Each version gets a line here after its first call.")
        return
    st.dataframe(
        pd.DataFrame([_line(row) for row in card.to_dict("records")]),
        hide_index=True,
        width="stretch",
        height="content",
    )
    st.caption(
        "Win rate: votes in the playground, ties count half, in brackets the 95% interval (Wilson). "
        "Few votes, wide interval: do not read a difference into two intervals that overlap."
    )


def _line(row: Mapping[Hashable, Any]) -> dict[str, str]:
    def known(name: str) -> float | None:
        return None if pd.isna(row[name]) else float(row[name])

    rate, low, high = known("win_rate"), known("win_low"), known("win_high")
    won = "no votes" if rate is None or low is None or high is None else f"{rate:.0%} ({low:.0%}–{high:.0%})"
    version = known("version")
    return {
        "Version": "draft" if version is None else f"{version:.0f}",
        "Since": f"{row['since']:%Y-%m-%d}",
        "Calls": look.number(known("calls")),
        "Cost per call": look.money(known("cost_per_call")),
        "p50": look.seconds(known("p50_s")),
        "p95": look.seconds(known("p95_s")),
        "Tokens in": look.number(known("input_tokens")),
        "Tokens out": look.number(known("output_tokens")),
        "Failed": look.share(known("error_rate")),
        "Thumbs": f"{look.number(known('up'))} up, {look.number(known('down'))} down",
        "Win rate": won,
    }
