"""What was used, as tables: by any dimension on the Spend page, by model, provider, user and day in the report."""

import streamlit as st

from core.analytics.analytics import Analytics
from core.analytics.behind import adding, within
from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.usage import UsageReport
from pages.analysis.panel import bucket_of
from pages.analysis.tables import Row, Table

NUMBER, MONEY = "localized", "$%,.4f"
COLUMNS = {
    "cost": st.column_config.NumberColumn("Spent", format=MONEY, help="Empty: no priced call"),
    "calls": st.column_config.NumberColumn("Calls", format=NUMBER),
    "turns": st.column_config.NumberColumn("Turns", format=NUMBER, help="Questions whose first call this was"),
    "input_tokens": st.column_config.NumberColumn("Input tokens", format=NUMBER),
    "output_tokens": st.column_config.NumberColumn("Output tokens", format=NUMBER),
    "unpriced": st.column_config.NumberColumn("Unpriced", format=NUMBER, help="Calls that no price is known for"),
    "failed": st.column_config.NumberColumn("Failed", format=NUMBER, help="Errors and interruptions"),
    "cached": st.column_config.NumberColumn("Cache hits", format=NUMBER),
    "saved": st.column_config.NumberColumn("Saved", format=MONEY, help="By this platform's cache"),
}
BEHIND = {"turns": "turns", "unpriced": "unpriced", "failed": "failed", "cached": "cached", "saved": "cached"}
"""Which of a row's calls a figure counts; the others are made from all of them."""
SHORT = ("calls", "turns", "input_tokens", "output_tokens", "cost", "unpriced")
PARTS = {"By model": "model", "By provider": "provider", "By user": "user"}


def counted(filters: Filters, column: str) -> Filters:
    return adding(filters, BEHIND[column]) if column in BEHIND else filters


def every(analytics: Analytics, filters: Filters, by: str) -> Table:
    group = DIMENSIONS[by]
    return Table(
        name=f"Every {group.label.lower()}",
        load=lambda: analytics.spend.by(filters, by),
        key="key",
        columns={"key": st.column_config.TextColumn(group.label, pinned=True), **COLUMNS},
        pick=lambda row, column: counted(within(filters, by, row["key"]), column),
        note=lambda _: "A call with several tags counts under each." if by == "tag" else "",
    )


def of_report(report: UsageReport, name: str) -> Table:
    """One part of the usage report; days with the newest first."""
    frame, filters = report.parts[name], report.filters

    def pick(row: Row, column: str) -> Filters:
        key = str(row["key"])
        picked = within(filters, PARTS[name], key) if name in PARTS else bucket_of(filters, key, "day")
        return counted(picked, column)

    return Table(
        name=name,
        load=lambda: frame if name in PARTS else frame.iloc[::-1].reset_index(drop=True),
        key="key",
        columns={
            "key": st.column_config.TextColumn(name.removeprefix("By ").capitalize(), pinned=True),
            **{column: COLUMNS[column] for column in SHORT},
        },
        pick=pick,
    )
