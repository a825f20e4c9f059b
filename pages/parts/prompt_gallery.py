"""The registry: one card per prompt, with its versions, what is in production, and where it is used."""

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.prompts import Prompt
from pages.parts.grid import rows
from pages.parts.markup import label
from pages.parts.prompts_state import NEW, PromptsState

ACTS = {"export": "Export …", "archive": "Archive", "unarchive": "Take out of the archive"}


def draw_gallery(platform: Platform, state: PromptsState) -> None:
    found = platform.workspace.prompts.list(include_archived=state.archived)
    wanted = _toolbar(platform, state).casefold()
    shown = [
        prompt
        for prompt in found
        if all(word in f"{prompt.name} {prompt.description} {prompt.text}".casefold() for word in wanted.split())
    ]
    if not found:
        st.info(
            "No prompts yet. Write one with {{ variables }}: each becomes a field, every save a version, "
            "and the scorecard says which version does better.",
            icon=":material/edit_note:",
        )
    elif not shown:
        st.caption("No prompt has these words. Try fewer.")
    for row in rows(shown, 3):
        for column, prompt in zip(st.columns(3, gap="medium"), row, strict=False):
            with column:
                _card(platform, state, prompt)


def _toolbar(platform: Platform, state: PromptsState) -> str:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "New prompt", type="primary", icon=":material/add:", key="new-prompt", on_click=state.open, args=(NEW,)
        )
        if st.button("Import …", icon=":material/upload:", key="import-prompt"):
            import_prompt(platform, state)
        wanted = st.text_input(
            "Search",
            live="250ms",
            type="search",
            placeholder="Search by name, purpose or words",
            label_visibility="collapsed",
            icon=":material/search:",
            key="prompt-search",
        )
        state.archived = st.toggle("Archived too", state.archived, key="prompts-archived")
    return wanted or ""


def _card(platform: Platform, state: PromptsState, prompt: Prompt) -> None:
    used = len(platform.workspace.prompts.where_used(prompt.id))
    with st.container(border=True, key=f"card-{prompt.id}", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{label(prompt.name, 60)}**", width="stretch")
            if prompt.production_version is not None:
                st.badge(f"v{prompt.production_version} in production", color="green")
            if prompt.archived:
                st.badge("archived", color="gray")
        st.markdown(label(prompt.description or prompt.text, 160) or "*Empty*")
        facts = [f"version {prompt.newest_version}", f"{len(prompt.variables)} variables"]
        if used:
            facts.append(f"used by {used} assistant{'s' if used > 1 else ''}")
        st.caption(" · ".join(facts))
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.button("Open", icon=":material/edit:", key=f"open-{prompt.id}", on_click=state.open, args=(prompt.id,))
            chosen = st.menu_button(
                ":material/more_horiz:",
                ["export", "unarchive" if prompt.archived else "archive"],
                format_func=lambda word: ACTS[word],
                type="tertiary",
                key=f"acts-on-{prompt.id}",
            )
    if chosen:
        act(platform, state, prompt, chosen)


def act(platform: Platform, state: PromptsState, prompt: Prompt, chosen: str) -> None:
    if chosen == "export":
        export(platform, prompt)
        return
    try:
        if chosen == "archive":
            platform.workspace.prompts.archive(prompt.id)
            state.open(None)
            state.undo, state.said = prompt.id, f"{prompt.name} is archived."
        else:
            platform.workspace.prompts.unarchive(prompt.id)
            state.said = f"{prompt.name} is back."
    except PlatformError as error:
        state.said = str(error)
    st.rerun()


@st.dialog("Export this prompt")
def export(platform: Platform, prompt: Prompt) -> None:
    text = platform.workspace.prompts.export(prompt.id, prompt.version)
    name = "".join(letter if letter.isalnum() else "-" for letter in prompt.name)[:50].strip("-") or "prompt"
    st.download_button(
        "Download as YAML",
        text,
        file_name=f"{name}.yaml",
        mime="application/yaml",
        icon=":material/download:",
        on_click="ignore",
        type="primary",
        key="export-prompt",
    )
    st.code(text, language="yaml", wrap_lines=True, height=320)


@st.dialog("Import a prompt")
def import_prompt(platform: Platform, state: PromptsState) -> None:
    file = st.file_uploader("A file exported from here (YAML)", key="prompt-file")
    if file is not None and st.button("Import", type="primary", key="import-prompt-now"):
        try:
            made = platform.workspace.prompts.import_(file.getvalue().decode("utf-8", "replace"))
        except PlatformError as error:
            st.error(label(str(error), 400), icon=":material/error:")
            return
        state.open(made.id)
        state.said = f"{made.name} is here now."
        st.rerun()
