"""Charts of comparisons: strengths with intervals, who beats whom, quality against money and time."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from charts import look
from charts.canvas import canvas, empty, money_axis, plain, tone

SHORT = 18
"""A name beside the matrix leaves room for the matrix."""
NO_VOTES = "No votes yet. Ask a question on the Compare tab and vote."


def strengths(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """Columns key, name, win_rate, low, high, votes, not_worse, best first; one mark with its 95% interval each.

    The names stand above the marks, so that they fit a telephone; their numbers are the other charts' names.
    """
    figure = canvas(
        title, "wins against the average contender, 95% interval", dark=dark, height=max(240, 130 + 46 * len(frame))
    )
    if frame.empty:
        return empty(figure, NO_VOTES)
    figure.add_vline(x=0.5, line={"color": look.palette(dark).border, "width": 1, "dash": "dot"})
    for place, row in enumerate(records(frame), 1):
        colour = tone(str(row["key"]), dark)
        figure.add_scatter(
            x=[row["win_rate"]],
            y=[place],
            mode="markers",
            showlegend=False,
            marker={"size": 12, "color": colour, "symbol": "circle" if row["not_worse"] else "circle-open"},
            error_x={
                "array": [row["high"] - row["win_rate"]],
                "arrayminus": [row["win_rate"] - row["low"]],
                "color": colour,
                "thickness": 2,
                "width": 0,
            },
            hovertemplate=(
                f"{plain(row['name'])}<br>%{{x:.1%}} ({row['low']:.1%} to {row['high']:.1%}), "
                f"{row['votes']:,} votes<extra></extra>"
            ),
        )
        figure.add_annotation(
            x=0, y=place, text=f"#{place} {plain(row['name'])}", showarrow=False, xanchor="left", yshift=15,
            font={"size": 12, "color": look.palette(dark).text},
        )  # fmt: skip
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(range=[len(frame) + 0.5, 0.3], visible=False)
    return figure


def win_matrix(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """Columns left, right, share, votes: how often the row's contender was preferred to the column's. Best first."""
    names = [str(name) for name in frame["left"].drop_duplicates()]
    figure = canvas(
        title, "share of votes won by the row, ties as half", dark=dark, height=max(260, 150 + 38 * len(names))
    )
    if frame.empty:
        return empty(figure, NO_VOTES)
    shares = frame.pivot(index="left", columns="right", values="share").reindex(index=names, columns=names)
    counts = frame.pivot(index="left", columns="right", values="votes").reindex(index=names, columns=names).fillna(0)
    labels = [
        ["" if pd.isna(share) else f"{share:.0%}<br>n = {int(count)}" for share, count in zip(row, number, strict=True)]
        for row, number in zip(shares.to_numpy(), counts.to_numpy(), strict=True)
    ]
    numbers = [f"#{place}" for place in range(1, len(names) + 1)]  # Plotly takes a bare number for a position
    rows = [f"{number} {_short(name)}" for number, name in zip(numbers, names, strict=True)]
    told = [
        [f"{plain(left)} against {plain(right)}: {label}" for right, label in zip(names, line, strict=True)]
        for left, line in zip(names, labels, strict=True)
    ]
    figure.add_heatmap(
        z=shares.to_numpy(), x=numbers, y=rows, text=told, zmin=0, zmax=1, xgap=2, ygap=2,
        colorscale=[[step / (len(look.DIVERGING) - 1), shade] for step, shade in enumerate(look.DIVERGING)],
        showscale=False, hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for row, line in enumerate(labels):
        for column, label in enumerate(line):
            far = abs(float(shares.to_numpy()[row, column]) - 0.5) > 0.3  # then the cell is dark in either scheme
            ink = "#FFFFFF" if far else look.LIGHT.text
            figure.add_annotation(
                x=numbers[column], y=rows[row], text=label, showarrow=False, font={"size": 11, "color": ink}
            )
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure


def _short(name: str) -> str:
    return plain(name if len(name) <= SHORT else f"{name[: SHORT - 1].rstrip()}…")


def value_map(frame: pd.DataFrame, title: str, *, cost: str = "money", dark: bool = False) -> go.Figure:
    """Quality against `cost` ("money" or "p95"), the Pareto front joined; contenders of unknown cost are counted.

    A mark carries the contender's place in `frame`, its number in the list: names would cover each other.
    """
    unit = "US dollars per answer, mean" if cost == "money" else "seconds, p95"
    placed = frame.assign(place=range(1, len(frame) + 1))
    known = placed[placed[cost].notna()]
    missing = len(frame) - len(known)
    note = f"; {missing} without a known {'price' if cost == 'money' else 'time'} left out" if missing else ""
    figure = canvas(title, f"wins against {unit}{note}", dark=dark, height=340)
    if known.empty:
        return empty(figure, NO_VOTES if frame.empty else "None of these contenders has a known figure yet.")
    front = known[known[f"pareto_{cost}"]].sort_values(cost)
    figure.add_scatter(
        x=front[cost],
        y=front["win_rate"],
        mode="lines",
        name="Pareto front",
        showlegend=False,
        hoverinfo="skip",
        line={"color": look.palette(dark).muted, "width": 1.5, "dash": "dot", "shape": "hv"},
    )
    for row in records(known.iloc[::-1]):  # the best on top
        value = row[cost]
        colour = tone(str(row["key"]), dark)
        figure.add_scatter(
            x=[value],
            y=[row["win_rate"]],
            mode="markers+text",
            cliponaxis=False,
            text=[str(row["place"])],
            textfont={"size": 12, "color": look.palette(dark).text},
            showlegend=False,
            marker={"size": 22, "color": look.palette(dark).surface, "line": {"color": colour, "width": 2.5}},
            error_y={
                "array": [row["high"] - row["win_rate"]],
                "arrayminus": [row["win_rate"] - row["low"]],
                "color": colour,
                "thickness": 1,
                "width": 0,
            },
            hovertemplate=f"{plain(row['name'])}<br>{look.money(value) if cost == 'money' else look.seconds(value)}"
            f"<br>%{{y:.1%}} of votes<extra></extra>",
        )
    span = float(known[cost].max()) or 1.0
    figure.update_xaxes(
        range=[-0.05 * span, 1.08 * span],
        ticksuffix="" if cost == "money" else " s",
    )
    if cost == "money":
        money_axis(figure, "x")
    figure.update_yaxes(range=[0, 1.08], tickformat=".0%")
    return figure


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
