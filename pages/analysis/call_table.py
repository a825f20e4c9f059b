"""Calls as a table: what was asked of whom, how it ended, what it took; a selected row opens its call."""

import pandas as pd
import streamlit as st

from core.analytics.zones import to_local

SHOWN = (
    "at",
    "served_model",
    "result",
    "cost_total",
    "input_tokens",
    "output_tokens",
    "ttft_s",
    "total_s",
    "door",
    "user_id",
    "tags",
)


def call_table(frame: pd.DataFrame, time_zone: str, *, key: str) -> str | None:
    """Draws rows with the columns of core.analytics.calls; returns the call that was selected."""
    shown = frame.assign(
        at=[to_local(moment.to_pydatetime(), time_zone) for moment in frame["started_at"]],
        result=[_result(row) for row in frame[["status", "error_kind", "cache_state", "hop", "retry"]].itertuples()],
    )
    event = st.dataframe(
        shown[list(SHOWN)],
        hide_index=True,
        height=620,
        placeholder="–",
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "at": st.column_config.DatetimeColumn(
                "When", format="D MMM, HH:mm:ss", help=f"Wall clock of {time_zone}", pinned=True
            ),
            "served_model": st.column_config.TextColumn("Model"),
            "result": st.column_config.TextColumn("Result", width=130),
            "cost_total": st.column_config.NumberColumn("Cost", format="$%,.6f", help="Empty: unpriced"),
            "input_tokens": st.column_config.NumberColumn(
                "In", format="localized", help="Input tokens; empty: not reported"
            ),
            "output_tokens": st.column_config.NumberColumn(
                "Out", format="localized", help="Output tokens; empty: not reported"
            ),
            "ttft_s": st.column_config.NumberColumn("First token", format="%.2f s", help="Empty: not measured"),
            "total_s": st.column_config.NumberColumn("Total", format="%.2f s"),
            "door": st.column_config.TextColumn("Door"),
            "user_id": st.column_config.TextColumn("User"),
            "tags": st.column_config.ListColumn("Tags"),
        },
    )
    rows = event.selection.rows
    return str(frame["call_id"].iloc[rows[0]]) if rows else None


def _result(row: object) -> str:
    status, kind, cache = row.status, row.error_kind, row.cache_state  # type: ignore[attr-defined]
    parts = [str(status)]
    if isinstance(kind, str) and kind:
        parts[0] = kind.replace("_", " ")
    if cache in ("exact", "semantic"):
        parts.append(f"{cache} cache hit")
    if row.hop:  # type: ignore[attr-defined]
        parts.append("fallback")
    if row.retry:  # type: ignore[attr-defined]
        parts.append(f"retry {row.retry}")  # type: ignore[attr-defined]
    return ", ".join(parts)
