"""Charts of money and volume: over time, cumulative, ranked, foretold, and what drove a change."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from charts import look
from charts.canvas import (
    GRAINS,
    bar_height,
    bar_width,
    canvas,
    count_axis,
    dollars,
    empty,
    money_axis,
    patterns,
    plain,
    ranked,
    time_axis,
    tone,
)

UNITS = {"cost": "US dollars", "calls": "calls", "turns": "turns", "input_tokens": "tokens", "output_tokens": "tokens"}


def over_time(
    frame: pd.DataFrame, title: str, *, value: str = "cost", grain: str = "day", dark: bool = False
) -> go.Figure:
    """Stacked bars; `frame` has `at`, `key`, `calls` and `value`. A bar's customdata is [key, bucket start, calls]."""
    figure = canvas(title, f"{UNITS.get(value, value)} per {grain}", dark=dark, height=340)
    known = frame[frame[value].notna()] if not frame.empty else frame
    if known.empty:
        return empty(figure, "No priced call in this period." if value == "cost" else "Nothing here in this period.")
    keys = ranked(known, value)
    shapes = patterns(keys, dark)
    hover = f"{dollars(known[value])}, %{{customdata[2]:,}} calls" if value == "cost" else "%{y:,}"
    for key in keys:
        part = known[known["key"] == key]
        name = plain(key)
        figure.add_bar(
            x=part["at"],
            y=part[value],
            width=bar_width(grain),
            name=name,
            marker={"color": tone(key, dark), "pattern": {"shape": shapes[key], "solidity": 0.25}},
            customdata=[[key, at.isoformat(), int(n)] for at, n in zip(part["at"], part["calls"], strict=True)],
            hovertemplate=f"%{{x|{_stamp(grain)}}}<br>{name}: {hover}<extra></extra>",
        )
    figure.update_layout(barmode="stack", showlegend=True)
    time_axis(figure, known["at"], GRAINS.get(grain))
    if value == "cost":
        money_axis(figure, rangemode="tozero")
    else:
        count_axis(figure, known.groupby("at")[value].sum())
    return figure


def cumulative(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """The running total; `frame` has `at`, `cost` and `calls`. customdata is [bucket start, calls until its end]."""
    figure = canvas(title, "US dollars since the period began", dark=dark)
    if frame.empty or frame["cost"].isna().all():
        return empty(figure, "No priced call in this period.")
    days = frame.groupby("at", as_index=False)[["cost", "calls"]].sum()
    total = days["cost"].cumsum()
    figure.add_scatter(
        x=days["at"],
        y=total,
        mode="lines+markers",
        marker={"size": 6 if len(days) < 8 else 3},
        line={"color": look.SERIES[0], "width": 2},
        fill="tozeroy",
        fillcolor=_faint(look.SERIES[0]),
        name="Total",
        customdata=[[at.isoformat(), int(n)] for at, n in zip(days["at"], days["calls"].cumsum(), strict=True)],
        hovertemplate=f"%{{x|%d %b %Y}}<br>{dollars(total)} in %{{customdata[1]:,}} calls<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    money_axis(figure, rangemode="tozero")
    time_axis(figure, days["at"])
    return figure


def ranking(frame: pd.DataFrame, title: str, *, value: str = "cost", top: int = 12, dark: bool = False) -> go.Figure:
    """Horizontal bars, largest on top; `frame` has `key` and `value`. customdata is [key, calls]."""
    known = frame[frame[value].notna() & (frame[value] > 0)] if not frame.empty else frame
    shown = known.nlargest(top, value).iloc[::-1]
    figure = canvas(title, UNITS.get(value, value), dark=dark, height=max(320, 110 + 28 * len(shown)))
    if shown.empty:
        return empty(figure, "No priced call in this period." if value == "cost" else "Nothing here in this period.")
    written = [look.money(amount) if value == "cost" else look.tokens(int(amount)) for amount in shown[value]]
    figure.add_bar(
        x=shown[value],
        y=[plain(key) for key in shown["key"]],
        width=bar_height(len(shown)),
        orientation="h",
        marker={"color": [tone(str(key), dark) for key in shown["key"]]},
        text=written,
        textposition="outside",
        cliponaxis=False,
        customdata=[[key, int(n)] for key, n in zip(shown["key"], shown["calls"], strict=True)],
        hovertemplate="%{y}: %{text}, %{customdata[1]:,} calls<extra></extra>",
    )
    # room for the largest's figure, on a phone, too
    figure.update_layout(showlegend=False, margin_r=8 + 8 * len(written[-1]))
    figure.update_xaxes(visible=False, range=[0, float(shown[value].max()) * 1.02])
    figure.update_yaxes(type="category")
    return figure


def forecast(
    days: pd.DataFrame, ahead: pd.DataFrame, title: str, *, limit: float | None = None, dark: bool = False
) -> go.Figure:
    """The month so far and to come: `days` has `at, total`; `ahead` has `at, low, middle, high`, running totals.

    customdata is [part, day].
    """
    figure = canvas(title, "US dollars, running total of the month", dark=dark)
    if days.empty:
        return empty(figure, "No priced call this month.")
    blue = look.SERIES[0]
    if not ahead.empty:
        figure.add_scatter(
            x=ahead["at"], y=ahead["high"], mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False
        )
        figure.add_scatter(
            x=ahead["at"], y=ahead["low"], mode="lines", line={"width": 0}, fill="tonexty", fillcolor=_faint(blue),
            name="8 in 10 months end in here", hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=ahead["at"], y=ahead["middle"], mode="lines+markers", marker={"size": 3},
            line={"color": blue, "dash": "dot", "width": 2}, name="Forecast",
            customdata=[["forecast", at.isoformat()] for at in ahead["at"]],
            hovertemplate=f"%{{x|%d %b}}<br>about {dollars(ahead['middle'])}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=days["at"], y=days["total"], mode="lines+markers",
        marker={"size": 6 if len(days) == 1 else 3}, line={"color": blue, "width": 2.5}, name="Spent",
        customdata=[["spent", at.isoformat()] for at in days["at"]],
        hovertemplate=f"%{{x|%d %b}}<br>{dollars(days['total'])}<extra></extra>",
    )  # fmt: skip
    if limit is not None:
        figure.add_hline(y=limit, line={"color": look.palette(dark).bad, "dash": "dash"}, annotation_text="Budget")
    money_axis(figure, rangemode="tozero")
    return figure


def waterfall(
    before: float, steps: Sequence[tuple[str, float]], after: float, title: str, *, dark: bool = False
) -> go.Figure:
    """From the last period's money to this one's, by driver; each step in signed dollars.

    customdata is [bar's name].
    """
    figure = canvas(title, "US dollars", dark=dark, height=340)
    if not (before or after or any(amount for _, amount in steps)):
        return empty(figure, "No priced call in this period or the one before.")
    shade = look.palette(dark)
    figure.add_waterfall(
        x=["Before", *(name.replace(" ", "<br>") for name, _ in steps), "Now"],
        y=[before, *(amount for _, amount in steps), after],
        measure=["absolute", *("relative" for _ in steps), "total"],
        text=[look.money(before), *(_signed(amount) for _, amount in steps), look.money(after)],
        textposition="outside",
        cliponaxis=False,
        connector={"line": {"color": shade.border}},
        increasing={"marker": {"color": shade.bad}},
        decreasing={"marker": {"color": shade.good}},
        totals={"marker": {"color": look.SERIES[0]}},
        customdata=[[name] for name in ("Before", *(name for name, _ in steps), "Now")],
        hovertemplate="%{x}: %{text}<extra></extra>",
    )
    levels = [before]
    for _, amount in steps:
        levels.append(levels[-1] + amount)
    figure.update_layout(showlegend=False)
    low, high = min([*levels, after]), max([*levels, after])
    base = low - 1.5 * (high - low) if high - low < 0.25 * high else 0.0
    if base > 0:
        figure.update_layout(title_subtitle_text="US dollars; the axis does not begin at zero")
    figure.update_xaxes(tickangle=0, tickfont_size=11)
    money_axis(figure, range=[min(max(base, 0.0), low), (high + 0.15 * (high - max(base, 0.0))) or 1])
    return figure


def what_if(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """Each model's range for the same traffic; `frame` has `model, low, middle, high, now` (money a month)."""
    shown = frame.iloc[::-1]
    figure = canvas(title, "US dollars a month, same traffic", dark=dark, height=max(220, 110 + 30 * len(shown)))
    if shown.empty:
        return empty(figure, "No model with a known price to compare with.")
    figure.add_bar(
        x=shown["middle"],
        y=[plain(model) for model in shown["model"]],
        orientation="h",
        marker={"color": [tone(str(model), dark) for model in shown["model"]]},
        error_x={
            "type": "data",
            "array": shown["high"] - shown["middle"],
            "arrayminus": shown["middle"] - shown["low"],
            "color": look.palette(dark).muted,
        },
        customdata=[[model] for model in shown["model"]],
        hovertemplate=f"%{{y}}: about {dollars(shown['middle'], 'x')}<extra></extra>",
    )
    now = float(shown["now"].iloc[0])
    figure.add_vline(
        x=now, line={"color": look.palette(dark).text, "dash": "dot"}, annotation_text="now", annotation_position="top"
    )
    figure.update_layout(showlegend=False)
    money_axis(figure, "x", rangemode="tozero")
    figure.update_yaxes(type="category")
    return figure


def spark(values: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    return {name: [round(float(value), 6) for value in series] for name, series in values.items()}


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"


def _signed(amount: float) -> str:
    return f"{'+' if amount > 0 else '−' if amount < 0 else '±'}{look.money(abs(amount))}"


def _stamp(grain: str) -> str:
    return {"hour": "%d %b %Y, %H:%M", "month": "%B %Y", "week": "week of %d %b %Y"}.get(grain, "%a %d %b %Y")
