"""Charts of what went wrong: failures over time by kind, and how questions ended."""

import pandas as pd
import plotly.graph_objects as go

from charts import look
from charts.canvas import GRAINS, PATTERNS, bar_width, canvas, count_axis, empty, patterns, plain, ranked, time_axis

KINDS = (
    "rate_limit", "timeout", "provider_error", "connection", "authentication", "context_length", "quota", "interrupted",
    "truncated", "protocol", "content_policy", "bad_request", "permission", "model_not_found", "unsupported",
)  # fmt: skip
"""Kinds of error in the order in which colours are given, so that a kind looks the same in every period."""
OUTCOMES = {
    "answered at once": look.SERIES[2],
    "answered after a retry": look.SERIES[5],
    "answered by a fallback": look.SERIES[0],
    "stopped": look.SERIES[7],
    "refused": look.SERIES[4],
    "failed": look.SERIES[1],
}


def over_time(frame: pd.DataFrame, title: str, *, grain: str = "day", dark: bool = False) -> go.Figure:
    """Stacked bars of failed calls by kind; `frame` has `at, key, calls`. customdata is [kind, bucket start]."""
    figure = canvas(title, f"failed calls per {grain}, by kind", dark=dark)
    if frame.empty:
        return empty(figure, "No failed call in this period.")
    keys = ranked(frame, "calls")
    shapes = patterns(keys, dark)
    for key in keys:
        part = frame[frame["key"] == key]
        figure.add_bar(
            x=part["at"],
            y=part["calls"],
            width=bar_width(grain),
            name=plain(key).replace("_", " "),
            marker={
                "color": look.SERIES[KINDS.index(key) % 8] if key in KINDS else look.color_of(key),
                "pattern": {"shape": shapes[key] if key not in KINDS else PATTERNS[KINDS.index(key) // 8]},
            },
            customdata=[[key, at.isoformat()] for at in part["at"]],
            hovertemplate=f"%{{x|%a %d %b %H:%M}}<br>{plain(key)}: %{{y:,}}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    count_axis(figure, frame.groupby("at")["calls"].sum())
    time_axis(figure, frame["at"], GRAINS.get(grain))
    return figure


def outcomes(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """One bar of how questions ended; `frame` has `outcome, turns`. customdata is [outcome, questions]."""
    figure = canvas(title, "share of questions", dark=dark, height=300)
    total = int(frame["turns"].sum()) if not frame.empty else 0
    if not total:
        return empty(figure, "No question in this period.")
    for outcome, colour in OUTCOMES.items():
        turns = int(frame.loc[frame["outcome"] == outcome, "turns"].sum())
        if turns:
            figure.add_bar(
                x=[turns / total],
                y=[""],
                width=0.5,
                orientation="h",
                name=f"{outcome} {look.share(turns / total)}",
                marker={"color": colour},
                customdata=[[outcome, turns]],
                hovertemplate=f"{outcome}: {turns:,} questions<extra></extra>",
            )
    figure.update_layout(barmode="stack", showlegend=True, legend={"traceorder": "normal", "maxheight": 170})
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(visible=False)
    return figure
