"""Exports of other products: ChatGPT's, Claude's and Open WebUI's become conversations, anything else a sentence."""

import io
import json
import zipfile
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidError

CHATGPT = [
    {
        "title": "Tree",
        "create_time": 1700000000.5,
        "current_node": "d",
        "mapping": {
            "r": {"id": "r", "message": None, "parent": None, "children": ["s"]},
            "s": {"message": {"author": {"role": "system"}, "content": {"parts": [""]}}, "parent": "r"},
            "a": {
                "message": {
                    "author": {"role": "user"},
                    "content": {"content_type": "text", "parts": ["Hello", {"asset_pointer": "x"}]},
                    "create_time": 1700000001,
                },
                "parent": "s",
            },
            "b": {
                "message": {
                    "author": {"role": "assistant"},
                    "content": {"parts": ["Old answer"]},
                    "metadata": {"model_slug": "gpt-4"},
                },
                "parent": "a",
            },
            "t": {"message": {"author": {"role": "tool"}, "content": {"parts": ["noise"]}}, "parent": "a"},
            "c": {"message": {"author": {"role": "assistant"}, "content": {"parts": ["New answer"]}}, "parent": "t"},
            "d": {"message": None, "parent": "c"},
        },
    }
]
CLAUDE = [
    {
        "uuid": "u",
        "name": "Poem",
        "created_at": "2025-01-02T03:04:05.678901Z",
        "chat_messages": [
            {
                "uuid": "1",
                "sender": "human",
                "text": "Write",
                "attachments": [{"file_name": "a.txt", "extracted_content": "inside"}],
            },
            {
                "uuid": "2",
                "sender": "assistant",
                "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Roses"}],
            },
        ],
    }
]
WEBUI = [
    {
        "id": "w",
        "title": "Local",
        "chat": {
            "history": {
                "currentId": "3",
                "messages": {
                    "1": {"id": "1", "parentId": None, "role": "user", "content": "Hi", "timestamp": 1700000000},
                    "2": {"id": "2", "parentId": "1", "role": "assistant", "content": "Yo", "model": "llama3"},
                    "3": {"id": "3", "parentId": "1", "role": "assistant", "content": "Hey", "model": "phi"},
                },
            }
        },
    }
]


def said(workspace, conversation):
    return [message.text for message in workspace.conversations.path(conversation.id)]


def test_other_products_exports(workspace):
    (tree,) = workspace.conversations.import_(json.dumps(CHATGPT).encode())
    assert said(workspace, tree) == ["Hello\n\n[an attachment that was not exported]", "New answer"]
    answer = workspace.conversations.path(tree.id)[1]
    assert (answer.sibling_count, tree.created_at) == (2, datetime(2023, 11, 14, 22, 13, 20, 500000))
    (poem,) = workspace.conversations.import_(json.dumps(CLAUDE).encode())
    assert (poem.title, poem.created_at) == ("Poem", datetime(2025, 1, 2, 3, 4, 5, 678901))
    assert said(workspace, poem) == ["Write\n\n[attached: a.txt]\ninside", "Roses"]
    (local,) = workspace.conversations.import_(json.dumps(WEBUI).encode())
    assert said(workspace, local) == ["Hi", "Hey"]
    assert workspace.conversations.path(local.id)[1].model == "phi"


def test_a_zip_with_conversations_in_it(workspace):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("export/conversations.json", json.dumps(CHATGPT + CLAUDE))
    assert len(workspace.conversations.import_(out.getvalue())) == 2


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["mapping", "message", "author", "role", "content", "parts", "parent", "chat", "history"])
        | st.sampled_from(["messages", "currentId", "parentId", "chat_messages", "sender", "text", "uuid", "title"]),
        inner, max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain)
def test_any_json_ends_in_conversations_or_a_sentence(workspace, found):
    try:
        workspace.conversations.import_(json.dumps(found).encode())
    except InvalidError as refused:
        message = str(refused)
        assert message
