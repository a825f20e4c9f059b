"""Chat: rows exist from the start, are completed without a page, and never lose what was said."""

import pytest

from core.chat import Chat
from core.errors import BudgetError, InvalidError, NotFoundError
from core.events import Step, TurnView
from core.tools.tools import Tools
from core.workspace.assistants import AssistantDraft
from core.workspace.workspace import Workspace


class Answering:
    """Speaks AIService's interface; a test decides when and how a turn ends."""

    def __init__(self):
        self.requests = []
        self.refusal = None

    def start(self, request):
        if self.refusal:
            raise self.refusal
        self.requests.append(request)
        return request.turn_id

    def end(self, text, status="ok", **rest):
        request = self.requests[-1]
        request.on_end(TurnView(request.turn_id, status, request.model, text=text, **rest))

    def running(self, conversation_id):
        return None

    def default_model(self):
        return "demo/swift"


class Facts:
    def __init__(self):
        self.facts = []

    def submit(self, fact):
        self.facts.append(fact)


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.open(tmp_path)
    yield workspace
    workspace.close()


@pytest.fixture
def ai():
    return Answering()


@pytest.fixture
def facts():
    return Facts()


@pytest.fixture
def chat(ai, workspace, facts):
    return Chat(ai, workspace, Tools(), facts)


def shown(workspace, conversation_id):
    return [(message.role, message.text, message.status) for message in workspace.conversations.path(conversation_id)]


def test_the_answer_row_exists_from_the_start_and_is_completed_without_a_page(chat, ai, workspace):
    asked = chat.ask(None, "What is a turn?")
    assert shown(workspace, asked.conversation_id) == [("user", "What is a turn?", "ok"), ("assistant", "", "running")]
    steps = (Step("1", "clock", "{}", "noon", 0.1),)
    ai.end("One question and its answer.", steps=steps, reasoning="hm")
    answer = workspace.conversations.path(asked.conversation_id)[-1]
    assert (answer.text, answer.status, answer.steps) == ("One question and its answer.", "ok", steps)
    assert answer.turn_id == asked.turn
    assert workspace.conversations.get(asked.conversation_id).title == "What is a turn?"


def test_history_goes_along_and_branches_do_not_mix(chat, ai, workspace):
    asked = chat.ask(None, "one")
    ai.end("eins")
    chat.ask(asked.conversation_id, "two")
    ai.end("zwei")
    assert [message.text for message in ai.requests[-1].messages] == ["one", "eins", "two"]
    chat.edit(asked.user_message_id, "uno")
    ai.end("un")
    assert [message.text for message in ai.requests[-1].messages] == ["uno"]
    again = chat.regenerate(asked.answer_message_id, model="demo/sage")
    ai.end("ein")
    assert [message.text for message in ai.requests[-1].messages] == ["one"]
    assert ai.requests[-1].model == "demo/sage"
    answer = workspace.conversations.message(again.answer_message_id)
    assert answer.siblings == (asked.answer_message_id, again.answer_message_id)


def test_an_assistant_brings_its_instructions_and_version(chat, ai, workspace):
    made = workspace.assistants.save(
        AssistantDraft(name="Poet", model="demo/sage", system_prompt="Rhyme.", temperature=0.9, max_tokens=50)
    )
    asked = chat.ask(None, "Hello", assistant_id=made.id)
    ai.end("Mellow")
    request = ai.requests[-1]
    assert [(message.role, message.text) for message in request.messages] == [("system", "Rhyme."), ("user", "Hello")]
    assert (request.model, request.parameters.temperature, request.parameters.max_tokens) == ("demo/sage", 0.9, 50)
    assert (request.context.assistant_id, request.context.assistant_version) == (made.id, 1)
    chat.ask(asked.conversation_id, "More")
    assert ai.requests[-1].context.assistant_id == made.id


def test_a_refusal_is_kept_in_its_row(chat, ai, workspace):
    ai.refusal = BudgetError("The budget is spent; raise it.")
    with pytest.raises(BudgetError):
        chat.ask(None, "Hello")
    (conversation,) = workspace.conversations.list()
    answer = workspace.conversations.path(conversation.id)[-1]
    assert (answer.status, answer.error, answer.error_kind) == ("refused", "The budget is spent; raise it.", "budget")


def test_what_a_dead_process_left_running_is_interrupted(chat, ai, workspace, facts):
    asked = chat.ask(None, "Hello")
    Chat(ai, workspace, Tools(), facts)
    answer = workspace.conversations.message(asked.answer_message_id)
    assert (answer.status, answer.error_kind) == ("interrupted", "interrupted")
    ai.end("too late")
    assert workspace.conversations.message(asked.answer_message_id).text == ""


def test_feedback_is_a_fact_about_ones_own_turn(chat, ai, facts):
    asked = chat.ask(None, "Hello")
    ai.end("Hi")
    chat.feedback(asked.turn, 1, "friendly")
    assert (facts.facts[0].value, facts.facts[0].note, facts.facts[0].turn_id) == (1, "friendly", asked.turn)
    with pytest.raises(NotFoundError):
        chat.feedback(asked.turn, 1, user_id="bob")
    with pytest.raises(InvalidError):
        chat.feedback(asked.turn, 5)


def test_an_empty_question_is_not_asked(chat, workspace):
    with pytest.raises(InvalidError):
        chat.ask(None, "  ")
    assert workspace.conversations.list() == []
