"""The registry: one card per prompt, with its versions, what is in production, and where it is used."""

import streamlit as st

from core.platform import Platform
from core.workspace.prompts import Prompt
from pages.parts.grid import rows
from pages.parts.markup import label
from pages.parts.registry import has_words, menu, toolbar
from pages.parts.registry_state import RegistryState


def draw_gallery(platform: Platform, state: RegistryState) -> None:
    wanted = toolbar(state, platform.workspace.prompts, "name, purpose or words")
    found = platform.workspace.prompts.list(include_archived=state.archived)
    shown = [prompt for prompt in found if has_words(f"{prompt.name} {prompt.description} {prompt.text}", wanted)]
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


def _card(platform: Platform, state: RegistryState, prompt: Prompt) -> None:
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
            menu(state, platform.workspace.prompts, prompt, f"acts-on-{prompt.id}")
