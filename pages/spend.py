"""Spend: where the money went, over time and by any dimension, and what each thing cost."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from charts import look, money
from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.zones import Grain
from core.platform import shared_platform
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.budgets_standing import budgets_of_spend
from pages.analysis.figures import figure_row, money_figure, plain_figure
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import Chart, bucket_of, calls_link, csv_button, open_calls, panel
from pages.analysis.period import grain_for
from pages.analysis.what_if import what_if
from pages.analysis.words import count, gaps

platform = shared_platform()
filters = filter_bar(platform, title="Spend")
if nothing_yet(platform, current_view()):
    st.stop()
spend = platform.analytics.spend
SHOWN = ("key", "cost", "calls", "turns", "input_tokens", "output_tokens", "unpriced", "failed", "cached", "saved")
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month")
MEASURES = {
    "cost": "Money",
    "calls": "Calls",
    "turns": "Turns",
    "input_tokens": "Input tokens",
    "output_tokens": "Output tokens",
}


@st.fragment(parallel=True)
def headline() -> None:
    with st.skeleton(height=120):
        totals, units = spend.totals(filters), spend.unit_costs(filters)
    figure_row(
        [
            money_figure("Spent", totals.cost, filters, note=gaps(totals.unpriced)),
            money_figure("Per turn", units.per_turn, filters, note=count(totals.turns, "turn")),
            money_figure(
                "Per conversation", units.per_conversation, filters, note=count(units.conversations, "conversation")
            ),
            money_figure("Per thumbs-up", units.per_thumbs_up, filters, note=f"{units.thumbs_up:,} thumbs-up"),
            money_figure(
                "Saved by the cache",
                totals.saved,
                filters.but(caches=("exact", "semantic")),
                note=count(totals.cached, "cache hit"),
            ),
            plain_figure("Tokens", look.tokens(totals.tokens), filters, note=gaps(uncounted=totals.uncounted)),
        ]
    )


headline()

with st.container(horizontal=True, vertical_alignment="bottom"):
    by = st.selectbox(
        "By", list(DIMENSIONS), format_func=lambda name: DIMENSIONS[name].label, key="spend_by", width=190
    )
    suggested = grain_for(filters.since, filters.until)
    grain = st.segmented_control("Per", GRAINS, default=suggested, required=True, key=f"spend_grain_{suggested}")
    measure = st.selectbox("Show", list(MEASURES), format_func=MEASURES.__getitem__, key="spend_measure", width=170)
grain = grain or suggested
group = DIMENSIONS[by]


def of_mark(mark: Sequence[Any]) -> Filters:
    key, at = mark[0], mark[1]
    narrowed = bucket_of(filters, at, grain)
    return narrowed if key in ("all", "other") else narrowed.but(**{group.field: (key,)})


def unpriced(frame: pd.DataFrame) -> str:
    return gaps(int(frame["unpriced"].sum())) if not frame.empty else ""


panel(
    Chart(
        name=f"{MEASURES[measure]} by {group.label.lower()}",
        load=lambda: spend.over_time(filters, grain=grain, by=by),
        draw=lambda frame, dark: money.over_time(
            frame, f"{MEASURES[measure]} by {group.label.lower()}", value=measure, grain=grain, dark=dark
        ),
        pick=of_mark,
        note=unpriced,
        height=340,
    ),
    "spend_time",
)
left, right = st.columns(2)
with left:
    panel(
        Chart(
            name=f"Top {group.plural}",
            load=lambda: spend.by(filters, by),
            draw=lambda frame, dark: money.ranking(frame, f"Top {group.plural}", value=measure, dark=dark),
            pick=lambda mark: filters.but(**{group.field: (mark[0],)}),
            note=unpriced,
        ),
        "spend_top",
    )
with right:
    panel(
        Chart(
            name="Running total",
            load=lambda: spend.over_time(filters, grain=grain),
            draw=lambda frame, dark: money.cumulative(frame, "Running total", dark=dark),
            pick=lambda mark: bucket_of(filters, mark[0], grain),
            note=unpriced,
        ),
        "spend_total",
    )


@st.fragment(parallel=True)
def table() -> None:
    with st.skeleton(height=240):
        frame = spend.by(filters, by)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**Every {group.label.lower()}**", width="content")
            csv_button(frame, f"Spend by {by}", "csv_spend_table")
        columns = [name for name in SHOWN if name in frame]
        event = st.dataframe(
            frame[columns].assign(key=frame["key"].replace("", "(none)")),
            hide_index=True,
            placeholder="–",
            on_select="rerun",
            selection_mode="single-row",
            key="spend_table",
            column_config={
                "key": st.column_config.TextColumn(group.label, pinned=True),
                "cost": st.column_config.NumberColumn("Spent", format="$%.4f", help="Empty: no priced call"),
                "calls": st.column_config.NumberColumn("Calls", format="localized"),
                "turns": st.column_config.NumberColumn("Turns", format="localized"),
                "input_tokens": st.column_config.NumberColumn("Input tokens", format="localized"),
                "output_tokens": st.column_config.NumberColumn("Output tokens", format="localized"),
                "unpriced": st.column_config.NumberColumn("Unpriced", format="localized"),
                "failed": st.column_config.NumberColumn("Failed", format="localized"),
                "cached": st.column_config.NumberColumn("Cache hits", format="localized"),
                "saved": st.column_config.NumberColumn("Saved", format="$%.4f"),
            },
        )
        st.caption(
            "Select a row for its calls." + (" A call with several tags counts under each." if by == "tag" else "")
        )
        if event.selection.rows:
            open_calls(filters, **{group.field: (str(frame["key"].iloc[event.selection.rows[0]]),)})


table()
budgets_of_spend(platform)
what_if(platform, filters)
calls_link("All calls of this period", filters)
