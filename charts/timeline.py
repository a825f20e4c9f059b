"""The attempts of one turn on a time line: waiting, connecting, to the first token, and answering."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from charts import look
from charts.canvas import canvas, empty, plain

PHASES = ("waiting", "to the first token", "answering", "until it ended")


def attempts(rows: Sequence[Mapping[str, Any]], title: str, *, dark: bool = False) -> go.Figure:
    """`rows` are ledger rows of one turn in order; a bar's customdata is [call_id]."""
    figure = canvas(title, "seconds since the first call left", dark=dark, height=max(190, 120 + 36 * len(rows)))
    if not rows:
        return empty(figure)
    shade = look.palette(dark)
    tints = dict(zip(PHASES, (shade.border, look.SERIES[5], look.SERIES[0], shade.muted), strict=True))
    start = min(row["started_at"] for row in rows)
    drawn: set[str] = set()
    for number, row in enumerate(rows, 1):
        name = f"{number}. {plain(row['served_model'])} · {row['status']}"
        at = (row["started_at"] - start).total_seconds() - (row["queue_s"] or 0)
        for phase, seconds in _phases(row):
            figure.add_bar(
                base=[max(0.0, at)],
                x=[seconds],
                y=[name],
                orientation="h",
                name=phase,
                showlegend=phase not in drawn,
                legendgroup=phase,
                marker={"color": shade.bad if phase == "until it ended" and row["status"] == "error" else tints[phase]},
                customdata=[[row["call_id"]]],
                hovertemplate=f"{name}<br>{phase}: {look.seconds(seconds)}<extra></extra>",
            )
            drawn.add(phase)
            at += seconds
    figure.update_layout(barmode="overlay", bargap=0.45)
    figure.update_xaxes(ticksuffix=" s", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def _phases(row: Mapping[str, Any]) -> list[tuple[str, float]]:
    """What is measured of one call; a call without any measured time has a hair's breadth."""
    queue, first, total = row["queue_s"] or 0.0, row["ttft_s"], row["total_s"]
    found = [("waiting", queue)] if queue > 0.001 else []
    if total is None:
        return [*found, ("until it ended", 0.02)]
    if first is None or row["status"] == "error":
        return [*found, ("until it ended", max(total, 0.02))]
    return [*found, ("to the first token", first), ("answering", max(total - first, 0.0))]
