"""Questions that wait: sent in order by the end of the answer before them, page or no page, once and never lost."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.chat import Chat
from core.errors import BudgetError, NotFoundError
from core.tools.tools import Tools
from core.workspace.attachments import read_attachment
from core.workspace.message_tree import NewMessage
from core.workspace.workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]
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


KILLED = """
import os, signal, sys
from core.chat import Chat
from core.tools.tools import Tools
from core.workspace.workspace import Workspace
from tests.core.chat.conftest import Answering, Facts

class Killing(Answering):
    def start(self, request):
        if self.requests:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().start(request)

ai = Killing()
chat = Chat(ai, Workspace.open(sys.argv[1]), Tools(), Facts())
here = chat.ask(None, "one").conversation_id
chat.queue.put(here, "two")
chat.queue.put(here, "three")
ai.end("eins")
"""


def test_a_process_killed_as_it_sends_has_sent_it_once(ai, facts, tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, timeout=60)
    assert done.returncode == -signal.SIGKILL
    workspace = Workspace.open(tmp_path)
    chat = Chat(ai, workspace, Tools(), facts)
    (conversation,) = workspace.conversations.list()
    assert [waiting.text for waiting in chat.queue.of(conversation.id)] == ["three"]
    assert chat.queue.send_next(conversation.id)
    path = workspace.conversations.path(conversation.id)
    assert [message.text for message in path if message.role == "user"] == ["one", "two", "three"]
    assert path[3].status == "interrupted"
    workspace.close()


def test_one_that_is_refused_once_it_was_asked_is_not_asked_again(chat, ai, workspace):
    here = chat.ask(None, "one").conversation_id
    chat.queue.put(here, "two")
    ai.refusal = BudgetError("The budget is spent; raise it.")
    ai.end("eins")
    assert chat.queue.of(here) == ()
    assert workspace.conversations.path(here)[-1].error == "The budget is spent; raise it."


def test_messages_whose_place_in_the_queue_is_gone_are_not_added(chat, workspace):
    here = chat.ask(None, "one").conversation_id
    before = said(workspace, here)
    with pytest.raises(NotFoundError):
        workspace.conversations.add(here, NewMessage(role="user", text="two"), waited_as="gone")
    assert said(workspace, here) == before
