"""Test cases: sets of filled-in variables with what a good answer says; from a form, a file, or chats."""

import pandas as pd
import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.case_files import NewCase
from core.workspace.datasets import Case, Dataset
from core.workspace.prompts import Prompt
from core.workspace.variables import read_values
from pages.parts.markup import label
from pages.parts.namesakes import told_apart
from pages.parts.prompt_form import draw_values

SHOWN = 200
SHOWN_SET = "case-set-shown"


def draw_cases(platform: Platform, prompt: Prompt) -> None:
    datasets = {dataset.id: dataset for dataset in platform.workspace.datasets.list()}
    called = told_apart(datasets.values())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Set of cases",
            list(datasets),
            format_func=called.__getitem__,
            placeholder="None yet",
            key=SHOWN_SET,
        )
        if st.button("New set …", icon=":material/add:", key="new-case-set"):
            new_set(platform, prompt)
    if not chosen:
        st.caption(
            "A set of cases is what experiments in the playground run over. Make one, or save an answer from a chat."
        )
        return
    dataset = datasets[chosen]
    cases = platform.workspace.datasets.cases(dataset.id, limit=SHOWN)
    if cases:
        _table(platform, dataset, cases)
    left, right = st.columns(2, gap="large")
    with left:
        _form(platform, dataset, prompt)
    with right:
        _file(platform, dataset)


def _table(platform: Platform, dataset: Dataset, cases: object) -> None:
    rows = [case for case in cases if isinstance(case, Case)] if isinstance(cases, list | tuple) else []
    frame = pd.DataFrame(
        [
            {**{name: str(value)[:300] for name, value in case.variables.items()}, "expected": case.expected}
            for case in rows
        ]
    )
    picked = st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="multi-row",
        key=f"cases-{dataset.id}",
    )
    chosen = [rows[place].id for place in picked.selection.rows if place < len(rows)]
    st.caption(_counted(len(rows), dataset.case_count))
    if chosen and st.button(f"Remove {len(chosen)} chosen", icon=":material/delete:", key="remove-cases"):
        for case_id in chosen:
            platform.workspace.datasets.remove_case(case_id)
        st.rerun()


def _counted(shown: int, count: int) -> str:
    if count > shown:
        return f"The first {shown:,} of {count:,} cases."
    return "1 case." if count == 1 else f"{count:,} cases."


def _form(platform: Platform, dataset: Dataset, prompt: Prompt) -> None:
    st.markdown("**Add a case**")
    taken = f"cases-taken-{dataset.id}"
    key = f"{dataset.id}-{st.session_state.setdefault(taken, 0)}"  # a case that was not taken stays in the form
    with st.form(f"case-{key}", border=False):
        values = draw_values(prompt.asked, f"case-{key}")
        expected = st.text_area("What a good answer says (optional)", key=f"case-expected-{key}", height=90)
        added = st.form_submit_button("Add", type="primary")
    if added:
        try:
            read_values(prompt.asked, values)
            platform.workspace.datasets.add(dataset.id, [NewCase(variables=values, expected=expected or None)])
        except PlatformError as error:
            st.error(label(str(error), 400), icon=":material/error:")
            return
        st.session_state[taken] += 1
        st.rerun()


def _file(platform: Platform, dataset: Dataset) -> None:
    st.markdown("**From a file**")
    st.caption("CSV with one column per variable, or JSON lines; `expected` and `note` are special columns.")
    # Named by the count, so that a file whose rows were added does not lie there to be added once more.
    key = f"cases-file-{dataset.id}-{dataset.case_count}"
    file = st.file_uploader("CSV or JSONL", label_visibility="collapsed", key=key)
    if file is not None and st.button("Add its rows", type="primary", key="add-case-file"):
        try:
            count = platform.workspace.datasets.add_file(dataset.id, file.name, file.getvalue())
        except PlatformError as error:
            st.error(label(str(error), 400), icon=":material/error:")
            return
        st.toast(f"{count:,} cases added", icon=":material/check:")
        st.rerun()


@st.dialog("New set of cases")
def new_set(platform: Platform, prompt: Prompt) -> None:
    name = st.text_input("Name", f"{prompt.name} cases"[:120], max_chars=120, key="new-set-name")
    if st.button("Make it", type="primary", key="make-set"):
        try:
            st.session_state[SHOWN_SET] = platform.workspace.datasets.create(name or "").id
        except PlatformError as error:
            st.error(label(str(error), 400), icon=":material/error:")
            return
        st.rerun()
