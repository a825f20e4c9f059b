"""Questions that wait: sent in order by the end of the answer before them, page or no page, and never lost."""

import pytest

from core.chat import Chat
from core.errors import NotFoundError
from core.tools.tools import Tools
from core.workspace.attachments import read_attachment
from core.workspace.workspace import Workspace

NOTE = read_attachment("notes.md", b"# Notes")


def said(workspace, conversation_id):
    return [(message.role, message.text) for message in workspace.conversations.path(conversation_id)]


def test_the_end_of_an_answer_sends_the_next_in_line(chat, ai, workspace):
    here = chat.ask(None, "one").conversation_id
    chat.queue.put(here, "two", attachments=[NOTE], model="demo/sage")
    chat.queue.put(here, "three")
    assert [waiting.text for waiting in chat.queue.of(here)] == ["two", "three"]
    ai.end("eins")
    assert (ai.requests[-1].model, ai.requests[-1].messages[-1].parts[0]) == ("demo/sage", NOTE.part)
    ai.end("zwei", status="cancelled")
    ai.end("drei")
    expected = ["one", "eins", "two", "zwei", "three", "drei"]
    assert [text for _, text in said(workspace, here)] == expected
    assert chat.queue.of(here) == ()
    assert not chat.queue.send_next(here)


def test_what_waits_outlives_the_process_and_is_sent_when_its_chat_is_opened(chat, ai, workspace, facts, tmp_path):
    here = chat.ask(None, "one").conversation_id
    chat.queue.put(here, "two")
    chat.close()
    ai.end("eins")
    assert len(ai.requests) == 1
    workspace.close()
    opened = Workspace.open(tmp_path)
    again = Chat(ai, opened, Tools(), facts)
    assert again.queue.send_next(here)
    assert ai.requests[-1].messages[-1].text == "two"
    assert again.queue.of(here) == ()
    opened.close()


def test_one_is_taken_back_with_its_files(chat, ai):
    here = chat.ask(None, "one").conversation_id
    chat.queue.put(here, "two", attachments=[NOTE])
    (waiting,) = chat.queue.of(here)
    assert chat.queue.take_back(waiting.id) == ("two", (NOTE,))
    ai.end("eins")
    assert len(ai.requests) == 1
    with pytest.raises(NotFoundError):
        chat.queue.take_back(waiting.id)


def test_what_cannot_be_sent_says_why_and_holds_the_line_until_somebody_decides(chat, ai, workspace, png):
    here = chat.ask(None, "one").conversation_id
    chat.queue.put(here, "look", attachments=[png])
    chat.queue.put(here, "three")
    ai.end("eins")
    first, second = chat.queue.of(here)
    assert (first.text, second.text) == ("look", "three")
    assert "cannot read pictures" in first.problem
    assert first.needs_images
    assert not chat.queue.send_next(here)
    chat.queue.give_to(first.id, "demo/sage")
    assert chat.queue.send_next(here)
    assert [waiting.text for waiting in chat.queue.of(here)] == ["three"]


def test_nobody_sees_or_sends_what_another_person_queued(chat):
    here = chat.ask(None, "one").conversation_id
    chat.queue.put(here, "two")
    (waiting,) = chat.queue.of(here)
    assert chat.queue.of(here, user_id="bob") == ()
    with pytest.raises(NotFoundError):
        chat.queue.take_back(waiting.id, user_id="bob")
    assert not chat.queue.send_next(here, user_id="bob")


def test_the_engine_goes_on_by_itself(platform):
    asked = platform.chat.ask(None, "Tell me a story")
    platform.chat.queue.put(asked.conversation_id, "What is 2 + 3?")
    asked.turn.wait(30)
    following = platform.chat.running(asked.conversation_id)
    assert following is None or following.wait(30).status == "ok"
    path = platform.workspace.conversations.path(asked.conversation_id)
    assert [(message.role, message.status) for message in path] == [("user", "ok"), ("assistant", "ok")] * 2
    assert "5" in path[-1].text
