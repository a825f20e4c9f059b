"""Chat: rows exist from the start, are completed without a page, and never lose what was said."""

from decimal import Decimal

import pytest

from core.chat import Chat
from core.errors import BudgetError, InvalidError, NotFoundError, UnsupportedError
from core.events import Step
from core.ledger.words import CallPayload
from core.messages import DocumentPart, ImagePart
from core.settings import load_settings
from core.tools.tools import Tools
from core.workspace.assistants import AssistantDraft
from core.workspace.attachments import read_attachment
from core.workspace.prompts import PromptDraft
from core.workspace.variables import Variable


def shown(workspace, conversation_id):
    return [(message.role, message.text, message.status) for message in workspace.conversations.path(conversation_id)]


def test_the_answer_row_exists_from_the_start_and_is_completed_without_a_page(chat, ai, workspace):
    asked = chat.ask(None, "What is a turn?")
    assert shown(workspace, asked.conversation_id) == [("user", "What is a turn?", "ok"), ("assistant", "", "running")]
    steps = (Step("1", "clock", "{}", "noon", 0.1),)
    ai.end("One question and its answer.", steps=steps, reasoning="hm")
    answer = workspace.conversations.path(asked.conversation_id)[-1]
    assert (answer.text, answer.status, answer.steps) == ("One question and its answer.", "ok", steps)
    assert answer.turn_id == asked.turn.id
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
    chat.feedback(asked.turn.id, 1, "friendly")
    assert (facts.facts[0].value, facts.facts[0].note, facts.facts[0].turn_id) == (1, "friendly", asked.turn.id)
    with pytest.raises(NotFoundError):
        chat.feedback(asked.turn.id, 1, user_id="bob")
    with pytest.raises(InvalidError):
        chat.feedback(asked.turn.id, 5)


def test_an_empty_question_is_not_asked(chat, workspace):
    with pytest.raises(InvalidError):
        chat.ask(None, "  ")
    assert workspace.conversations.list() == []


def test_attachments_are_kept_and_read_back_for_the_next_question(chat, ai, workspace, png):
    document = read_attachment("notes.md", b"# Notes")
    asked = chat.ask(None, "Look", attachments=[document, png], model="demo/sage")
    ai.end("I see")
    chat.ask(asked.conversation_id, "And now?", model="demo/sage")
    first, _, last = ai.requests[-1].messages
    assert isinstance(first.parts[0], DocumentPart)
    assert first.parts[0].text == "# Notes"
    assert isinstance(first.parts[1], ImagePart)
    assert first.parts[1] == png.part
    assert last.text == "And now?"
    stored = workspace.conversations.path(asked.conversation_id)[0]
    assert [(ref.name, ref.kind) for ref in stored.attachments] == [("notes.md", "document"), ("red.png", "image")]
    assert workspace.files.read(stored.attachments[0].sha256) == b"# Notes"


def test_a_model_that_cannot_see_is_refused_before_anything_is_written(chat, workspace, png):
    with pytest.raises(UnsupportedError, match="choose one that can: demo/sage"):
        chat.ask(None, "Look", attachments=[png])
    assert workspace.conversations.list() == []


def test_a_conversation_longer_than_the_context_loses_its_oldest_messages_and_says_so(chat, ai, workspace):
    asked = chat.ask(None, "a" * 400)
    ai.end("b" * 400)
    ai.window = 1000
    again = chat.ask(asked.conversation_id, "c" * 300)
    assert [message.text[0] for message in ai.requests[-1].messages] == ["c"]
    ai.end("d")
    (notice,) = workspace.conversations.message(again.answer_message_id).notices
    assert notice.text.startswith("The oldest 2 messages were left out")


def test_the_estimate_is_of_the_request_that_would_be_sent(chat, ai):
    asked = chat.ask(None, "one")
    ai.end("eins")
    foreseen = chat.request_for(asked.conversation_id, "two")
    chat.ask(asked.conversation_id, "two")
    assert foreseen.messages == ai.requests[-1].messages


def test_an_assistants_prompt_becomes_its_instructions(chat, ai, workspace):
    draft = PromptDraft(name="Tone", text="Be {{ tone }}.", variables=(Variable("tone", default="kind"),))
    prompt = workspace.prompts.save(draft)
    made = workspace.assistants.save(AssistantDraft(name="A", system_prompt="Help.", prompt_id=prompt.id))
    chat.ask(None, "Hello", assistant_id=made.id)
    request = ai.requests[-1]
    assert request.messages[0].text == "Help.\n\nBe kind."
    assert (request.context.prompt_id, request.context.prompt_version) == (prompt.id, 1)


def test_what_the_log_kept_of_an_interrupted_answer_comes_back(chat, ai, workspace, facts):
    asked = chat.ask(None, "Hello")
    facts.payloads[asked.turn.id] = [CallPayload([], None), CallPayload([], {"text": "Half an"})]
    Chat(ai, workspace, Tools(), facts)
    assert workspace.conversations.message(asked.answer_message_id).text == "Half an"


def test_a_cut_answer_is_continued_below_itself(chat, ai, workspace):
    asked = chat.ask(None, "Tell")
    ai.end("Once upon", status="cancelled")
    chat.continue_(asked.answer_message_id)
    assert [message.text for message in ai.requests[-1].messages][:2] == ["Tell", "Once upon"]


def test_a_real_turn_ends_its_row_before_its_watcher_sees_the_end(platform):
    asked = platform.chat.ask(None, "Say hello")
    view = asked.turn.wait(30)
    answer = platform.workspace.conversations.message(asked.answer_message_id)
    assert (view.status, answer.status) == ("ok", "ok")
    assert answer.text == view.text != ""
    assert answer.receipt == view.receipt
    platform.ledger.settle()
    assert [payload.response["text"] for payload in platform.ledger.payloads_of(asked.turn.id)] == [answer.text]


def test_an_assistants_own_budget_stops_its_answers(platform):
    draft = AssistantDraft(name="Dear", model="demo/swift", budget_usd=Decimal("0.0000001"))
    made = platform.workspace.assistants.save(draft)
    platform.chat.ask(None, "Hello", assistant_id=made.id).turn.wait(30)
    asked = platform.chat.ask(None, "Hello again", assistant_id=made.id)
    assert asked.turn.wait(30).status == "refused"
    answer = platform.workspace.conversations.message(asked.answer_message_id)
    assert (answer.status, answer.error_kind) == ("refused", "budget")


def test_a_file_that_is_gone_is_named_in_its_place(chat, ai, tmp_path):
    asked = chat.ask(None, "Look", attachments=[read_attachment("notes.md", b"# Notes")])
    ai.end("I see")
    for path in (tmp_path / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    chat.ask(asked.conversation_id, "And now?")
    assert ai.requests[-1].messages[0].text == "[The file notes.md is no longer kept.]Look"


def test_what_tools_said_earlier_goes_along_while_there_are_tools(ai, workspace, facts):
    chat = Chat(ai, workspace, Tools.open(load_settings(_env_file=None), usage=lambda days: ""), facts)
    made = workspace.assistants.save(AssistantDraft(name="Counting", tools=("calculator",)))
    asked = chat.ask(None, "6 * 7?", assistant_id=made.id)
    steps = (
        Step("1", "calculator", '{"expression": "6*7"}', "4" * 9_000, 0.1),
        Step("1", "calculator", "not JSON", "x", 0.1),
        Step("2", "calculator", "", None, 0.1, "It failed."),
        Step("3", "calculator", "{}"),
    )
    ai.end("42", steps=steps)
    chat.ask(asked.conversation_id, "Sure?")
    question, calls, result, failure, answer, _ = ai.requests[-1].messages
    assert (question.role, answer.text) == ("user", "42")
    assert [call.arguments for call in calls.tool_calls] == ['{"expression": "6*7"}', "{}"]
    assert [result.tool_call_id, failure.tool_call_id] == [call.id for call in calls.tool_calls]
    assert result.text == "4" * 4_000 + "\n[5,000 more characters are left out here.]"
    assert failure.text == "Error: It failed."
    ai.end("Yes")
    chat.ask(asked.conversation_id, "And now?", assistant_id="")
    assert [message.role for message in ai.requests[-1].messages] == ["user", "assistant"] * 2 + ["user"]
