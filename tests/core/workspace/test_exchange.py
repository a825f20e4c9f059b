"""Conversations out and in again: the same tree comes back; other products' exports are read; nothing else is."""

import dataclasses
import hashlib
import io
import json
import zipfile
from datetime import datetime
from decimal import Decimal

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidError
from core.events import AttemptReceipt, Notice, Receipt, Step, Usage
from core.workspace.attachments import read_attachment
from core.workspace.history import keep_attachment
from core.workspace.message_tree import NewMessage
from core.workspace.plain_text import clean
from core.workspace.receipts import receipt_to_json

USAGE = Usage(uncached_input=100, cache_read=900, visible_output=310, source="provider")
ATTEMPT = AttemptReceipt("c1", "demo/sage", "demo", "ok", 1, 0, None, None, 200, 0.4, 4.2, USAGE, Decimal("0.0041"))
RECEIPT = Receipt(
    turn_id="t1",
    status="ok",
    requested_model="demo/swift",
    served_model="demo/sage",
    provider="demo",
    attempts=(ATTEMPT,),
    usage=USAGE,
    cost=Decimal("0.0041"),
    price_source="price book 2026-11-01",
    ttft_s=0.4,
    total_s=4.2,
    tokens_per_s=71.0,
    finish_reason="stop",
)


def full_tree(workspace):
    store = workspace.conversations
    conversation = store.create("Grüße aus 東京", folder="Work", model="demo/swift")
    kept = keep_attachment(workspace.files, read_attachment("notes.md", b"# Notes"))
    asked, first = store.add(
        conversation.id,
        NewMessage(role="user", text="Q <script>alert(1)</script>", attachments=(kept,)),
        NewMessage(role="assistant", text="A1", status="error", error="It broke off.", error_kind="truncated"),
    )
    store.add(
        conversation.id,
        NewMessage(
            role="assistant",
            text="**A2** → ∑ Ελληνικά",
            reasoning="hm",
            steps=(Step("1", "calculator", '{"expression": "1+1"}', "2", 0.01),),
            notices=(Notice("fallback", "Asked another model."),),
            receipt_json=receipt_to_json(RECEIPT),
            turn_id="t1",
            model="demo/sage",
            assistant_id="a",
            assistant_version=3,
        ),
        parent_id=asked,
    )
    store.pin(conversation.id)
    return conversation.id, first


def everything(workspace, conversation_id):
    """The tree without its ids: every path from a root, as what was said."""
    export = json.loads(workspace.conversations.export(conversation_id, "json"))
    order = {message["id"]: number for number, message in enumerate(export["messages"])}
    for message in export["messages"]:
        message["parent"] = order.get(message["parent"])
        message["id"] = order[message["id"]]
    export["shown"] = order.get(export["shown"])
    return export


def test_export_and_import_give_the_same_conversation(workspace):
    id, _ = full_tree(workspace)
    (back,) = workspace.conversations.import_(workspace.conversations.export(id, "json"))
    assert back.id != id
    assert everything(workspace, back.id) == everything(workspace, id)
    shown = workspace.conversations.path(back.id)
    assert shown[-1].receipt == RECEIPT
    assert shown[-1].sibling_count == 2
    assert workspace.files.read(shown[0].attachments[0].sha256) == b"# Notes"


texts = st.text(max_size=60)
drawn = st.builds(
    NewMessage,
    role=st.sampled_from(["user", "assistant", "system"]),
    text=texts,
    reasoning=texts,
    status=st.sampled_from(["ok", "error", "cancelled", "interrupted"]),
    error=st.none() | texts,
    model=st.sampled_from(["", "demo/swift"]),
    steps=st.lists(st.builds(Step, texts, texts, texts, st.none() | texts), max_size=2).map(tuple),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=texts, tree=st.lists(st.tuples(drawn, st.integers(0, 30)), max_size=12))
def test_any_tree_survives_the_round_trip(workspace, title, tree):
    store = workspace.conversations
    conversation = store.create(title)
    ids = []
    for message, above in tree:
        parent = ids[above % len(ids)] if ids and above else None
        message = dataclasses.replace(
            message, steps=tuple(dataclasses.replace(step, name=clean(step.name)) for step in message.steps)
        )
        ids += store.add(conversation.id, message, parent_id=parent)
    (back,) = store.import_(store.export(conversation.id, "json"))
    assert everything(workspace, back.id) == everything(workspace, conversation.id)


def test_markdown_and_pdf_show_the_branch_that_is_shown(workspace):
    id, first = full_tree(workspace)
    written = workspace.conversations.export(id, "markdown").decode()
    assert written.startswith("# Grüße aus 東京\n\n## You · ")
    assert "**A2** → ∑ Ελληνικά" in written
    assert "asked demo/swift, answered by demo/sage · 1,000 in · 310 out · $0.0041" in written
    assert "A1" not in written
    read = pypdf.PdfReader(io.BytesIO(workspace.conversations.export(id, "pdf")))
    text = "\n".join(page.extract_text() for page in read.pages)
    assert "**A2** → ∑ Ελληνικά" in text
    assert "Grüße aus" in text
    workspace.conversations.set_leaf(id, first)
    assert "It broke off." in workspace.conversations.export(id, "markdown").decode()
    with pytest.raises(InvalidError):
        workspace.conversations.export(id, "exe")


def test_a_pdf_of_hostile_text(workspace):
    store = workspace.conversations
    conversation = store.create("x")
    for text in ("\u202e\x00\ud800🎉" * 50, "x" * 20_000, "\n" * 500, ">" * 3000, "\t" * 100, "‮מה נשמע"):
        store.add(conversation.id, NewMessage(role="user", text=text))
    assert store.export(conversation.id, "pdf").startswith(b"%PDF")


def test_what_a_pdf_has_no_letter_for_is_named_or_boxed_and_told_of(workspace):
    store = workspace.conversations
    conversation = store.create("Launch 🚀")
    store.add(conversation.id, NewMessage(role="user", text="\U00013080 and 👩\u200d🚀"))
    read = pypdf.PdfReader(io.BytesIO(store.export(conversation.id, "pdf")))
    text = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert "Launch [rocket]" in text
    assert "□ and [woman][rocket]" in text
    assert "4 characters have no glyph in the fonts of this installation (U+1F680, U+13080, U+1F469)" in text


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


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("conversations.json", b" " * (150 * 2**20))
    return out.getvalue()


OWN = {"plainsight": "conversation", "format": 1, "title": "x"}
MESSAGE = {"id": "1", "role": "user", "text": "x"}
X = hashlib.sha256(b"x").hexdigest()
REF = {"sha256": X, "name": "x.png", "media_type": "image/png", "kind": "image", "size": 1}
FILE = {"name": "x", "media_type": "image/png", "base64": "eA=="}
REFUSED = {
    "empty": b"",
    "text": b"hello",
    "nothing": b"[]",
    "number": b"[1]",
    "other": b'{"a": 1}',
    "deep": b"[" * 100_000,
    "nan": b'{"plainsight": NaN}',
    "huge number": b'{"a": ' + b"9" * 10_000 + b"}",
    "infinite": b'{"a": 1e999}',
    "doubled": b'{"plainsight": "conversation", "plainsight": "conversation"}',
    "unknown entry": json.dumps({**OWN, "run": "rm"}).encode(),
    "unknown in message": json.dumps({**OWN, "messages": [{**MESSAGE, "x": 1}]}).encode(),
    "wrong kind": json.dumps({**OWN, "messages": [{**MESSAGE, "text": 5}]}).encode(),
    "wrong role": json.dumps({**OWN, "messages": [{**MESSAGE, "role": "root"}]}).encode(),
    "same id twice": json.dumps({**OWN, "messages": [MESSAGE, MESSAGE]}).encode(),
    "circle": json.dumps(
        {**OWN, "messages": [{**MESSAGE, "parent": "2"}, {**MESSAGE, "id": "2", "parent": "1"}]}
    ).encode(),
    "self": json.dumps({**OWN, "messages": [{**MESSAGE, "parent": "1"}]}).encode(),
    "damaged file": json.dumps(
        {**OWN, "files": {"../../x": {"name": "x", "media_type": "a/b", "base64": "eA=="}}}
    ).encode(),
    "attachment not there": json.dumps({**OWN, "messages": [{**MESSAGE, "attachments": [REF]}]}).encode(),
    "no picture": json.dumps({**OWN, "messages": [{**MESSAGE, "attachments": [REF]}], "files": {X: FILE}}).encode(),
    "later format": json.dumps({**OWN, "format": 2}).encode(),
    "zip": b"PK\x03\x04nonsense",
    "zip bomb": bomb(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_export_changes_nothing(workspace, name):
    with pytest.raises(InvalidError) as refused:
        workspace.conversations.import_(REFUSED[name])
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 300
    assert workspace.conversations.list() == []


def test_one_bad_conversation_among_good_ones_leaves_nothing_behind(workspace):
    with pytest.raises(InvalidError):
        workspace.conversations.import_(
            json.dumps([*CLAUDE, {**OWN, "messages": [{**MESSAGE, "parent": "1"}]}]).encode()
        )
    assert workspace.conversations.list() == []


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
