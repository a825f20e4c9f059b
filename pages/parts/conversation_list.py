"""The conversations in the sidebar: new, search, folders, and the list by day, pinned ones first."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.conversations import ConversationSummary
from pages.parts import chat_acts, dialogs
from pages.parts.chat_state import ChatState
from pages.parts.markup import label

EVERYTHING = "All chats"


def draw_list(platform: Platform, state: ChatState) -> None:
    with st.sidebar:
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                "New chat",
                icon=":material/edit_square:",
                type="primary",
                width="stretch",
                shortcut="Ctrl+Shift+O",
                on_click=state.open,
                args=(None,),
                key="new-chat",
            )
        if st.button(
            "Search", icon=":material/search:", width="stretch", type="tertiary", shortcut="Ctrl+K", key="search-chats"
        ):
            search(platform, state)
        _undo(platform, state)
        _folders(platform, state)
        found = platform.workspace.conversations.list(folder=state.folder, limit=state.listed + 1)
        for heading, group in by_day(found[: state.listed], today(), offset()):
            st.caption(heading)
            with st.container(gap=None):
                for conversation in group:
                    _entry(conversation, state)
        if len(found) > state.listed:
            st.button("Show older chats", type="tertiary", on_click=_more, args=(state,), key="older-chats")
        if st.button("Import chats …", icon=":material/upload:", type="tertiary", key="import-chats"):
            dialogs.import_chats(platform, state)
        if not found:
            st.caption("No chats here yet. Ask something: it will be kept here, with a title made from your question.")


def _entry(conversation: ConversationSummary, state: ChatState) -> None:
    here = conversation.id == state.conversation_id
    st.button(
        label(conversation.title, 48),
        type="secondary" if here else "tertiary",
        width="stretch",
        icon=":material/keep:" if conversation.pinned else None,
        key=f"chat-{conversation.id}",
        on_click=state.open,
        args=(conversation.id,),
    )


def _more(state: ChatState) -> None:
    state.listed += 60


def _folders(platform: Platform, state: ChatState) -> None:
    names = list(platform.workspace.conversations.folders())
    if not names:
        state.folder = None
        return
    chosen = st.selectbox(
        "Folder",
        [EVERYTHING, *names],
        index=names.index(state.folder) + 1 if state.folder in names else 0,
        label_visibility="collapsed",
        key="folder-shown",
    )
    state.folder = None if chosen == EVERYTHING else chosen


def _undo(platform: Platform, state: ChatState) -> None:
    if state.undo is None:
        return
    token, title = state.undo
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="undo-box"):
        st.caption(f"Deleted “{label(title, 30)}”", width="stretch")
        if st.button("Undo", key="undo-delete", type="tertiary", icon=":material/undo:"):
            state.undo = None
            platform.workspace.conversations.undo(token)
            state.open(token)
            st.rerun()


def by_day(
    found: Iterable[ConversationSummary], now: date, zone: timezone
) -> list[tuple[str, list[ConversationSummary]]]:
    """Pinned, today, yesterday, this week, this month, older; empty groups are left out."""
    groups: dict[str, list[ConversationSummary]] = {}
    for conversation in found:
        day = conversation.updated_at.replace(tzinfo=UTC).astimezone(zone).date()
        groups.setdefault(_heading(conversation.pinned, now - day), []).append(conversation)
    order = ["Pinned", "Today", "Yesterday", "Last 7 days", "Last 30 days", "Older"]
    return [(name, groups[name]) for name in order if name in groups]


def _heading(pinned: bool, age: timedelta) -> str:
    if pinned:
        return "Pinned"
    if age.days <= 0:
        return "Today"
    if age.days == 1:
        return "Yesterday"
    return "Last 7 days" if age.days < 7 else "Last 30 days" if age.days < 30 else "Older"


def offset() -> timezone:
    """The browser's distance from UTC."""
    minutes = st.context.timezone_offset or 0
    return timezone(timedelta(minutes=-minutes))


def today() -> date:
    return datetime.now(offset()).date()


@st.dialog("Search your chats", width="medium")
def search(platform: Platform, state: ChatState) -> None:
    text = st.text_input(
        "Words in a title, question or answer", live="250ms", icon=":material/search:", key="search-text", type="search"
    )
    if not text or not text.strip():
        st.caption("Every word counts, in any order.")
        return
    try:
        conversations = platform.workspace.conversations
        hits = conversations.search(text)[:12]
    except PlatformError as error:
        st.caption(label(str(error), 300))
        return
    if not hits:
        st.caption("Nothing found. Try fewer or other words.")
    for number, hit in enumerate(hits):
        with st.container(gap=None):
            if st.button(label(hit.title, 70), type="tertiary", key=f"hit-{number}", icon=":material/chat_bubble:"):
                state.open(hit.conversation_id)
                if hit.message_id:
                    chat_acts.show(platform, state, platform.workspace.conversations.message(hit.message_id))
                st.rerun()
            if hit.snippet:
                st.caption(label(hit.snippet, 200))
