"""Charts of comparisons: strengths with intervals, who beats whom, quality against money and time."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from charts import look
from charts.canvas import canvas, empty, plain, tone

NO_VOTES = "No votes yet. Ask a question on the Compare tab and vote."


def strengths(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """Columns key, name, win_rate, low, high, votes, not_worse; one mark with its 95 % interval per contender."""
    figure = canvas(
        title, "wins against the average contender, 95 % interval", dark=dark, height=max(240, 130 + 34 * len(frame))
    )
    if frame.empty:
        return empty(figure, NO_VOTES)
    figure.add_vline(x=0.5, line={"color": look.palette(dark).border, "width": 1, "dash": "dot"})
    for row in records(frame.iloc[::-1]):
        colour = tone(str(row["key"]), dark)
        figure.add_scatter(
            x=[row["win_rate"]],
            y=[plain(row["name"])],
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
                f"%{{y}}<br>%{{x:.1%}} ({row['low']:.1%} to {row['high']:.1%}), {row['votes']:,} votes<extra></extra>"
            ),
        )
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_yaxes(type="category")
    return figure


def win_matrix(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """Columns left, right, share, votes: how often the row's contender was preferred to the column's."""
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
    shown = [plain(name) for name in names]
    figure.add_heatmap(
        z=shares.to_numpy(), x=shown, y=shown, text=labels, zmin=0, zmax=1, xgap=2, ygap=2,
        colorscale=[[step / (len(look.DIVERGING) - 1), shade] for step, shade in enumerate(look.DIVERGING)],
        showscale=False, hovertemplate="%{y} against %{x}: %{text}<extra></extra>",
    )  # fmt: skip
    for row, line in enumerate(labels):
        for column, label in enumerate(line):
            far = abs(float(shares.to_numpy()[row, column]) - 0.5) > 0.3  # then the cell is dark in either scheme
            ink = "#FFFFFF" if far else look.LIGHT.text
            figure.add_annotation(
                x=shown[column], y=shown[row], text=label, showarrow=False, font={"size": 11, "color": ink}
            )
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure


def value_map(frame: pd.DataFrame, title: str, *, cost: str = "money", dark: bool = False) -> go.Figure:
    """Quality against `cost` ("money" or "p95"), the Pareto front joined; contenders of unknown cost are counted."""
    unit = "US dollars per answer, mean" if cost == "money" else "seconds, p95"
    known = frame[frame[cost].notna()]
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
    span = float(known[cost].max())
    for row in records(known):
        value = row[cost]
        colour = tone(str(row["key"]), dark)
        figure.add_scatter(
            x=[value],
            y=[row["win_rate"]],
            mode="markers+text",
            cliponaxis=False,
            text=[plain(row["name"])],
            textposition="top left" if value > span / 2 else "top right",
            showlegend=False,
            marker={"size": 13, "color": colour},
            error_y={
                "array": [row["high"] - row["win_rate"]],
                "arrayminus": [row["win_rate"] - row["low"]],
                "color": colour,
                "thickness": 1,
                "width": 0,
            },
            hovertemplate=f"%{{text}}<br>{look.money(value) if cost == 'money' else look.seconds(value)}"
            f"<br>%{{y:.1%}} of votes<extra></extra>",
        )
    figure.update_xaxes(
        rangemode="tozero", tickprefix="$" if cost == "money" else "", ticksuffix="" if cost == "money" else " s"
    )
    figure.update_yaxes(range=[0, 1.08], tickformat=".0%")
    return figure


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
