"""One chart on an analysis page: drawn apart from the rest, saved as PNG or CSV, and clickable down to its calls."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from charts import canvas
from core.analytics.cells import safe
from core.analytics.filters import Filters
from core.analytics.zones import Grain, span
from core.errors import PlatformError
from pages.analysis.scheme import dark
from pages.analysis.view import link
from pages.frame import leave, plain

Draw = Callable[[pd.DataFrame, bool], Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """`load` asks the service (None: nothing to show, its sentence is drawn), `draw` makes the figure.

    `pick` turns the customdata of a clicked mark, and the frame, into filters that list exactly the calls it was made
    from. `note` says what is left out.
    """

    name: str
    load: Callable[[], pd.DataFrame]
    draw: Draw
    pick: Callable[[Sequence[Any], pd.DataFrame], Filters] | None = None
    note: Callable[[pd.DataFrame], str] | None = None
    height: int = 320


@st.fragment(parallel=True)
def panel(chart: Chart, key: str) -> None:
    """A page never waits for it: a skeleton stands in its place until the figure is there."""
    with st.container(border=True, key=f"panel_{key}"):
        try:
            with st.skeleton(height=chart.height):
                frame = chart.load()
                figure = chart.draw(frame, dark())
        except PlatformError as error:
            st.markdown(f"**{plain(chart.name)}**")
            st.warning(plain(error))
            return
        event = st.plotly_chart(
            figure, key=f"chart_{key}", theme=None, config=canvas.config(chart.name), alt=chart.name,
            on_select="rerun" if chart.pick else "ignore", selection_mode="points",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            note = chart.note(frame) if chart.note else ""
            hint = "Click a mark for its calls." if chart.pick and figure.data else ""
            st.caption(" · ".join(part for part in (note, hint) if part) or " ", width="stretch")
            csv_button(frame, chart.name, f"csv_{key}")
        if chart.pick and (picked := _picked(event)):
            open_calls(chart.pick(picked, frame))


def csv_button(frame: pd.DataFrame, name: str, key: str) -> None:
    if frame.empty:
        return
    st.download_button(
        "CSV", data=lambda: to_csv(frame), file_name=f"{canvas.slug(name)}.csv", mime="text/csv", key=key,
        on_click="ignore", type="tertiary", icon=":material/download:",
    )  # fmt: skip


def to_csv(frame: pd.DataFrame) -> bytes:
    buffer = io.StringIO()
    frame.map(safe).to_csv(buffer, index=False)
    return buffer.getvalue().encode()


def open_calls(filters: Filters, **changes: Any) -> None:
    leave("calls.py", "Open the calls", link(filters, **changes))


def calls_link(label: str, filters: Filters, **changes: Any) -> None:
    st.page_link("calls.py", label=label, query_params=link(filters, **changes))


def bucket_of(filters: Filters, at: str, grain: Grain) -> Filters:
    """The same filters, narrowed to one bucket of a chart."""
    since, until = span(pd.Timestamp(at).to_pydatetime(), grain, filters.time_zone)
    return filters.but(
        since=max(since, filters.since) if filters.since else since,
        until=min(until, filters.until) if filters.until else until,
    )


def _picked(event: Any) -> Sequence[Any]:
    points: Sequence[Mapping[str, Any]] = event.selection.points if event else ()
    for point in points:
        custom = point.get("customdata")
        if isinstance(custom, Mapping):
            return [custom[name] for name in sorted(custom, key=int)]
        if custom:
            return list(custom)
    return ()
