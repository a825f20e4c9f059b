"""The chat page's dialogs: titles and folders, export and import, test cases, other models, code to take along."""

from datetime import UTC
from functools import partial

import streamlit as st

from core.errors import PlatformError
from core.platform import Platform
from core.workspace.case_files import NewCase
from core.workspace.conversations import Conversation, Format
from core.workspace.message_tree import StoredMessage
from pages.parts import snippets
from pages.parts.chat_acts import follow
from pages.parts.chat_state import ChatState
from pages.parts.curl import curl
from pages.parts.links import PLAYGROUND
from pages.parts.markup import label
from pages.parts.model_names import askable
from pages.parts.namesakes import NOBODY, choices

FORMATS: dict[Format, tuple[str, str, str]] = {
    "markdown": ("Markdown", "md", "text/markdown"),
    "json": ("JSON", "json", "application/json"),
    "pdf": ("PDF", "pdf", "application/pdf"),
}


def on_conversation(platform: Platform, state: ChatState, conversation: Conversation, chosen: str) -> None:
    """One entry of the chat's menu."""
    conversations = platform.workspace.conversations
    if chosen in ("pin", "unpin"):
        conversations.pin(conversation.id, chosen == "pin")
        st.rerun()
    if chosen == "delete":
        state.undo = (conversations.delete(conversation.id), conversation.title)
        state.open(None)
        st.rerun()
    if chosen == "fork" and conversation.leaf_id:
        state.open(conversations.fork(conversation.id, conversation.leaf_id).id)
        st.rerun()
    if chosen == "details":
        details(platform, conversation)
    if chosen == "export":
        export(platform, conversation)
    if chosen == "import":
        import_chats(platform, state)


def on_message(platform: Platform, state: ChatState, message: StoredMessage, chosen: str) -> None:
    """One entry of an answer's menus."""
    if chosen == "fork":
        conversations = platform.workspace.conversations
        state.open(conversations.fork(message.conversation_id, message.id).id)
        st.rerun()
    if chosen == "case":
        test_case(platform, message)
    if chosen == "compare":
        compare(platform, message)
    if chosen == "python":
        as_code(platform, message)
    if chosen == "link":
        link(message)
    if chosen == "other":
        ask_other(platform, state, message)


def _failed(error: PlatformError) -> None:
    st.error(label(str(error), 400), icon=":material/error:")


@st.dialog("Title and folder")
def details(platform: Platform, conversation: Conversation) -> None:
    title = st.text_input("Title", conversation.title, max_chars=120, key="chat-title-input")
    folders = list(platform.workspace.conversations.folders())
    known = [*dict.fromkeys([*folders, *([conversation.folder] if conversation.folder else [])])]
    folder = st.selectbox(
        "Folder",
        known,
        index=known.index(conversation.folder) if conversation.folder else None,
        accept_new_options=True,
        placeholder="None. Choose one, or type a new name",
        key="chat-folder-input",
    )
    if st.button("Save", type="primary", key="save-details"):
        try:
            platform.workspace.conversations.rename(conversation.id, title or "")
            platform.workspace.conversations.move(conversation.id, folder)
        except PlatformError as error:
            _failed(error)
            return
        st.rerun()


@st.dialog("Export this chat")
def export(platform: Platform, conversation: Conversation) -> None:
    st.caption("JSON can be imported again, branches and receipts included.")
    st.caption("A PDF shows the letters that this machine has fonts for, and names those that it has not.")
    name = "".join(letter if letter.isalnum() else "-" for letter in conversation.title)[:50].strip("-") or "chat"
    for kind, (words, ending, media_type) in FORMATS.items():
        st.download_button(
            words,
            partial(platform.workspace.conversations.export, conversation.id, kind),
            file_name=f"{name}.{ending}",
            mime=media_type,
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            key=f"export-{kind}",
        )


@st.dialog("Import chats")
def import_chats(platform: Platform, state: ChatState) -> None:
    st.caption("A chat exported here, or the export file of ChatGPT, Claude or Open WebUI.")
    file = st.file_uploader("File", key="import-file", label_visibility="collapsed")
    if file is None:
        return
    if st.button("Import", type="primary", key="import-now"):
        try:
            conversations = platform.workspace.conversations
            found = conversations.import_(file.getvalue())
        except PlatformError as error:
            _failed(error)
            return
        if found:
            state.open(found[0].id)
        st.rerun()


@st.dialog("Make a test case", width="medium")
def test_case(platform: Platform, message: StoredMessage) -> None:
    st.caption("A question with what a good answer says; experiments run over sets of them.")
    datasets = {dataset.id: dataset for dataset in platform.workspace.datasets.list()}
    called = choices("New set of cases", datasets.values())
    ids = [*datasets, ""]
    chosen = st.selectbox("Set", ids, format_func=called.__getitem__, key="case-set")
    name = st.text_input("Its name", "From chats", max_chars=120, key="case-set-name") if not chosen else ""
    question = _question(platform, message)
    asked = st.text_area("Question", question, key="case-question", height=120)
    expected = st.text_area("What a good answer says (optional)", message.text, key="case-expected", height=160)
    if st.button("Save the case", type="primary", key="save-case"):
        try:
            dataset = datasets[chosen] if chosen else platform.workspace.datasets.create(name or "From chats")
            case = NewCase(
                variables={"question": asked or ""},
                expected=expected or None,
                note="From a chat",
                turn_id=message.turn_id,
            )
            platform.workspace.datasets.add(dataset.id, [case])
        except PlatformError as error:
            _failed(error)
            return
        st.toast(f"Saved in “{label(dataset.name, 60)}”", icon=":material/check:")
        st.rerun()


def _question(platform: Platform, message: StoredMessage) -> str:
    if message.parent_id is None:
        return ""
    return platform.workspace.conversations.message(message.parent_id).text


@st.dialog("Compare in the playground", width="medium")
def compare(platform: Platform, message: StoredMessage) -> None:
    st.markdown("Put the same question to several models side by side, blind if you like.")
    question = _question(platform, message)
    st.code(question[:4000], language=None, wrap_lines=True)
    st.link_button(
        "Open the playground",
        snippets.playground_link(PLAYGROUND, platform, question, message),
        icon=":material/compare_arrows:",
        type="primary",
    )


@st.dialog("Take it along as code", width="large")
def as_code(platform: Platform, message: StoredMessage) -> None:
    kind = st.segmented_control("Language", ["Python", "curl"], default="Python", required=True, key="snippet-kind")
    try:
        request = platform.chat.request_behind(message.id)
        text = snippets.python(platform, request) if kind == "Python" else curl(platform, request)
    except PlatformError as error:
        _failed(error)
        return
    st.code(text, language="python" if kind == "Python" else "bash", wrap_lines=True)


@st.dialog("Link to this answer")
def link(message: StoredMessage) -> None:
    base = (st.context.url or "").split("?")[0].rstrip("/")
    st.code(f"{base}?turn={message.turn_id}", language=None, wrap_lines=True)
    asked = message.created_at.replace(tzinfo=UTC)
    st.caption(f"Answered {asked:%Y-%m-%d %H:%M} UTC · turn {label(message.turn_id or '', 60)}")


@st.dialog("Ask again")
def ask_other(platform: Platform, state: ChatState, message: StoredMessage) -> None:
    models = askable(platform)
    assistants = {assistant.id: assistant for assistant in platform.workspace.assistants.list()}
    called = choices(NOBODY, assistants.values())
    current = message.assistant_id if message.assistant_id in assistants else ""
    assistant_id = st.selectbox(
        "Assistant",
        list(called),
        index=list(called).index(current or ""),
        format_func=called.__getitem__,
        key="other-assistant",
    )
    ids = [*models] if not assistant_id else ["", *models]
    model = st.selectbox(
        "Model",
        ids,
        format_func=lambda id: models[id] if id else "The assistant's own",
        key="other-model",
    )
    st.caption("The new answer stands beside the old one; walk between them with ‹ ›.")
    if st.button("Ask", type="primary", icon=":material/refresh:", key="ask-other"):
        try:
            asked = platform.chat.regenerate(message.id, model=model or None, assistant_id=assistant_id or "")
        except PlatformError as error:
            _failed(error)
            return
        follow(state, asked.conversation_id)
        st.rerun()
