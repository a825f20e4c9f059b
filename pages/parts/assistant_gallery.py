"""The gallery: one card per assistant, with what it is for, what it runs on, and what can be done with it."""

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.assistants import Assistant
from pages.parts.assistants_state import NEW, AssistantsState
from pages.parts.grid import rows
from pages.parts.links import PAGES
from pages.parts.markup import label

ACTS = {"duplicate": "Duplicate", "export": "Export …", "archive": "Archive", "unarchive": "Take out of the archive"}


def draw_gallery(platform: Platform, state: AssistantsState) -> None:
    found = platform.workspace.assistants.list(include_archived=state.archived)
    wanted = _toolbar(platform, state)
    shown = [assistant for assistant in found if _matches(assistant, wanted)]
    if not found:
        st.info("No assistants yet. Make one: a name, a model and a few sentences of instructions are enough.")
    elif not shown:
        st.caption("No assistant has these words. Try fewer.")
    for row in rows(shown, 3):
        for column, assistant in zip(st.columns(3, gap="medium"), row, strict=False):
            with column:
                _card(platform, state, assistant)


def _toolbar(platform: Platform, state: AssistantsState) -> str:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "New assistant",
            type="primary",
            icon=":material/add:",
            key="new-assistant",
            on_click=state.open,
            args=(NEW,),
        )
        if st.button("Import …", icon=":material/upload:", key="import-assistant"):
            import_assistant(platform, state)
        wanted = st.text_input(
            "Search",
            live="250ms",
            type="search",
            placeholder="Search by name, purpose, model or tool",
            label_visibility="collapsed",
            icon=":material/search:",
            key="assistant-search",
        )
        state.archived = st.toggle("Archived too", state.archived, key="assistants-archived")
    return wanted or ""


def _matches(assistant: Assistant, wanted: str) -> bool:
    text = " ".join((assistant.name, assistant.description, assistant.model, *assistant.tools)).casefold()
    return all(word in text for word in wanted.casefold().split())


def _card(platform: Platform, state: AssistantsState, assistant: Assistant) -> None:
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
            chosen = st.menu_button(
                ":material/more_horiz:",
                ["duplicate", "export", "unarchive" if assistant.archived else "archive"],
                format_func=lambda act: ACTS[act],
                type="tertiary",
                key=f"acts-on-{assistant.id}",
            )
    if chosen:
        act(platform, state, assistant, chosen)


def _facts(platform: Platform, assistant: Assistant) -> list[str]:
    facts = ["chosen per question" if assistant.choose else label(assistant.model or "default model", 50)]
    if assistant.tools:
        facts.append(f"{len(assistant.tools)} tool{'s' if len(assistant.tools) > 1 else ''}")
    return [*facts, f"version {assistant.version}"]


def act(platform: Platform, state: AssistantsState, assistant: Assistant, chosen: str) -> None:
    if chosen == "export":
        export(platform, assistant)
        return
    store = platform.workspace.assistants
    try:
        if chosen == "duplicate":
            copy = store.duplicate(assistant.id)
            state.open(copy.id)
            state.said = f"Copied from {assistant.name}. Change it and save."
        elif chosen == "archive":
            store.archive(assistant.id)
            state.open(None)
            state.undo, state.said = assistant.id, f"{assistant.name} is archived. Old chats keep it."
        elif chosen == "unarchive":
            store.unarchive(assistant.id)
            state.said = f"{assistant.name} is back."
    except PlatformError as error:
        state.said = str(error)
    st.rerun()


@st.dialog("Export this assistant")
def export(platform: Platform, assistant: Assistant) -> None:
    st.caption("One readable file. Anybody can import it; it holds instructions and settings, no keys.")
    text = platform.workspace.assistants.export(assistant.id, assistant.version)
    name = "".join(letter if letter.isalnum() else "-" for letter in assistant.name)[:50].strip("-") or "assistant"
    st.download_button(
        "Download as YAML",
        text,
        file_name=f"{name}.yaml",
        mime="application/yaml",
        icon=":material/download:",
        on_click="ignore",
        type="primary",
        key="export-assistant",
    )
    st.code(text, language="yaml", wrap_lines=True, height=320)


@st.dialog("Import an assistant")
def import_assistant(platform: Platform, state: AssistantsState) -> None:
    file = st.file_uploader("A file exported from here (YAML)", key="assistant-file")
    if file is None:
        return
    if st.button("Import", type="primary", key="import-assistant-now"):
        try:
            made = platform.workspace.assistants.import_(file.getvalue().decode("utf-8", "replace"))
        except PlatformError as error:
            st.error(label(str(error), 400), icon=":material/error:")
            return
        state.open(made.id)
        state.said = f"{made.name} is here now. Look it over before you use it."
        st.rerun()
