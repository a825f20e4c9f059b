"""Usage report: totals, by model, provider, user and day for the period above, to read here or to take along."""

import streamlit as st

from core.analytics.usage import UsageReport
from core.platform import shared_platform
from pages.analysis.bar import current_view, filter_bar
from pages.analysis.figures import figure_row
from pages.analysis.headlines import usage_figures
from pages.analysis.origins import nothing_yet
from pages.analysis.tables import draw_table
from pages.analysis.usage_tables import of_report
from pages.frame import told

platform = shared_platform()
filters = filter_bar(platform, title="Usage report")
if nothing_yet(platform, current_view()):
    st.stop()
FILES = {"csv": ("CSV", "text/csv"), "md": ("Markdown", "text/markdown"), "html": ("HTML", "text/html")}


def written(report: UsageReport, kind: str) -> str:
    return {"csv": report.csv, "md": report.markdown, "html": report.html}[kind]()


def head(report: UsageReport) -> None:
    figure_row(usage_figures(report.totals, report.filters))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("The whole report as a file:", width="content")
        for kind, (label, mime) in FILES.items():
            st.download_button(
                label, data=lambda kind=kind: written(report, kind).encode(), file_name=f"usage-report.{kind}",
                mime=mime, key=f"usage_{kind}", on_click="ignore", icon=":material/download:",
            )  # fmt: skip


@st.fragment(parallel=True)
def draw() -> None:
    with told():
        with st.skeleton(height=420):
            report = platform.analytics.get_usage_report(filters)
        head(report)
        for name in report.parts:
            table = of_report(report, name)
            draw_table(table, f"usage_{name}", table.load())


draw()
