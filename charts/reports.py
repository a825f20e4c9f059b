"""Charts of models side by side: money against speed, votes with their doubt, and how estimates held."""

import pandas as pd
import plotly.graph_objects as go

from charts import look
from charts.canvas import canvas, empty, money_axis, plain, tone
from charts.labels import places

ROOM = (290.0, 270.0)
"""Pixels of the plot itself on a phone; where there is more room, dots are farther apart and names do not meet."""


def trade_off(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """Money per call against p95 first token; the larger the dot, the more calls; names where there is room.

    customdata is [model, calls].
    """
    figure = canvas(title, "US dollars a call by first token, p95", dark=dark, height=400)
    known = frame.dropna(subset=["cost_per_call", "ttft_p95"])
    if known.empty:
        return empty(figure, "No priced and measured answer in this period.")
    known = known.sort_values("calls", ascending=False)
    sizes = 12 + 28 * (known["calls"] / known["calls"].max()) ** 0.5
    right, top = 1.15 * float(known["ttft_p95"].max()), 1.15 * float(known["cost_per_call"].max()) or 1.0
    low = -0.08 * top  # room for the dots of what is free
    names = [plain(str(model).rpartition("/")[2]) for model in known["model"]]
    points = list(zip(known["ttft_p95"] / right, (known["cost_per_call"] - low) / (top - low), strict=True))
    spots = places(points, names, list(sizes), width=ROOM[0], height=ROOM[1])
    for row, name, size, spot in zip(known.to_dict("records"), names, sizes, spots, strict=True):
        figure.add_scatter(
            x=[row["ttft_p95"]],
            y=[row["cost_per_call"]],
            mode="markers",
            name=plain(row["model"]),
            marker={"size": size, "color": tone(str(row["model"]), dark), "opacity": 0.85},
            customdata=[[row["model"], int(row["calls"])]],
            hovertemplate=(
                f"{plain(row['model'])}<br>{look.money(round(row['cost_per_call'], 9))} a call, "
                f"{look.seconds(row['ttft_p95'])} to the first token<br>{row['calls']:,} calls<extra></extra>"
            ),
            cliponaxis=False,
        )
        if spot:
            figure.add_annotation(
                x=row["ttft_p95"], y=row["cost_per_call"], text=name, ax=spot[0], ay=-spot[1], standoff=size / 2,
                arrowhead=0, arrowwidth=1, arrowcolor=look.palette(dark).muted, borderpad=0, font={"size": 12},
            )  # fmt: skip
    figure.update_layout(showlegend=False)
    figure.update_xaxes(ticksuffix=" s", range=[0, right])
    money_axis(figure, range=[low, top])
    return figure


def win_rates(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """The share of votes won with its 95% interval; `frame` has `model, wins, losses, win_rate, win_low, win_high`.

    customdata is [model, wins, losses].
    """
    known = frame.dropna(subset=["win_rate"]).sort_values("win_rate").tail(14)
    figure = canvas(title, "share of people's votes, 95% interval", dark=dark, height=max(320, 110 + 30 * len(known)))
    if known.empty:
        return empty(figure, "No vote between models in this period.")
    figure.add_scatter(
        x=known["win_rate"],
        y=[plain(model) for model in known["model"]],
        mode="markers",
        marker={"size": 11, "color": [tone(str(model), dark) for model in known["model"]]},
        error_x={
            "type": "data",
            "array": known["win_high"] - known["win_rate"],
            "arrayminus": known["win_rate"] - known["win_low"],
            "color": look.palette(dark).muted,
        },
        customdata=[[model, int(won), int(lost)] for model, won, lost in known[["model", "wins", "losses"]].to_numpy()],
        hovertemplate="%{y}: %{x:.0%}<br>%{customdata[1]} won, %{customdata[2]} lost<extra></extra>",
    )
    figure.add_vline(x=0.5, line={"color": look.palette(dark).border, "dash": "dot"})
    figure.update_layout(showlegend=False)
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(type="category")
    return figure


def coverage(frame: pd.DataFrame, title: str, *, dark: bool = False) -> go.Figure:
    """Actual figures at or below their estimates, per model; right are half and nine in ten.

    customdata is [model, of, n].
    """
    shown = frame[frame["model"] != "all"]
    models = list(dict.fromkeys(shown["model"]))[:14][::-1]
    figure = canvas(
        title, "share of calls at or below the estimate", dark=dark, height=max(320, 150 + 30 * len(models))
    )
    if shown.empty:
        return empty(figure, "No call with an estimate in this period.")
    shown = shown[shown["model"].isin(models)]
    for of, symbol, words in (("money", "circle", "money"), ("seconds", "diamond-open", "time")):
        part = shown[shown["of"] == of].set_index("model").reindex(models).dropna(subset=["n"])
        for column, name, colour in (("at_p50", "median", look.SERIES[1]), ("at_p90", "p90", look.SERIES[0])):
            figure.add_scatter(
                x=part[column],
                y=[plain(model) for model in part.index],
                mode="markers",
                name=f"{words}, {name}",
                marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2 if "open" in symbol else 0}},
                customdata=[[model, of, int(n)] for model, n in zip(part.index, part["n"], strict=True)],
                hovertemplate=f"%{{y}}<br>{words}, {name}: %{{x:.0%}} of %{{customdata[2]:,}} calls<extra></extra>",
            )
    for level in (0.5, 0.9):
        figure.add_vline(x=level, line={"color": look.palette(dark).muted, "dash": "dot", "width": 1})
    figure.update_xaxes(tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(type="category")
    return figure
