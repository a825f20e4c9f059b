"""Conversations out and in again: the same tree comes back; Markdown and PDF show the branch that is shown."""

import dataclasses
import io
import json
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


WORLD = "你好 こんにちは 한국어 مرحبا שלום नमस्ते สวัสดี 👩\u200d🚀 🇩🇪 ❤️"


def test_a_pdf_shows_every_letter_or_says_that_it_does_not(workspace):
    store = workspace.conversations
    conversation = store.create(WORLD)
    store.add(conversation.id, NewMessage(role="user", text=f"{WORLD} {{}}"))
    read = pypdf.PdfReader(io.BytesIO(store.export(conversation.id, "pdf")))
    text = "".join("".join(page.extract_text() for page in read.pages).split())
    if "\u25a1" in text or "[" in text:
        assert "noglyphinthefontsofthisinstallation" in text
    else:
        assert "你好" in text
    for word in WORLD.split():
        assert word in store.export(conversation.id, "markdown").decode()
