"""SQL: one SELECT at a time on the log, for analysts; with the schema beside it, saved queries and a quick chart."""

import streamlit as st

from charts import quick
from core.errors import PlatformError
from core.platform import shared_platform
from pages.analysis.panel import csv_button
from pages.analysis.scheme import dark, watch_scheme
from pages.analysis.words import count
from pages.frame import header, plain, problem

ROWS, SECONDS = 10_000, 20.0
KIND = "sql_query"
EXAMPLES = {
    "Spend by model and day": (
        "SELECT date_trunc('day', started_at) AS day, served_model, sum(cost_total) AS dollars\n"
        "FROM calls WHERE origin = 'live' GROUP BY ALL ORDER BY day, dollars DESC"
    ),
    "Slowest first tokens": (
        "SELECT started_at, served_model, ttft_s, total_s, call_id\n"
        "FROM calls WHERE ttft_s IS NOT NULL ORDER BY ttft_s DESC LIMIT 50"
    ),
    "Failures by kind": (
        "SELECT error_kind, served_model, count(*) AS calls\n"
        "FROM calls WHERE status = 'error' GROUP BY ALL ORDER BY calls DESC"
    ),
}

platform = shared_platform()
header("SQL", "Read the log as you like: one SELECT at a time, read-only, with limits on time, memory and rows.")
watch_scheme()
store = platform.workspace.documents(KIND)
saved = {document.name: document for document in store.list()}
if "sql_text" not in st.session_state:
    st.session_state["sql_text"] = EXAMPLES["Spend by model and day"]


def take(text: str) -> None:
    st.session_state["sql_text"] = text


main, side = st.columns([3, 1], gap="medium")  # the question comes first on a phone, too
with side:
    with st.container(border=True):
        st.markdown("**Queries**")
        for name, text in EXAMPLES.items():
            st.button(name, key=f"example_{name}", type="tertiary", on_click=take, args=(text,))
        for name, document in saved.items():
            with st.container(horizontal=True, gap=None):
                words = (str(document.body.get("sql", "")),)
                label = plain(name, 60)
                st.button(label, key=f"saved_{document.id}", type="tertiary", on_click=take, args=words)
                if st.button("", key=f"forget_{document.id}", type="tertiary", icon=":material/close:", help="Remove"):
                    store.delete(document.id)
                    st.rerun()
    with st.container(border=True):
        st.markdown("**Tables**")
        for table, columns in platform.analytics.schema().items():
            with st.expander(table):
                st.dataframe(columns, hide_index=True, height=260)

with main:
    with st.form("sql", border=False):
        text = st.text_area("SELECT", key="sql_text", height=180, label_visibility="collapsed", max_chars=20_000)
        run = st.form_submit_button("Run", type="primary", icon=":material/play_arrow:")
    if run:
        try:
            with st.spinner("Asking…"):
                st.session_state["sql_result"] = platform.analytics.console(text, timeout_s=SECONDS, max_rows=ROWS)
        except PlatformError as error:
            st.session_state.pop("sql_result", None)
            problem(error)
    with st.popover("Save this query", icon=":material/bookmark_add:"):
        name = st.text_input("Name", key="sql_name", max_chars=100)
        if st.button("Save", key="sql_save", disabled=not name):
            store.save(name, {"sql": text}, id=saved[name].id if name in saved else None)
            st.rerun()
    result = st.session_state.get("sql_result")
    if result is not None:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            cut = f", cut at {ROWS:,}" if result.truncated else ""
            st.caption(f"{count(len(result.frame), 'row')}{cut}, {result.seconds * 1000:,.0f} ms", width="content")
            csv_button(result.frame, "query", "csv_sql")
        st.dataframe(result.frame, hide_index=True, height=360, placeholder="–")
        options = quick.axes(result.frame)
        if options:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                x = st.selectbox("Across", options.x, key="sql_x", width=200)
                y = st.selectbox("Up", options.y, key="sql_y", width=200)
                by = st.selectbox("One colour each", ["–", *options.by], key="sql_by", width=200)
                shape = st.segmented_control("As", quick.SHAPES, default=options.shape, required=True, key="sql_shape")
            st.plotly_chart(
                quick.draw(result.frame, x, y, None if by == "–" else by, shape or "line", dark=dark()),
                theme=None, key="sql_chart",
            )  # fmt: skip
