"""Prompts: templates with typed variables, in versions that never change, each with its scorecard."""

from typing import Any

import streamlit as st

from core.errors import PlatformError
from core.messages import Context, Message, TurnRequest
from core.platform import Platform, shared_platform
from core.workspace.prompts import Prompt, PromptDraft
from pages.frame import header, problem
from pages.parts.case_sets import draw_cases
from pages.parts.markup import label, visible
from pages.parts.model_names import askable, place_of_default
from pages.parts.prompt_form import draw_fields, draw_values, render
from pages.parts.prompt_gallery import draw_gallery
from pages.parts.prompt_versions import draw_versions
from pages.parts.registry import menu, told
from pages.parts.registry_state import NEW, RegistryState
from pages.parts.scorecard import draw_scorecard
from pages.parts.test_box import draw_answer

VIEWS = ["Write", "Versions", "Scorecard", "Cases"]


def title(platform: Platform, state: RegistryState, prompt: Prompt | None) -> str:
    st.button("All prompts", icon=":material/arrow_back:", type="tertiary", on_click=state.open, args=(None,))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(label(prompt.name, 80) if prompt else "New prompt", anchor=False, width="stretch")
        if prompt is None:
            return "Write"
        view = st.segmented_control(
            "View", VIEWS, default="Write", required=True, label_visibility="collapsed", key="prompt-view"
        )
        menu(state, platform.workspace.prompts, prompt, "acts-on-this")
    used = platform.workspace.prompts.where_used(prompt.id)
    if used:
        st.caption("Used by " + ", ".join(label(assistant.name, 60) for assistant in used[:8]))
    return str(view)


def write(platform: Platform, state: RegistryState, prompt: Prompt | None) -> None:
    """The template on the left; on the right its form, what comes of it, and a try."""
    key = f"prompt-{state.edition}"
    fields, box = st.columns([3, 2], gap="large")
    with fields:
        try:
            draft = draw_fields(prompt.draft() if prompt else PromptDraft(name=""), key)
        except PlatformError as error:
            problem(error)
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            note = st.text_input(
                "What changed, and why (optional)", max_chars=200, key=f"{key}-note-{prompt.version if prompt else 0}"
            )
            pressed = st.button(
                "Save a new version" if prompt else "Save",
                type="primary",
                icon=":material/save:",
                disabled=prompt is not None and draft == prompt.draft(),
                key=f"{key}-save",
            )
        if pressed:
            try:
                saved = platform.workspace.prompts.save(draft, note or "")
            except PlatformError as error:
                problem(error)
            else:
                state.saved(saved.id, saved.version)
                st.rerun()
    with box:
        fill(platform, state, prompt, draft, key)


def fill(platform: Platform, state: RegistryState, prompt: Prompt | None, draft: PromptDraft, key: str) -> None:
    st.markdown("**Fill it in**")
    values = draw_values(draft.asked, f"{key}-values")
    try:
        text = render(draft, values)
    except PlatformError as error:
        st.caption(f":material/edit_note: {label(str(error), 300)}")
        return
    with st.expander("What is sent", expanded=True, key=f"{key}-sent"):
        st.code(visible(text[:20_000]), language=None, wrap_lines=True)
    models = askable(platform)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.selectbox(
            "Model",
            list(models),
            index=place_of_default(platform, models),
            format_func=lambda id: models[id],
            key=f"{key}-model",
        )
        pressed = st.button("Try", type="primary", icon=":material/play_arrow:", key=f"{key}-try")
    if pressed and model:
        state.test_turn = ask(platform, prompt, draft, text, model)
    draw_answer(platform, state.test_turn, key)


def ask(platform: Platform, prompt: Prompt | None, draft: PromptDraft, text: str, model: str) -> str:
    """The turn's id. The version stands on the call only when its text is what was sent."""
    same: Any = prompt is not None and draft.text == prompt.text
    context = Context(
        door="test",
        user_id="local",
        prompt_id=prompt.id if prompt else None,
        prompt_version=prompt.version if prompt and same else None,
    )
    return platform.ai.start(TurnRequest(model, (Message.of("user", text),), context=context)).id


platform = shared_platform()
state = RegistryState.current("prompt")
if state.opened is None:
    header("Prompts", "Templates with variables. Every save is a version; the scorecard says which one does better.")
    told(state, platform.workspace.prompts)
    draw_gallery(platform, state)
else:
    try:
        opened = platform.workspace.prompts.get(state.opened) if state.opened != NEW else None
    except PlatformError as error:
        state.open(None)
        problem(error)
        st.stop()
    view = title(platform, state, opened)
    told(state, platform.workspace.prompts)
    try:
        if opened is None or view == "Write":
            write(platform, state, opened)
        elif view == "Versions":
            draw_versions(platform, state, opened)
        elif view == "Scorecard":
            draw_scorecard(platform, "prompt", opened.id)
        else:
            draw_cases(platform, opened)
    except PlatformError as error:
        problem(error)
