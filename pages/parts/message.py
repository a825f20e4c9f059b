"""One message of a conversation: the question as it was asked, the answer with everything that is true about it."""

import streamlit as st

from core.platform import Platform
from core.workspace.assistants import Assistant
from core.workspace.message_tree import AttachmentRef, StoredMessage
from pages.parts import receipt
from pages.parts.chat_state import ChatState
from pages.parts.clipboard import copy_button
from pages.parts.links import page_link
from pages.parts.markup import DRAWN, blocks, label, visible
from pages.parts.message_acts import MessageActs
from pages.parts.steps import draw_steps

ENDED_EARLY = {"cancelled", "error", "interrupted"}
CUT = {"length", "max_tokens", "content_length"}
MORE = {
    "fork": "Fork from here",
    "case": "Make a test case …",
    "compare": "Compare in the playground …",
    "python": "Copy as Python or curl …",
    "link": "Link to this answer …",
}


def draw_question(message: StoredMessage, platform: Platform, state: ChatState, acts: MessageActs) -> None:
    with st.container(key=f"m-{message.id}"), st.chat_message("user", avatar=":material/person:"):
        for attached in message.attachments:
            _attachment(attached, platform)
        if state.editing == message.id:
            _edit_form(message, state, acts)
            return
        _text(message, hard_breaks=True)
        with st.container(horizontal=True, gap="xxsmall", key=f"acts-{message.id}", vertical_alignment="center"):
            copy_button(message.text, f"copy-{message.id}")
            st.button(
                ":material/edit:",
                type="tertiary",
                key=f"edit-{message.id}",
                help="Ask again with other words; this question stays beside it",
                on_click=_begin_edit,
                args=(state, message.id),
            )
            _siblings(message, acts)


def draw_answer(
    message: StoredMessage, assistant: Assistant | None, state: ChatState, acts: MessageActs, thumb: int | None
) -> None:
    """`thumb`: 1, -1 or 0; None when it is not known, and then none can be given."""
    with st.container(key=f"m-{message.id}"), st.chat_message("assistant", avatar=":material/auto_awesome:"):
        heading(message, assistant)
        for notice in message.notices:
            if notice.kind == "choice":
                continue  # the opened receipt says it
            st.caption(f":material/info: {label(notice.text, 300)}")
        if message.reasoning:
            _reasoning(message)
        draw_steps(message.steps)
        _text(message)
        _ending(message, acts)
        if message.receipt is not None:
            why = " ".join(notice.text for notice in message.notices if notice.kind == "choice")
            receipt.draw(message.receipt, message.id, why)
            if message.receipt.cache_state in ("exact", "semantic"):
                st.button(
                    "Ask fresh",
                    icon=":material/bolt:",
                    key=f"fresh-{message.id}",
                    help="The cache answered; ask the model itself",
                    on_click=acts.regenerate,
                    args=(message,),
                )
        _answer_acts(message, acts, thumb)
        if state.note_for and state.note_for == message.turn_id:
            _note_form(message, state, acts)


def heading(message: StoredMessage, assistant: Assistant | None) -> None:
    """Who answers: the assistant in that version, and the model."""
    served = message.receipt.served_model if message.receipt and message.receipt.served_model else message.model
    who = f"**{label(assistant.name, 60)}** v{message.assistant_version} · " if assistant else ""
    st.caption(f"{who}{label(served, 80)}")


def _begin_edit(state: ChatState, message_id: str) -> None:
    state.editing = message_id


def _text(message: StoredMessage, *, hard_breaks: bool = False) -> None:
    for block in blocks(message.text, hard_breaks=hard_breaks):
        st.markdown(block)
    if len(message.text) > DRAWN:
        left = len(message.text) - DRAWN
        with st.expander(
            f"{left:,} more characters: show the whole text as it is",
            type="compact",
            key=f"whole-{message.id}",
            on_change="rerun",
        ) as whole:
            if whole.open:
                st.code(visible(message.text), language=None, height=420)


def _attachment(attached: AttachmentRef, platform: Platform) -> None:
    if attached.kind == "image":
        with st.expander(label(attached.name, 80), type="compact", icon=":material/image:", expanded=True):
            st.image(platform.workspace.files.read(attached.sha256), width=320)
    else:
        size = f"{attached.size / 1024:,.0f} kB" if attached.size >= 1024 else f"{attached.size} bytes"
        st.caption(f":material/description: {label(attached.name, 80)} · {size}")
    if attached.note:
        st.caption(label(attached.note, 200))


def _reasoning(message: StoredMessage) -> None:
    with st.expander(
        "Reasoning", type="compact", icon=":material/psychology:", key=f"why-{message.id}", on_change="rerun"
    ) as why:
        if why.open:
            for block in blocks(message.reasoning, limit=DRAWN // 2):
                st.markdown(block)


def _ending(message: StoredMessage, acts: MessageActs) -> None:
    """Why an answer is not whole, and what can be done about it."""
    finish = message.receipt.finish_reason if message.receipt else None
    cut = message.status == "ok" and (finish or "") in CUT
    if message.status in ("ok", "running") and not cut:
        if message.status == "ok" and not message.text:
            st.caption(":material/info: The model ended without a word of answer.")
        return
    if cut:
        st.caption(":material/content_cut: The answer reached its length limit.")
    elif message.status == "cancelled":
        st.caption(":material/stop_circle: Stopped. What had arrived is kept.")
    else:
        st.error(label(message.error or "The answer did not arrive.", 600), icon=":material/error:")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if message.text:
            st.button(
                "Continue",
                icon=":material/resume:",
                key=f"continue-{message.id}",
                on_click=acts.continue_,
                args=(message,),
            )
        if not cut and message.status != "cancelled":
            st.button(
                "Ask again",
                icon=":material/refresh:",
                key=f"again-{message.id}",
                on_click=acts.regenerate,
                args=(message,),
            )
            if st.button("Ask another model …", icon=":material/swap_horiz:", key=f"other-{message.id}"):
                acts.chosen(message, "other")
            if message.error_kind == "authentication":
                page_link("models", "Replace the key", ":material/key:")


def _answer_acts(message: StoredMessage, acts: MessageActs, thumb: int | None) -> None:
    with st.container(horizontal=True, gap="xxsmall", key=f"acts-{message.id}", vertical_alignment="center"):
        copy_button(message.text, f"copy-{message.id}")
        if message.turn_id and thumb is not None:
            key = f"thumbs-{message.turn_id}"
            st.feedback("thumbs", key=key, default={1: 1, -1: 0}.get(thumb), on_change=acts.thumb, args=(message, key))
        again = st.menu_button(
            ":material/refresh:",
            ["same", "other"],
            format_func=lambda way: {"same": "Same model", "other": "Another model or assistant …"}[way],
            help="Answer again",
            type="tertiary",
            key=f"regenerate-{message.id}",
        )
        if again == "same":
            acts.regenerate(message)
            st.rerun()
        elif again:
            acts.chosen(message, again)
        more = st.menu_button(
            ":material/more_horiz:",
            list(MORE),
            format_func=lambda entry: MORE[entry],
            help="More",
            type="tertiary",
            key=f"more-{message.id}",
        )
        if more:
            acts.chosen(message, more)
        _siblings(message, acts)


def _siblings(message: StoredMessage, acts: MessageActs) -> None:
    """‹ 2/3 ›: the other tries at the same place."""
    if message.sibling_count < 2:
        return
    at = message.sibling_index
    with st.container(horizontal=True, gap=None, width="content", vertical_alignment="center"):
        for step, icon, words, end in (
            (-1, ":material/chevron_left:", "Previous version", at == 1),
            (1, ":material/chevron_right:", "Next version", at == message.sibling_count),
        ):
            if step == 1:
                st.caption(f"{at}/{message.sibling_count}", width="content")
            st.button(
                icon,
                type="tertiary",
                key=f"branch{step}-{message.id}",
                help=words,
                disabled=end,
                on_click=acts.sibling,
                args=(message, step),
            )


def _edit_form(message: StoredMessage, state: ChatState, acts: MessageActs) -> None:
    with st.form(f"edit-form-{message.id}", border=False):
        text = st.text_area("Your question", message.text, key=f"edited-{message.id}", height="content")
        with st.container(horizontal=True, gap="xsmall"):
            send = st.form_submit_button("Ask again", type="primary", icon=":material/send:")
            leave = st.form_submit_button("Cancel")
    if send and text:
        acts.edit(message, text)  # which ends the editing; what could not be asked stays here with its new words
    if leave or (send and not text):
        state.editing = ""
    if send or leave:
        st.rerun()


def _note_form(message: StoredMessage, state: ChatState, acts: MessageActs) -> None:
    with st.form(f"note-form-{message.id}", border=False):
        note = st.text_input("What was good or bad about it? (optional)", max_chars=500, key=f"note-{message.id}")
        with st.container(horizontal=True, gap="xsmall"):
            if st.form_submit_button("Save note"):
                acts.note(message, note or "")
                st.rerun()
            if st.form_submit_button("No note", type="tertiary"):
                state.note_for = ""
                st.rerun()
