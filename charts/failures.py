"""Charts of what went wrong: failures over time by kind, and how questions ended."""

import pandas as pd
import plotly.graph_objects as go

from charts import look
from charts.canvas import canvas, empty, pattern, plain, ranked, tone

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
    for key in ranked(frame, "calls"):
        part = frame[frame["key"] == key]
        figure.add_bar(
            x=part["at"],
            y=part["calls"],
            name=plain(key).replace("_", " "),
            marker={"color": tone(key, dark), "pattern": {"shape": pattern(key), "solidity": 0.25}},
            customdata=[[key, at.isoformat()] for at in part["at"]],
            hovertemplate=f"%{{x|%a %d %b %H:%M}}<br>{plain(key)}: %{{y:,}}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return figure


def outcomes(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """One bar of how questions ended; `frame` has `outcome, turns`."""
    figure = canvas(title, "share of questions", dark=dark, height=190)
    total = int(frame["turns"].sum()) if not frame.empty else 0
    if not total:
        return empty(figure, "No question in this period.")
    for outcome, colour in OUTCOMES.items():
        turns = int(frame.loc[frame["outcome"] == outcome, "turns"].sum())
        if turns:
            figure.add_bar(
                x=[turns / total],
                y=[""],
                orientation="h",
                name=f"{outcome} {look.share(turns / total)}",
                marker={"color": colour},
                customdata=[[outcome]],
                hovertemplate=f"{outcome}: {turns:,}<extra></extra>",
            )
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(visible=False)
    return figure
