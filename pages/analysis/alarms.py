"""Alarms as people set them, and what rang lately."""

import json

import streamlit as st

from core.analytics.alarms import MEASURES, SIDES, Rule
from core.analytics.filters import Filters
from core.errors import InvalidError
from core.platform import Platform
from pages.analysis.panel import open_calls
from pages.frame import plain, told

KIND = "alarm"


def alarms(platform: Platform) -> None:
    st.subheader("Alarms", anchor=False)
    where = "here, in the log and at the webhook" if platform.settings.alarm_webhook else "here and in the log"
    st.caption(
        f"Looked at every ten minutes and told once, {where}. Unusual use rings by itself, without a rule. "
        "Calls below 1 means: no data."
    )
    store = platform.workspace.documents(KIND)
    for document in store.list():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            try:
                st.markdown(_sentence(Rule.of(document.name, document.body)), width="stretch")
            except InvalidError as error:
                st.markdown(f":orange[{plain(error)}]", width="stretch")
            if st.button("Remove", key=f"alarm_{document.id}", type="tertiary", icon=":material/delete:"):
                store.delete(document.id)
                st.rerun()
    with st.expander("Add an alarm", icon=":material/add:"), st.form("alarm", border=False):
        name = st.text_input("Name", max_chars=80, placeholder="Too much spent today")
        left, middle, right = st.columns(3)
        measure = left.selectbox("Figure", list(MEASURES), format_func=MEASURES.__getitem__)
        side = middle.selectbox("Is", SIDES)
        threshold = right.number_input("Than", min_value=0.0, value=10.0)
        left, right = st.columns(2)
        hours = left.number_input("Over the last hours", min_value=1, max_value=744, value=24)
        model = right.selectbox(
            "Of model", ["", *platform.analytics.values("models")], format_func=lambda id: id or "any"
        )
        if st.form_submit_button("Add"):
            with told():
                body = {"measure": measure, "side": side, "threshold": threshold, "hours": hours, "model": model}
                rule = Rule.of(name, body)
                store.save(rule.name, rule.body)
                st.rerun()
    rang = platform.analytics.rang()
    if not rang.empty:
        with st.container(border=True):
            st.markdown("**What rang lately**")
            moment = st.column_config.DatetimeColumn("When (UTC)", format="D MMM, HH:mm")
            event = st.dataframe(
                rang[["at", "sentence", "webhook"]], hide_index=True, placeholder="–", key="rang",
                on_select="rerun", selection_mode="single-cell",
                column_config={"at": moment, "sentence": "Alarm", "webhook": "Webhook"},
            )  # fmt: skip
            st.caption("Click one for its calls.")
            for place, _ in event.selection.cells:
                open_calls(told_of(rang["query"].iloc[place]))


def told_of(query: str) -> Filters:
    """The calls of an alarm that was told."""
    said = json.loads(query)
    return Filters.of({name: [value] if isinstance(value, str) else value for name, value in said.items()})


def _sentence(rule: Rule) -> str:
    of = f" of **{plain(rule.model)}**" if rule.model else ""
    return (
        f"**{plain(rule.name)}**: {plain(MEASURES[rule.measure])}{of} {rule.side} {rule.threshold:,.6g} "
        f"over the last {rule.hours} h"
    )
