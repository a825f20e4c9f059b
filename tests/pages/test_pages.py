"""The work pages run headless on a platform of their own: what is shown is what is stored."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.platform import Platform, close_shared_platform, shared_platform
from core.workspace.assistants import AssistantDraft
from core.workspace.prompts import PromptDraft
from core.workspace.variables import Variable

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """The process's platform, in an empty folder."""
    close_shared_platform()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    yield shared_platform()
    close_shared_platform()


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "navigation.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page != "chat":
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception
    return app


def test_a_question_is_answered_and_kept(shared: Platform) -> None:
    app = opened("chat")
    app.chat_input[0].set_value("What is 2 + 3?").run()
    (conversation,) = shared.workspace.conversations.list()
    turn = shared.chat.running(conversation.id)
    if turn is not None:
        turn.wait(20)
    app.run()
    question, answer = shared.workspace.conversations.path(conversation.id)
    assert question.text == "What is 2 + 3?"
    assert answer.status == "ok"
    shown = " ".join(block.value for block in app.markdown)
    assert "5" in shown
    assert not app.exception


def test_a_conversation_is_shown_while_the_log_cannot_be_read(shared: Platform) -> None:
    asked = shared.chat.ask(None, "What is 2 + 3?", model="demo/swift")
    asked.turn.wait(30)
    assert opened("chat", conversation=asked.conversation_id).get("feedback")
    shared.ledger.close()
    app = opened("chat", conversation=asked.conversation_id)
    assert "5" in " ".join(block.value for block in app.markdown)
    assert not app.get("feedback")


def test_a_starter_is_asked_by_one_click(shared: Platform) -> None:
    app = opened("chat")
    starter = next(button for button in app.button if button.key == "starter-0")
    starter.click().run()
    (conversation,) = shared.workspace.conversations.list()
    assert shared.workspace.conversations.path(conversation.id)[0].text == starter.label
    assert not app.exception


def test_a_question_that_cannot_be_asked_stays_in_the_box_with_one_sentence(shared: Platform) -> None:
    app = opened("chat")
    app.chat_input[0].set_value("   ").run()
    assert any("Write a question first" in warning.value for warning in app.warning)
    assert not shared.workspace.conversations.list()


def test_an_unknown_address_is_told_in_one_sentence(shared: Platform) -> None:
    app = opened("chat", conversation="nobody")
    assert any("no such conversation" in warning.value for warning in app.warning)


def test_names_are_plain_text_everywhere(shared: Platform) -> None:
    hostile = "**b** ![x](http://nowhere.invalid/x.png) :red[r] <script>1</script>"
    shared.workspace.conversations.create(hostile)
    shared.workspace.assistants.save(AssistantDraft(name=hostile[:80], description=hostile))
    shared.workspace.prompts.save(PromptDraft(name=hostile[:80], description=hostile, text="{{ a }}"))
    for page in ("chat", "assistants", "prompts"):
        app = opened(page)
        written = [block.value for block in app.markdown] + [button.label for button in app.button]
        assert any("\\*\\*b\\*\\*" in text for text in written), page
        assert not any("![x]" in text or ":red[" in text.replace("\\:", "") for text in written), page


def test_a_long_conversation_draws_only_what_is_new(shared: Platform) -> None:
    from core.workspace.message_tree import NewMessage

    conversation = shared.workspace.conversations.create("Long")
    new = [NewMessage(role=role, text=f"{role} {n}") for n in range(250) for role in ("user", "assistant")]
    shared.workspace.conversations.add(conversation.id, *new)
    app = opened("chat", conversation=conversation.id)
    drawn = [block.value for block in app.markdown]
    assert "assistant 249" in drawn
    assert "user 0" not in drawn
    older = next(button for button in app.button if button.key == "older-messages")
    older.click().run()
    assert "user 230" in [block.value for block in app.markdown]


def test_an_assistant_is_made_tried_and_versioned(shared: Platform) -> None:
    app = opened("assistants")
    next(button for button in app.button if button.key == "new-assistant").click().run()
    next(field for field in app.text_input if field.label == "Name").set_value("Careful")
    next(field for field in app.text_area if field.label.startswith("Instructions")).set_value("Be careful.")
    app.run()
    next(button for button in app.button if button.label == "Save").click().run()
    (saved,) = [one for one in shared.workspace.assistants.list() if one.name == "Careful"]
    assert (saved.version, saved.system_prompt) == (1, "Be careful.")
    next(field for field in app.text_area if field.label.startswith("Instructions")).set_value("Be very careful.").run()
    next(button for button in app.button if button.label == "Save a new version").click().run()
    assert shared.workspace.assistants.get(saved.id).version == 2
    assert not app.exception


def test_a_wrong_schema_is_one_sentence(shared: Platform) -> None:
    saved = shared.workspace.assistants.save(AssistantDraft(name="Strict"))
    app = opened("assistants")
    next(button for button in app.button if button.key == f"open-{saved.id}").click().run()
    next(field for field in app.text_area if field.label.startswith("JSON schema")).set_value("{nope").run()
    assert any("not valid JSON" in error.value for error in app.error)
    assert not app.exception


def test_a_prompt_becomes_a_form(shared: Platform) -> None:
    saved = shared.workspace.prompts.save(PromptDraft(name="Greet", text="Hello {{ name }}"))
    app = opened("prompts")
    next(button for button in app.button if button.key == f"open-{saved.id}").click().run()
    next(field for field in app.text_input if str(field.key).endswith("-values-name-text")).set_value("Ada").run()
    assert any("Hello Ada" in block.value for block in app.code)
    assert not app.exception


EVERY_KIND = """{{ who }} {{ story }} {{ count }} {{ tone }} {{ day }} {{ formal }} {{ notes }}"""


def test_every_kind_of_variable_becomes_its_field(shared: Platform) -> None:
    variables = (
        Variable("who", label="Who"),
        Variable("story", "long text", default="Once."),
        Variable("count", "number", default="3"),
        Variable("tone", "choice", choices=("kind", "exact"), default="exact"),
        Variable("day", "date", default="2026-02-01"),
        Variable("formal", "yes/no"),
        Variable("notes", "file"),
    )
    saved = shared.workspace.prompts.save(PromptDraft(name="All", text=EVERY_KIND, variables=variables))
    app = opened("prompts")
    next(button for button in app.button if button.key == f"open-{saved.id}").click().run()
    next(field for field in app.text_input if field.label.startswith("Who")).set_value("Ada").run()
    next(field for field in app.number_input if field.label.startswith("Count")).set_value(4).run()
    next(field for field in app.selectbox if field.label.startswith("Tone")).set_value("kind").run()
    next(field for field in app.toggle if field.label.startswith("Formal")).set_value(True).run()
    app.file_uploader[0].set_value(("notes.md", b"# Notes", "text/markdown")).run()
    assert any(block.value == "Ada Once. 4 kind 2026-02-01 yes # Notes" for block in app.code)
    assert not app.exception


def test_keys_of_providers_are_never_on_the_page(shared: Platform) -> None:
    shared.ai.set_key("openai", "sk-canary-1234567890")
    app = opened("models")
    written = " ".join(str(block.value) for block in [*app.markdown, *app.caption])
    assert "canary" not in written
    assert "7890" in written


def test_history_is_priced_again_only_after_a_look(shared: Platform) -> None:
    shared.chat.ask(None, "Hello", model="demo/swift").turn.wait(30)
    shared.ledger.settle()
    app = opened("models")
    app.segmented_control[0].set_value("Prices").run()
    look = next(button for button in app.button if button.key == "compare-prices")
    look.click().run()
    assert any("Nothing: all 1 calls" in caption.value for caption in app.caption)
    shared.ai.prices.set_price(
        "demo/swift", {"uncached_input": "0.001", "visible_output": "0.001"}, datetime(2020, 1, 1)
    )
    next(button for button in app.button if button.key == "compare-prices").click().run()
    before = shared.ledger.rows("select cost_total from calls")
    next(button for button in app.button if button.key == "apply-prices").click().run()
    shared.ledger.settle()
    assert shared.ledger.rows("select cost_total from calls") != before
    assert not app.exception
