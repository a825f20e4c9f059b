"""What every chart shares: its ground, title and unit, an honest emptiness, and names that cannot be markup."""

import re
import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from charts import look

OTHER = "other"
NONE = "(none)"
LONGEST = 36
LINE = 38
"""Characters beside each other on the narrowest chart."""
PATTERNS = ("", "/", ".", "x", "-", "\\", "|", "+")
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["toImage"]],
    "responsive": True,
    "scrollZoom": False,
}


def config(name: str) -> dict[str, Any]:
    """Plotly's configuration: one button, which saves the chart as a PNG named after it."""
    return {**CONFIG, "toImageButtonOptions": {"format": "png", "filename": slug(name), "scale": 2}}


def slug(name: str) -> str:
    """A file name made of a chart's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "chart"


def plain(text: object) -> str:
    """Any name as harmless text: Plotly reads a subset of HTML, and names come from users, providers and models."""
    name = _INVISIBLE.sub("", str(text)).strip()
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 1]}…"
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or NONE


def tone(key: str, dark: bool) -> str:
    return look.palette(dark).muted if key == OTHER else look.color_of(key)


def patterns(keys: Sequence[str], dark: bool) -> dict[str, str]:
    """Plain bars; only a key whose colour another one before it already has gets a pattern."""
    seen: dict[str, int] = {}
    found = {}
    for key in keys:
        colour = tone(key, dark)
        found[key] = PATTERNS[seen.get(colour, 0) % len(PATTERNS)]
        seen[colour] = seen.get(colour, 0) + 1
    return found


def canvas(title: str, unit: str = "", *, dark: bool = False, height: int = 320) -> go.Figure:
    figure = go.Figure()
    ground = look.palette(dark).ground
    figure.update_layout(
        template=look.plotly_template(dark),
        title={
            "text": plain_title(title),
            "subtitle": {"text": plain_title(unit), "font": {"size": 12, "color": look.palette(dark).muted}},
            "y": 0.97,
            "yanchor": "top",
        },
        height=height,
        margin={"l": 8, "r": 12, "t": 64, "b": 8},
        paper_bgcolor=ground,
        plot_bgcolor=ground,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": look.palette(dark).muted, "activecolor": look.palette(dark).text},
        legend={"yref": "container", "y": 0, "yanchor": "bottom", "maxheight": 100},
        dragmode=False,
        clickmode="event+select",
        hovermode="closest",
    )
    return figure


def money_axis(figure: go.Figure, axis: str = "y", **more: Any) -> None:
    """Dollars as they are written: 0.00008 and 20,000, not 80µ and 20k."""
    options = {"tickprefix": "$", "exponentformat": "none", "separatethousands": True, **more}
    figure.update_layout({f"{axis}axis": options})


def count_axis(figure: go.Figure, totals: pd.Series) -> None:
    """Whole numbers from zero, each once, however few there are; `totals` are the heights of the bars."""
    few = len(totals) > 0 and totals.max() <= 5
    figure.update_yaxes(rangemode="tozero", tickformat=",d" if few else None, dtick=1 if few else None)


def dollars(column: pd.Series, axis: str = "y") -> str:
    """A mark's own amount for a hover text, with decimals that suit the largest of the column."""
    digits = look.places(float(column.abs().max()) if len(column) else 0.0)
    return f"$%{{{axis}:,.{digits}~f}}"


GRAINS = {name: pd.Timedelta(hours=hours) for name, hours in {"hour": 1, "day": 24, "week": 168, "month": 730}.items()}


def bar_width(grain: str) -> float:
    """Of a bucket's bar, in milliseconds; left to itself, a bar without a neighbour is a hairline."""
    return 0.8 * GRAINS.get(grain, GRAINS["day"]).total_seconds() * 1000


def bar_height(bars: int) -> float:
    """Of a horizontal bar, as a share of its row, so that one bar alone does not fill the chart."""
    return min(0.8, 0.2 + 0.15 * bars)


def time_axis(figure: go.Figure, moments: pd.Series, step: pd.Timedelta | None = None) -> None:
    """Room for a week of buckets at least: a single bucket would otherwise be drawn across milliseconds.

    `step` is a bucket's width; without it, the smallest distance between two moments, or a day.
    """
    known = pd.Series(moments.dropna().unique()).sort_values()
    if known.empty:
        return
    width = step or (known.diff().min() if len(known) > 1 else pd.Timedelta(days=1))
    first, last = known.iloc[0], known.iloc[-1]
    if (last - first) < 6 * width:
        figure.update_xaxes(range=[last - 6.6 * width, last + 0.6 * width])


def plain_title(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def empty(figure: go.Figure, sentence: str = "Nothing here in this period.") -> go.Figure:
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    lines = "<br>".join(textwrap.wrap(plain_title(sentence), LINE))
    figure.add_annotation(text=lines, showarrow=False, xref="paper", yref="paper", x=0.5, y=0.5)
    return figure


def ranked(frame: pd.DataFrame, by: str) -> list[str]:
    """Keys by their total, largest first, "other" last."""
    if frame.empty:
        return []
    order = frame.groupby("key")[by].sum().sort_values(ascending=False, kind="stable")
    return [str(key) for key in order.index if key != OTHER] + ([OTHER] if OTHER in order.index else [])
