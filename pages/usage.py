"""Usage report: totals, by model, provider, user and day for the period above, to read here or to take along."""

import streamlit as st

from charts import look
from core.analytics.usage import UsageReport
from core.platform import shared_platform
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.figures import Headline, figure_row
from pages.analysis.origins import nothing_yet
from pages.analysis.panel import open_calls
from pages.analysis.words import count, gaps

platform = shared_platform()
filters = filter_bar(platform, title="Usage report")
if nothing_yet(platform, current_view()):
    st.stop()
FILES = {"csv": ("CSV", "text/csv"), "md": ("Markdown", "text/markdown"), "html": ("HTML", "text/html")}
FIELDS = {"By model": "models", "By provider": "providers", "By user": "users"}
COLUMNS = {
    "calls": st.column_config.NumberColumn("Calls", format="localized"),
    "turns": st.column_config.NumberColumn("Turns", format="localized"),
    "input_tokens": st.column_config.NumberColumn("Input tokens", format="localized"),
    "output_tokens": st.column_config.NumberColumn("Output tokens", format="localized"),
    "cost": st.column_config.NumberColumn("Spent", format="$%.4f", help="Empty: no priced call"),
    "unpriced": st.column_config.NumberColumn("Unpriced", format="localized", help="Calls that no price is known for"),
}


def written(report: UsageReport, kind: str) -> str:
    return {"csv": report.csv, "md": report.markdown, "html": report.html}[kind]()


def head(report: UsageReport) -> None:
    totals = report.totals
    figure_row(
        [
            Headline(
                "Spent", "–" if totals.cost is None else look.money(totals.cost), filters, note=gaps(totals.unpriced)
            ),
            Headline("Turns", f"{totals.turns:,}", filters, note=count(totals.calls, "call")),
            Headline("Input tokens", look.tokens(totals.input_tokens), filters),
            Headline(
                "Output tokens", look.tokens(totals.output_tokens), filters, note=gaps(uncounted=totals.uncounted)
            ),
            Headline("Users", f"{totals.users:,}", filters),
        ]
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("The whole report as a file:", width="content")
        for kind, (label, mime) in FILES.items():
            st.download_button(
                label, data=lambda kind=kind: written(report, kind).encode(), file_name=f"usage-report.{kind}",
                mime=mime, key=f"usage_{kind}", on_click="ignore", icon=":material/download:",
            )  # fmt: skip


def part(report: UsageReport, name: str) -> None:
    frame = report.parts[name]
    if name == "By day":
        frame = frame.iloc[::-1]
    chosen = FIELDS.get(name)
    with st.container(border=True):
        st.markdown(f"**{name}**")
        event = st.dataframe(
            frame.assign(key=frame["key"].replace("", "(none)")),
            hide_index=True,
            placeholder="–",
            height="content" if len(frame) <= 12 else 460,
            on_select="rerun" if chosen else "ignore",
            selection_mode="single-row",
            key=f"usage_{name}",
            column_config={
                "key": st.column_config.TextColumn(name.removeprefix("By ").capitalize(), pinned=True),
                **COLUMNS,
            },
        )
        if chosen:
            st.caption("Select a row for its calls.")
            if event.selection.rows:
                open_calls(filters, **{chosen: (str(frame["key"].iloc[event.selection.rows[0]]),)})


@st.fragment(parallel=True)
def draw() -> None:
    with st.skeleton(height=420):
        report = platform.analytics.get_usage_report(filters)
    head(report)
    for name in report.parts:
        part(report, name)


draw()
