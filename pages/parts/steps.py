"""Tool calls as the steps of an answer: what was called with what, what came back, how long it took."""

import json
from collections.abc import Callable, Iterable

import streamlit as st

from charts import look
from core.events import Step
from pages.parts.markup import label, visible

SHOWN = 8_000
"""Characters of one argument list or result that are drawn."""


def draw_steps(steps: Iterable[Step], approve: Callable[[str, bool], None] | None = None) -> None:
    """`approve` is asked by the two buttons of a step that waits; None draws history."""
    for step in steps:
        with st.expander(label(title(step), 160), type="step", icon=_icon(step), expanded=step.needs_approval):
            st.caption("Arguments")
            st.code(_pretty(step.arguments), language="json", wrap_lines=True)
            if step.needs_approval and approve:
                _ask(step, approve)
            elif step.error:
                st.caption("It failed")
                st.code(visible(step.error[:SHOWN]), language=None, wrap_lines=True)
            elif step.result is not None:
                st.caption("Result")
                st.code(_pretty(step.result), language=None, wrap_lines=True)


def title(step: Step) -> str:
    if step.needs_approval:
        return f"{step.name} waits for your approval"
    if step.error:
        return f"{step.name} failed · {look.seconds(step.seconds)}"
    if step.result is None:
        return f"{step.name} is running"
    return f"{step.name} · {look.seconds(step.seconds)}"


def _icon(step: Step) -> str:
    if step.needs_approval:
        return ":material/pan_tool:"
    if step.error:
        return ":material/error:"
    return ":material/build:" if step.result is not None else ":material/pending:"


def _ask(step: Step, approve: Callable[[str, bool], None]) -> None:
    st.markdown("This tool changes something outside this page. Run it with these arguments?")
    with st.container(horizontal=True):
        st.button("Run it", type="primary", key=f"approve-{step.id}", on_click=approve, args=(step.id, True))
        st.button("Do not run it", key=f"refuse-{step.id}", on_click=approve, args=(step.id, False))


def _pretty(text: str) -> str:
    shown = visible(text[:SHOWN])
    if len(text) <= SHOWN:
        try:
            shown = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            return shown
    return visible(shown[:SHOWN])
