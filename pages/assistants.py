"""Assistants: a model with instructions and manners; every save is a version that never changes."""

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform, shared_platform
from core.workspace.assistants import Assistant, AssistantDraft
from pages.frame import header, problem
from pages.parts.assistant_form import draw_fields
from pages.parts.assistant_gallery import acts, draw_gallery
from pages.parts.assistant_versions import draw_versions
from pages.parts.links import PAGES
from pages.parts.markup import label
from pages.parts.registry import told
from pages.parts.registry_state import NEW, RegistryState
from pages.parts.scorecard import draw_scorecard
from pages.parts.test_box import draw_test_box


def save(platform: Platform, state: RegistryState, draft: AssistantDraft, note: str) -> None:
    saved = platform.workspace.assistants.save(draft, note)
    state.saved(saved.id, saved.version)
    st.rerun()


def title(platform: Platform, state: RegistryState, assistant: Assistant | None) -> str:
    """The way back, the name, what can be done; returns the view chosen."""
    st.button("All assistants", icon=":material/arrow_back:", type="tertiary", on_click=state.open, args=(None,))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(label(assistant.name, 80) if assistant else "New assistant", anchor=False, width="stretch")
        if assistant is None:
            return "Edit"
        view = st.segmented_control(
            "View",
            ["Edit", "Versions", "Scorecard"],
            default="Edit",
            required=True,
            label_visibility="collapsed",
            key="view",
        )
        if st.button("Chat", icon=":material/chat_bubble:", key="chat-with-this"):
            st.switch_page(PAGES / "chat.py", query_params={"assistant": assistant.id})
        acts(platform, state, assistant, "acts-on-this")
    return str(view)


def edit(platform: Platform, state: RegistryState, assistant: Assistant | None) -> None:
    """The fields on the left, the box to try them in on the right."""
    key = f"form-{state.edition}"
    fields, box = st.columns([3, 2], gap="large")
    with fields:
        filled = draw_fields(platform, assistant.draft() if assistant else AssistantDraft(name=""), key)
        changed = assistant is None or filled.draft != assistant.draft()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            note = st.text_input(
                "What changed, and why (optional)",
                max_chars=200,
                key=f"{key}-note-{assistant.version if assistant else 0}",
            )
            pressed = st.button(
                "Save a new version" if assistant else "Save",
                type="primary",
                icon=":material/save:",
                disabled=not changed,
                key=f"{key}-save",
            )
        if filled.problem:
            st.error(label(filled.problem, 300), icon=":material/error:")
        elif pressed:
            try:
                save(platform, state, filled.draft, note or "")
            except PlatformError as error:
                problem(error)
    with box:
        state.test_turn = draw_test_box(platform, filled.draft, state.test_turn, key)


platform = shared_platform()
state = RegistryState.current("assistant")
if state.opened is None:
    header("Assistants", "A model with instructions and manners. Every save is a new version; every call says which.")
    told(state, platform.workspace.assistants)
    draw_gallery(platform, state)
else:
    try:
        opened = platform.workspace.assistants.get(state.opened) if state.opened != NEW else None
    except PlatformError as error:
        state.open(None)
        problem(error)
        st.stop()
    chosen_view = title(platform, state, opened)
    told(state, platform.workspace.assistants)
    if chosen_view == "Versions" and opened:
        draw_versions(platform, state, opened)
    elif chosen_view == "Scorecard" and opened:
        draw_scorecard(platform, "assistant", opened.id)
    else:
        edit(platform, state, opened)
