"""A box to try a draft in before it is saved: one question, the answer as it grows, its receipt."""

from dataclasses import asdict

import streamlit as st

from core.errors import InvalidError, PlatformError
from core.messages import Context, Message, TurnRequest
from core.platform import Platform
from core.workspace.assistants import AssistantDraft
from pages.parts import receipt
from pages.parts.live import live_answer
from pages.parts.markup import blocks, label
from pages.parts.steps import draw_steps


def draw_test_box(platform: Platform, draft: AssistantDraft, turn_id: str, key: str) -> str:
    """Returns the id of the turn that is shown."""
    st.markdown("**Try it**")
    st.caption("Asks with what stands in the fields now, saved or not. Tries are logged and priced like any call.")
    with st.form(f"{key}-try", border=False, clear_on_submit=False):
        starter = draft.starters[0] if draft.starters else ""
        question = st.text_area(
            "A question",
            starter,
            key=f"{key}-question",
            height=90,
            label_visibility="collapsed",
            placeholder="A question to try it with",
        )
        asked = st.form_submit_button("Try", icon=":material/play_arrow:", type="primary")
    if asked:
        try:
            if not (question or "").strip():
                raise InvalidError("Write a question first.")
            turn_id = platform.ai.start(request_for(platform, draft, question or "")).id
        except PlatformError as error:
            st.error(label(str(error), 400), icon=":material/error:")
    draw_answer(platform, turn_id, key)
    return turn_id


def draw_answer(platform: Platform, turn_id: str, key: str) -> None:
    """The answer of a try: growing, then whole with its receipt."""
    turn = platform.ai.turn(turn_id) if turn_id else None
    if turn is None:
        return
    with st.container(border=True, key=f"{key}-answer"):
        view = turn.view
        st.caption(label(view.model, 80))
        if not turn.done:
            live_answer(turn, [True])
            st.button("Stop", icon=":material/stop_circle:", on_click=turn.cancel, key=f"{key}-stop")
            return
        draw_steps(view.steps)
        for block in blocks(view.text):
            st.markdown(block)
        if view.error:
            st.error(label(view.error, 500), icon=":material/error:")
        if view.receipt:
            receipt.draw(view.receipt, f"{key}-{turn_id}")


def request_for(platform: Platform, draft: AssistantDraft, question: str) -> TurnRequest:
    """One question to the draft, as a chat with it would ask. Raises PlatformError."""
    instructions = draft.system_prompt
    if draft.prompt_id:
        prompts = platform.workspace.prompts
        version = draft.prompt_version or prompts.production(draft.prompt_id).version
        instructions = "\n\n".join(
            text for text in (instructions, prompts.render(draft.prompt_id, {}, version)) if text.strip()
        )
    system = (Message.of("system", instructions),) if instructions.strip() else ()
    return TurnRequest(
        _model(platform, draft),
        (*system, Message.of("user", question)),
        parameters=draft.parameters,
        tools=platform.tools.named(draft.tools),
        fallbacks=draft.fallbacks,
        cache=draft.cache,
        context=Context(door="test", user_id="local", assistant_id=draft.id or None),
    )


def _model(platform: Platform, draft: AssistantDraft) -> str:
    if draft.choose is None:
        return draft.model or platform.ai.default_model()
    needs = {"tools"} if draft.tools else set()
    return platform.ai.select_model(**asdict(draft.choose), needs=needs).model
