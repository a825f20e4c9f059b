"""Search: every word or phrase, anywhere, in one's own conversations, also after changes and with hostile text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.workspace.answers import Outcome
from core.workspace.message_tree import NewMessage


def ask(workspace, text, title="", user_id="local"):
    conversation = workspace.conversations.create(title or "untitled", user_id=user_id)
    workspace.conversations.add(conversation.id, NewMessage(role="user", text=text), user_id=user_id)
    return conversation.id


def found(workspace, text, user_id="local"):
    return [hit.conversation_id for hit in workspace.conversations.search(text, user_id=user_id)]


def test_words_phrases_and_parts_of_words(workspace):
    first = ask(workspace, "The quick brown fox jumps over the lazy dog")
    second = ask(workspace, "Brownian motion of a fox-like particle; 100% sure")
    assert set(found(workspace, "BROWN fox")) == {first, second}
    assert found(workspace, '"quick brown"') == [first]
    assert found(workspace, "brown quick") == [first]
    assert found(workspace, "ox") == [second, first]
    assert found(workspace, "100%") == [second]
    assert found(workspace, "nothing") == []
    assert found(workspace, "") == []


def test_titles_come_first_and_snippets_show_the_place(workspace):
    said = ask(workspace, "x" * 300 + " a needle in the text " + "y" * 300)
    titled = ask(workspace, "else", title="Needle work")
    hits = workspace.conversations.search("needle")
    assert [hit.conversation_id for hit in hits] == [titled, said]
    assert hits[0].message_id is None
    assert "needle in the text" in hits[1].snippet
    assert len(hits[1].snippet) <= 201


def test_scripts_of_the_world(workspace):
    tokyo = ask(workspace, "東京都に行きました")
    greek = ask(workspace, "Καλημέρα κόσμε")
    assert found(workspace, "京都") == [tokyo]
    assert found(workspace, "東京都") == [tokyo]
    assert found(workspace, "κόσμε") == [greek]


def test_only_ones_own_and_what_was_not_deleted(workspace):
    mine = ask(workspace, "secret plan")
    ask(workspace, "secret plan", user_id="ann")
    assert found(workspace, "secret") == [mine]
    token = workspace.conversations.delete(mine)
    assert found(workspace, "secret") == []
    workspace.conversations.undo(token)
    assert found(workspace, "secret") == [mine]


def test_an_answer_is_found_once_it_ended(workspace):
    conversation = workspace.conversations.create()
    (answer,) = workspace.conversations.add(conversation.id, NewMessage(role="assistant", status="running"))
    workspace.answers.complete(answer, Outcome(status="ok", text="forty-two"))
    assert found(workspace, "forty") == [conversation.id]


@pytest.mark.parametrize(
    "text", ['"', '""', '"unclosed phrase', "a OR b", "NEAR(", "*", "%", "_", "\\", "'; DROP TABLE", "\x00"]
)
def test_operators_are_only_text(workspace, text):
    ask(workspace, "plain words")
    workspace.conversations.search(text)
    assert found(workspace, "plain") != []


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(max_size=20))
def test_any_query_on_any_text(workspace, text, query):
    ask(workspace, text)
    for hit in workspace.conversations.search(query):
        assert "\n" not in hit.snippet
