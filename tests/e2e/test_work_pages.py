"""Assistants, prompts and models in a real browser, from making one to reading its scorecard."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.chatting import (
    BOX,
    ask,
    at_rest,
    body_of,
    ended,
    last_answer,
    menu,
    messages,
    new_chat,
    open_chat,
    press,
)
from tests.e2e.conftest import WIDE, opened
from tests.e2e.server import Server
from tests.upstreams.server import Upstream

OWN_TOOL = '''
from core.tools.function import changes_something

@changes_something
def deploy_website(environment: str = "staging") -> str:
    """Deploy the website to an environment."""
    return f"deployed to {environment}"
'''


@pytest.fixture(scope="module")
def work_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo models, one provider on loopback that wants a key, and a tool that changes something."""
    with Upstream(required_key="sk-right-canary-4321") as upstream:
        home = tmp_path_factory.mktemp("work")
        (home / "data" / "tools").mkdir(parents=True)
        (home / "data" / "tools" / "deploying.py").write_text(OWN_TOOL, "utf-8")
        (home / "data" / "tools" / "broken.py").write_text("raise ValueError('no *stock* today')", "utf-8")
        variables = {"OPENAI_BASE_URL": f"{upstream.url}/v1", "OPENAI_API_KEY": "sk-wrong-canary-9876"}
        server = Server(home, variables).start()
        yield server
        assert server.stop() in (0, -15), server.log


@pytest.fixture(scope="module")
def tab(profile: BrowserContext, work_server: Server) -> Iterator[Page]:
    """One tab for this whole file: loading the page anew would take most of a test's time."""
    leaves: list[str] = []
    with opened(profile, width=WIDE[0], height=WIDE[1], dark=False, leaves=leaves) as page:
        page.goto(work_server.url)
        yield page
    assert not leaves, f"a page asked another server: {leaves[:5]}"


@pytest.fixture
def page(tab: Page) -> Page:
    return tab


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=label).first
    field.fill(text)
    field.press("Tab")
    expect(field).to_have_value(text)


def view(page: Page, name: str) -> None:
    at_rest(page)
    page.get_by_test_id("stButtonGroup").first.get_by_text(name, exact=True).click()


def test_an_assistant_from_first_word_to_second_version(work_server: Server, page: Page, tmp_path: Path) -> None:
    page.goto(f"{work_server.url}/assistants")
    page.get_by_role("button", name="New assistant").click()
    fill(page, "Name", "Tester <b>x</b>")
    fill(page, "Instructions", "Answer in one sentence.")
    fill(page, "A question", "What is 20 + 22?")
    press(page, "Try")
    expect(page.get_by_text("42").first).to_be_visible()
    press(page, "Save")
    expect(page.get_by_role("heading", name="Tester <b>x</b>")).to_be_visible()
    fill(page, "Instructions", "Answer in two sentences.")
    fill(page, "What changed, and why", "One was too short")
    page.get_by_role("button", name="Save a new version").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    view(page, "Versions")
    expect(page.locator(".st-key-version-2")).to_contain_text("One was too short")
    expect(page.get_by_text("Answer in one sentence.")).to_be_visible()
    expect(page.get_by_text("Answer in two sentences.")).to_be_visible()
    page.locator(".st-key-restore-1 button:visible").click()
    view(page, "Versions")
    expect(page.locator(".st-key-version-3")).to_contain_text("Version 1 restored")
    menu(page, ".st-key-acts-on-this", "Export")
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download as YAML").click()
    download.value.save_as(tmp_path / "assistant.yaml")
    assert "Answer in one sentence." in (tmp_path / "assistant.yaml").read_text("utf-8")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    menu(page, ".st-key-acts-on-this", "Archive")
    cards = page.locator('[class*="st-key-card-"]').filter(has_text="Tester <b>x</b>")
    expect(page.get_by_role("heading", name="Assistants")).to_be_visible()
    expect(cards).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(cards).to_have_count(1)


STRICT = """
plainsight: assistant
format: 1
name: Strict
model: demo/swift
cache: exact
budget_usd: '5'
response_schema:
  type: object
  properties: {answer: {type: string}, sure: {type: boolean}}
  required: [answer, sure]
  additionalProperties: false
"""


def test_json_answers_the_cache_and_the_budget_left_are_seen_in_chat(work_server: Server, page: Page) -> None:
    """An assistant out of a file brings all three."""
    page.goto(f"{work_server.url}/assistants")
    page.get_by_role("button", name="Import …").click()
    file = {"name": "strict.yaml", "mimeType": "application/yaml", "buffer": STRICT.encode()}
    page.get_by_role("dialog").locator("input[type=file]").set_input_files([file])
    press(page.get_by_role("dialog"), "Import")
    expect(page.get_by_role("heading", name="Strict")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Chat").first.click()
    expect(page.locator(".st-key-pick")).to_contain_text("Strict")
    at_rest(page)
    page.get_by_test_id(BOX).fill("How far is the moon?")
    expect(page.locator(".st-key-estimate")).to_contain_text("$5.00 left of")
    page.get_by_test_id(BOX).press("Enter")
    expect(messages(page, "user")).to_have_count(1)
    said = json.loads(body_of(ended(page)))
    assert isinstance(said["answer"], str)
    assert isinstance(said["sure"], bool)
    new_chat(page)
    page.get_by_role("button", name="Strict").click()
    expect(page.locator(".st-key-pick")).to_contain_text("Strict")
    ask(page, "How far is the moon?")
    expect(ended(page).locator('[class*="st-key-receipt-"]')).to_contain_text("cache")
    last_answer(page).get_by_role("button", name="Ask fresh").click()
    expect(last_answer(page)).to_contain_text("2/2")
    expect(ended(page).locator('[class*="st-key-receipt-"]')).not_to_contain_text("cache")
    expect(last_answer(page).get_by_role("button", name="Ask fresh")).to_have_count(0)


def test_a_tool_with_side_effects_waits_for_a_person(work_server: Server, page: Page) -> None:
    page.goto(f"{work_server.url}/assistants")
    page.get_by_role("button", name="New assistant").click()
    fill(page, "Name", "Deployer")
    expect(page.get_by_text("broken.py could not be loaded: ValueError: no *stock* today")).to_be_visible()
    page.get_by_role("combobox", name="Tools it may call").fill("deploy")
    page.get_by_role("option", name="deploy_website").click()
    page.keyboard.press("Escape")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Deployer")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Chat").first.click()
    expect(page.locator(".st-key-pick")).to_contain_text("Deployer")
    at_rest(page)
    for word, told in (("Do not run it", "not"), ("Run it", "deployed to")):
        ask(page, "Please deploy the website to the environment 'production'")
        expect(last_answer(page)).to_contain_text("waits for your approval")
        last_answer(page).get_by_role("button", name=word, exact=True).click()
        answer = ended(page)
        answer.locator("summary").first.click()
        expect(answer).to_contain_text("deploy_website")
        expect(answer).to_contain_text(told)
    assert messages(page, "assistant").count() == 2


def test_a_prompt_becomes_a_form_with_versions_and_a_pin(work_server: Server, page: Page) -> None:
    page.goto(f"{work_server.url}/prompts")
    page.get_by_role("button", name="New prompt").click()
    fill(page, "Name", "Sums")
    fill(page, "Template", "What is {{ left }} + {{ right }}?")
    fill(page, "Left", "20")
    fill(page, "Right", "22")
    expect(page.get_by_text("What is 20 + 22?")).to_be_visible()
    press(page, "Save")
    expect(page.get_by_role("heading", name="Sums")).to_be_visible()
    expect(page.get_by_role("textbox", name="Left").first).to_have_value("20")
    press(page, "Try")
    expect(page.locator('[class*="st-key-receipt-"]')).to_be_visible()
    fill(page, "Template", "Please, what is {{ left }} + {{ right }}?")
    page.get_by_role("button", name="Save a new version").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    view(page, "Versions")
    page.locator(".st-key-pin-1 button:visible").click()
    view(page, "Versions")
    expect(page.locator(".st-key-version-1")).to_contain_text("in production")
    expect(page.get_by_text("+ Please, what is")).to_be_visible()
    view(page, "Scorecard")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    view(page, "Cases")
    page.get_by_role("button", name="New set").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    fill(page, "Left", "1")
    fill(page, "Right", "2")
    press(page, "Add")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_a_provider_is_tested_and_its_key_replaced(work_server: Server, page: Page) -> None:
    page.goto(f"{work_server.url}/models")
    card = page.locator(".st-key-provider-openai")
    expect(card).to_contain_text("9876")
    card.get_by_role("button", name="Test connection").click()
    expect(card).to_contain_text("does not answer")
    card.get_by_role("button", name="Change key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New key").fill("sk-right-canary-4321")
    dialog.get_by_label("New key").press("Tab")
    dialog.get_by_role("button", name="Use it").click()
    expect(card).to_contain_text("4321")
    card.get_by_role("button", name="Test connection").click()
    expect(card.get_by_text("answers", exact=True)).to_be_visible()
    assert "canary" not in page.content()
    assert "canary" not in work_server.log
    view(page, "Models")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    view(page, "Prices")
    page.get_by_role("combobox", name="Model").fill("openai/echo")
    page.get_by_role("option", name="openai/echo").first.click()
    fill(page, "Input, $ per 1M tokens", "2.5")
    fill(page, "Output, $ per 1M tokens", "10")
    page.get_by_role("button", name="Set price").click()
    expect(page.get_by_text("is priced by your own line")).to_be_visible()


def test_a_question_goes_along_to_the_playground(work_server: Server, page: Page) -> None:
    open_chat(page, work_server.url)
    ask(page, "Compare me with others")
    assert body_of(ended(page))
    menu(page, '[class*="st-key-more-"]', "Compare in the playground")
    with page.context.expect_page() as opened:
        page.get_by_role("dialog").get_by_role("link", name="Open the playground").click()
    other = opened.value
    expect(other.locator("#question textarea")).to_have_value("Compare me with others")
