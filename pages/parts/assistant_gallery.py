"""The gallery: one card per assistant, with what it is for, what it runs on, and what can be done with it."""

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.assistants import Assistant
from pages.parts.grid import rows
from pages.parts.links import PAGES
from pages.parts.markup import label
from pages.parts.registry import has_words, menu, toolbar
from pages.parts.registry_state import RegistryState

SEARCHED = "name, purpose, model or tool"


def draw_gallery(platform: Platform, state: RegistryState) -> None:
    wanted = toolbar(state, platform.workspace.assistants, SEARCHED)
    found = platform.workspace.assistants.list(include_archived=state.archived)
    shown = [assistant for assistant in found if _matches(assistant, wanted)]
    if not found:
        st.info("No assistants yet. Make one: a name, a model and a few sentences of instructions are enough.")
    elif not shown:
        st.caption("No assistant has these words. Try fewer.")
    for row in rows(shown, 3):
        for column, assistant in zip(st.columns(3, gap="medium"), row, strict=False):
            with column:
                _card(platform, state, assistant)


def _matches(assistant: Assistant, wanted: str) -> bool:
    return has_words(" ".join((assistant.name, assistant.description, assistant.model, *assistant.tools)), wanted)


def _card(platform: Platform, state: RegistryState, assistant: Assistant) -> None:
    with st.container(border=True, key=f"card-{assistant.id}", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{label(assistant.name, 60)}**", width="stretch")
            if assistant.archived:
                st.badge("archived", color="gray")
            if assistant.shared:
                st.badge("shared", color="blue")
        st.markdown(label(assistant.description, 160) or "*No description*")
        st.caption(" · ".join(_facts(platform, assistant)))
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            if st.button("Chat", icon=":material/chat_bubble:", key=f"chat-with-{assistant.id}", type="primary"):
                st.switch_page(PAGES / "chat.py", query_params={"assistant": assistant.id})
            st.button(
                "Edit", icon=":material/edit:", key=f"open-{assistant.id}", on_click=state.open, args=(assistant.id,)
            )
            acts(platform, state, assistant, f"acts-on-{assistant.id}")


def _facts(platform: Platform, assistant: Assistant) -> list[str]:
    facts = ["chosen per question" if assistant.choose else label(assistant.model or "default model", 50)]
    if assistant.tools:
        facts.append(f"{len(assistant.tools)} tool{'s' if len(assistant.tools) > 1 else ''}")
    return [*facts, f"version {assistant.version}"]


def acts(platform: Platform, state: RegistryState, assistant: Assistant, key: str) -> None:
    store = platform.workspace.assistants
    if menu(state, store, assistant, key, "duplicate") is None:
        return
    try:
        copy = store.duplicate(assistant.id)
        state.open(copy.id)
        state.said = f"Copied from {assistant.name}. Change it and save."
    except PlatformError as error:
        state.said = str(error)
    st.rerun()
