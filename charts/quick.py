"""A quick chart of any table: what could stand on its axes, and the picture."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from charts.canvas import canvas, empty, plain, tone

SHAPES = ("line", "bar", "dots")
MOST = 5_000
KEYS = 12


@dataclass(frozen=True, slots=True)
class Axes:
    """Columns that suit each place; `shape` is the likeliest picture."""

    x: list[str]
    y: list[str]
    by: list[str]
    shape: str


def axes(frame: pd.DataFrame) -> Axes | None:
    """None when the table has no number to draw."""
    numbers = [str(name) for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    moments = [str(name) for name in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[name])]
    texts = [str(name) for name in frame.columns if str(name) not in (*numbers, *moments)]
    if frame.empty or not numbers or len(frame.columns) < 2 or frame.columns.duplicated().any():
        return None
    across = [*moments, *texts, *numbers]
    up = [name for name in numbers if name != across[0]] or numbers
    return Axes(across, up, [*texts, *moments], "line" if moments else "bar")


def draw(frame: pd.DataFrame, x: str, y: str, by: str | None, shape: str, *, dark: bool = False) -> go.Figure:
    figure = canvas(f"{plain(y)} by {plain(x)}", dark=dark, height=360)
    shown = frame.head(MOST)
    keys = [None] if by is None else list(shown[by].astype(str).value_counts().head(KEYS).index)
    for key in keys:
        part = shown if key is None else shown[shown[by].astype(str) == key]
        if by is not None or shape == "line":
            part = part.sort_values(x, kind="stable")
        measured = pd.api.types.is_numeric_dtype(part[x]) or pd.api.types.is_datetime64_any_dtype(part[x])
        across = part[x] if measured else [plain(value) for value in part[x]]
        colour = tone(key, dark) if key is not None else None
        name = plain(key) if key is not None else plain(y)
        if shape == "bar":
            figure.add_bar(x=across, y=part[y], name=name, marker_color=colour)
        else:
            mode = "lines" if shape == "line" else "markers"
            figure.add_scatter(x=across, y=part[y], name=name, mode=mode, line_color=colour, marker_color=colour)
    figure.update_layout(barmode="stack", showlegend=by is not None)
    figure.update_xaxes(title_text=plain(x))
    return figure if len(shown) else empty(figure)
