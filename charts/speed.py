"""Charts of time: percentiles over time and by model, distributions, and the hours of the week."""

import pandas as pd
import plotly.graph_objects as go

from charts import look
from charts.canvas import canvas, empty, plain, ranked, time_axis, tone

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHARES = ("p50", "p90", "p95", "p99")
UNIT_WORDS = {"s": "seconds", "tokens/s": "tokens per second"}


def percentiles_over_time(frame: pd.DataFrame, title: str, *, unit: str = "s", dark: bool = False) -> go.Figure:
    """p50, p90, p95 and p99 as lines; `frame` has `at` and those columns. customdata is [bucket start]."""
    figure = canvas(title, f"{UNIT_WORDS.get(unit, unit)}, percentiles", dark=dark)
    if frame.empty:
        return empty(figure, "No measured answer in this period.")
    for share, tint, dash in zip(SHARES, _tints(dark), ("solid", "solid", "dash", "dot"), strict=True):
        figure.add_scatter(
            x=frame["at"],
            y=frame[share],
            name=share,
            mode="lines+markers",
            marker={"size": 5 if len(frame) < 40 else 3},
            line={"color": tint, "width": 2, "dash": dash},
            customdata=[[at.isoformat(), int(n)] for at, n in zip(frame["at"], frame["n"], strict=True)],
            hovertemplate=(
                f"%{{x|%a %d %b %H:%M}}<br>{share} %{{y:.3~g}} {unit}, %{{customdata[1]:,}} calls<extra></extra>"
            ),
        )
    figure.update_yaxes(rangemode="tozero", ticksuffix=f" {unit}" if unit == "s" else "")
    time_axis(figure, frame["at"])
    return figure


def by_key_over_time(
    frame: pd.DataFrame, title: str, *, share: str = "p95", unit: str = "s", dark: bool = False
) -> go.Figure:
    """One line per model; `frame` has `at, key, n` and the percentile. customdata is [key, bucket start]."""
    figure = canvas(title, f"{share}, {UNIT_WORDS.get(unit, unit)}", dark=dark, height=360)
    if frame.empty:
        return empty(figure, "No measured answer in this period.")
    for key in ranked(frame, "n")[:10]:
        part = frame[frame["key"] == key]
        figure.add_scatter(
            x=part["at"],
            y=part[share],
            name=plain(key),
            mode="lines+markers",
            marker={"size": 5 if len(part) < 40 else 3},
            line={"color": tone(key, dark), "dash": look.dash_of(key), "width": 2},
            customdata=[[key, at.isoformat(), int(n)] for at, n in zip(part["at"], part["n"], strict=True)],
            hovertemplate=(
                f"%{{x|%a %d %b}}<br>{plain(key)}: %{{y:.3~g}} {unit}, %{{customdata[2]:,}} calls<extra></extra>"
            ),
        )
    figure.update_yaxes(rangemode="tozero", ticksuffix=f" {unit}" if unit == "s" else "")
    time_axis(figure, frame["at"])
    return figure


def ranges(frame: pd.DataFrame, title: str, *, unit: str = "s", dark: bool = False) -> go.Figure:
    """Per key a bar from p50 to p95 with marks at p50, p90, p95, p99. customdata is [key]."""
    shown = frame[frame["n"] > 0].sort_values("p50", ascending=unit != "s").head(14).iloc[::-1]
    figure = canvas(
        title, f"{UNIT_WORDS.get(unit, unit)}: p50, p90, p95, p99", dark=dark, height=max(360, 130 + 30 * len(shown))
    )
    if shown.empty:
        return empty(figure, "No measured answer in this period.")
    names = [plain(key) for key in shown["key"]]
    for name, low, high in zip(names, shown["p50"], shown["p99"], strict=True):
        figure.add_scatter(
            x=[low, high], y=[name, name], mode="lines", showlegend=False, hoverinfo="skip",
            line={"color": look.palette(dark).border, "width": 6},
        )  # fmt: skip
    for share, symbol in zip(SHARES, ("circle", "diamond", "square", "line-ns-open"), strict=True):
        figure.add_scatter(
            x=shown[share],
            y=names,
            name=share,
            mode="markers",
            marker={
                "size": 10,
                "symbol": symbol,
                "color": [tone(str(key), dark) for key in shown["key"]],
                "line": {"width": 2 if "open" in symbol else 0},
            },
            customdata=[[key, int(n)] for key, n in zip(shown["key"], shown["n"], strict=True)],
            hovertemplate=f"%{{y}}<br>{share} %{{x:.3~g}} {unit}, %{{customdata[1]:,}} calls<extra></extra>",
        )
    figure.update_xaxes(rangemode="tozero", ticksuffix=f" {unit}" if unit == "s" else "")
    figure.update_yaxes(type="category")
    return figure


def same_questions(frame: pd.DataFrame, title: str, *, of: str, dark: bool = False) -> go.Figure:
    """Per key its value over the others' on the same questions (`key, questions, ratio, first`); [key] is picked."""
    shown = frame.dropna(subset=["ratio"]).head(14)
    figure = canvas(
        title, f"median {of} over the others', 1 is equal", dark=dark, height=max(260, 130 + 30 * len(shown))
    )
    if shown.empty:
        return empty(figure, "No comparison with two measured answers in this period.")
    figure.add_bar(
        x=shown["ratio"],
        y=[plain(key) for key in shown["key"]],
        orientation="h",
        marker={"color": [tone(str(key), dark) for key in shown["key"]]},
        text=[f"{ratio:.2f}×" for ratio in shown["ratio"]],
        textposition="outside",
        cliponaxis=False,
        customdata=[[key, int(n), float(first)] for key, n, first in shown[["key", "questions", "first"]].to_numpy()],
        hovertemplate="%{y}: %{x:.2f}× on %{customdata[1]:,} questions, lowest in %{customdata[2]:.0%}<extra></extra>",
        showlegend=False,
    )
    figure.add_vline(x=1, line={"color": look.palette(dark).muted, "dash": "dash", "width": 1})
    figure.update_layout(margin_r=48)
    figure.update_xaxes(rangemode="tozero", ticksuffix="×")
    figure.update_yaxes(type="category", autorange="reversed")
    return figure


def distribution(frame: pd.DataFrame, title: str, *, unit: str = "s", dark: bool = False) -> go.Figure:
    """How answers spread: share of calls per bin on a logarithmic axis, a line per key (`key, bin, low, high, n`).

    customdata is [key, bin, low, high, n].
    """
    figure = canvas(title, f"share of calls, {UNIT_WORDS.get(unit, unit)} (log)", dark=dark, height=360)
    if frame.empty:
        return empty(figure, "No measured answer in this period.")
    for key in ranked(frame, "n")[:8]:
        part = frame[frame["key"] == key].sort_values("low")
        figure.add_scatter(
            x=(part["low"] * part["high"]) ** 0.5,
            y=part["n"] / part["n"].sum(),
            name=plain(key),
            mode="lines+markers",
            marker={"size": 4},
            line={"color": tone(key, dark), "dash": look.dash_of(key), "shape": "spline", "width": 2},
            customdata=[
                [key, int(place), float(low), float(high), int(n)]
                for place, low, high, n in part[["bin", "low", "high", "n"]].to_numpy()
            ],
            hovertemplate=(
                f"{plain(key)}<br>%{{customdata[2]:.3~g}} to %{{customdata[3]:.3~g}} {unit}: "
                "%{customdata[4]:,} calls, %{y:.1%}<extra></extra>"
            ),
        )
    figure.update_xaxes(type="log", ticksuffix=f" {unit}" if unit == "s" else "", dtick=1)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def ecdf(frame: pd.DataFrame, title: str, *, unit: str = "s", dark: bool = False) -> go.Figure:
    """The share of calls that were at most this slow, a line per key; `frame` as for `distribution`.

    customdata is [key, bin, calls within].
    """
    figure = canvas(title, f"share of calls within, {UNIT_WORDS.get(unit, unit)} (log)", dark=dark, height=360)
    if frame.empty:
        return empty(figure, "No measured answer in this period.")
    for key in ranked(frame, "n")[:8]:
        part = frame[frame["key"] == key].sort_values("low")
        figure.add_scatter(
            x=part["high"],
            y=part["n"].cumsum() / part["n"].sum(),
            name=plain(key),
            mode="lines+markers",
            marker={"size": 4},
            line={"color": tone(key, dark), "dash": look.dash_of(key), "width": 2},
            customdata=[[key, int(place), int(n)] for place, n in zip(part["bin"], part["n"].cumsum(), strict=True)],
            hovertemplate=(
                f"{plain(key)}<br>%{{y:.1%}} within %{{x:.3~g}} {unit}, %{{customdata[2]:,}} calls<extra></extra>"
            ),
        )
    figure.update_xaxes(type="log", ticksuffix=f" {unit}" if unit == "s" else "", dtick=1)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02])
    return figure


def week(frame: pd.DataFrame, title: str, *, value: str = "p95", unit: str = "s", dark: bool = False) -> go.Figure:
    """Weekday by hour; `frame` has `weekday, hour` and the value. customdata is [weekday, hour]."""
    figure = canvas(title, f"{value}, by weekday and hour", dark=dark, height=360)
    if frame.empty or frame[value].isna().all():
        return empty(figure, "No measured answer in this period.")
    tones = look.SEQUENTIAL if not dark else tuple(reversed(look.SEQUENTIAL))
    for weekday, name in enumerate(DAYS, 1):
        part = frame[(frame["weekday"] == weekday) & frame[value].notna()]
        figure.add_bar(  # a heat map's cells cannot be selected, a bar can
            x=part["hour"],
            y=[0.92] * len(part),
            base=[weekday - 0.46] * len(part),
            width=0.92,
            name=name,
            showlegend=False,
            marker={"color": part[value], "coloraxis": "coloraxis"},
            customdata=[
                [weekday, int(hour), float(shown)] for hour, shown in zip(part["hour"], part[value], strict=True)
            ],
            hovertemplate=f"{name} %{{x:02d}}:00<br>{value} %{{customdata[2]:,.3~g}} {unit}<extra></extra>",
        )
    figure.update_layout(
        barmode="overlay",
        coloraxis={
            "colorscale": [[step / (len(tones) - 1), colour] for step, colour in enumerate(tones)],
            "colorbar": {"thickness": 10, "outlinewidth": 0, "ticksuffix": f" {unit}" if unit == "s" else ""},
        },
    )
    figure.update_yaxes(
        range=[7.55, 0.45], showgrid=False, tickvals=list(range(1, 8)), ticktext=list(DAYS), zeroline=False
    )
    hours = list(range(24))
    figure.update_xaxes(
        range=[-0.55, 23.55], showgrid=False, tickvals=hours[::2], ticktext=[f"{hour:02d}" for hour in hours[::2]],
        zeroline=False,
    )  # fmt: skip
    return figure


def _tints(dark: bool) -> tuple[str, str, str, str]:
    steps = look.SEQUENTIAL
    return (steps[2], steps[3], steps[4], steps[5]) if dark else (steps[4], steps[6], steps[7], steps[9])
