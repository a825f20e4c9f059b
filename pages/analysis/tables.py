"""Tables of figures: each cell opens exactly the calls that it was made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from charts import look
from core.analytics.filters import Filters
from pages.analysis.panel import csv_button, open_calls
from pages.frame import told

Row = Mapping[str, Any]
FIT = 12
"""Rows that are shown without scrolling."""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are shown, the one named `key` first; `pick` gives the calls behind the figure of a row and column."""

    name: str
    load: Callable[[], pd.DataFrame]
    key: str
    columns: Mapping[str, Any]
    pick: Callable[[Row, str], Filters]
    note: Callable[[pd.DataFrame], str] | None = None


def draw_table(table: Table, key: str, frame: pd.DataFrame) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{table.name}**", width="content")
            csv_button(frame, table.name, f"csv_{key}")
        shown = [name for name in table.columns if name in frame]
        event = st.dataframe(
            frame[shown].assign(**{table.key: frame[table.key].replace("", "(none)")}),
            hide_index=True,
            placeholder="–",
            height="content" if len(frame) <= FIT else 460,
            on_select="rerun",
            selection_mode="single-cell",
            key=f"table_{key}",
            column_config={name: _fitting(config, frame.get(name)) for name, config in table.columns.items()},
        )
        note = table.note(frame) if table.note else ""
        st.caption(" · ".join(part for part in ("" if frame.empty else "Click a figure for its calls.", note) if part))
        for place, name in event.selection.cells:
            row = frame.iloc[place].to_dict()
            if pd.notna(row[name]):
                open_calls(table.pick(row, name))


def _fitting(config: Any, values: pd.Series | None) -> Any:
    """Money with as many decimals as the largest of its column needs."""
    kind = config.get("type_config") or {}
    if values is None or not str(kind.get("format")).startswith("$"):
        return config
    known = values.dropna().abs()
    digits = look.places(float(known.max()) if len(known) else 0.0)
    return {**config, "type_config": {**kind, "format": f"$%,.{digits}f"}}


@st.fragment(parallel=True)
def table_panel(table: Table, key: str) -> None:
    with told():
        with st.skeleton(height=240):
            frame = table.load()
        draw_table(table, key, frame)
