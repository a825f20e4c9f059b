"""An assistant's fallbacks, sharing, copies, versions and archive, in a real browser on models that fail and answer."""

import json

from playwright.sync_api import Page, expect

from tests.e2e.chatting import ask, at_rest, body_of, ended, last_answer, menu, messages, open_chat, press, submit
from tests.e2e.server import Server


def typed(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=label).first
    field.fill(text)
    field.press("Tab")
    expect(field).to_have_value(text)


def card(page: Page, name: str):
    return page.locator('[class*="st-key-card-"]').filter(has=page.get_by_text(name, exact=True))


def test_a_failing_model_falls_back_and_the_copy_goes_its_own_way(chat_server: Server, page: Page) -> None:
    page.goto(f"{chat_server.url}/assistants")
    page.get_by_role("button", name="New assistant").click()
    typed(page, "Name", "Steadfast")
    page.get_by_role("combobox", name="Which").fill("503")
    page.get_by_role("option", name="503").first.click()
    page.get_by_text("More: fallbacks, cache").click()
    page.get_by_test_id("stButtonGroup").filter(has_text="As configured").get_by_text("These", exact=True).click()
    page.get_by_role("combobox", name="Ask these, in this order").fill("echo")
    page.get_by_role("option", name="echo").first.click()
    page.keyboard.press("Escape")
    page.get_by_text("Share with everyone on this installation").click()
    typed(page, "A question", "Who answers?")
    press(page, "Try")
    receipt = page.locator('[class*="st-key-receipt-"]')
    expect(receipt).to_contain_text("asked vllm/503, answered by vllm/echo after")
    expect(page.get_by_text("You said: Who answers?")).to_be_visible()
    press(page, "Save")
    expect(page.get_by_role("heading", name="Steadfast")).to_be_visible()
    menu(page, ".st-key-acts-on-this", "Duplicate")
    expect(page.get_by_role("heading", name="Steadfast (copy)")).to_be_visible()
    typed(page, "Instructions", "Answer like a sailor.")
    page.get_by_role("button", name="Save a new version").click()
    at_rest(page)
    page.get_by_test_id("stButtonGroup").first.get_by_text("Versions", exact=True).click()
    expect(page.locator(".st-key-version-1")).to_contain_text("Copied from Steadfast, version 1")
    expect(page.get_by_role("combobox", name="Compare version")).to_have_value("1")
    expect(page.get_by_role("combobox", name="with version")).to_have_value("2")
    expect(page.get_by_text("Answer like a sailor.")).to_be_visible()
    menu(page, ".st-key-acts-on-this", "Archive")
    expect(page.get_by_text("Steadfast (copy) is archived.")).to_be_visible()
    expect(card(page, "Steadfast")).to_contain_text("shared")
    expect(card(page, "Steadfast (copy)")).to_have_count(0)
    page.get_by_text("Archived too").click()
    expect(card(page, "Steadfast (copy)")).to_contain_text("archived")
    expect(card(page, "Steadfast (copy)")).not_to_contain_text("shared")
    at_rest(page)
    card(page, "Steadfast (copy)").get_by_test_id("stMenuButton").get_by_role("button").click()
    page.get_by_role("menuitem", name="Take out of the archive").click()
    expect(card(page, "Steadfast (copy)")).not_to_contain_text("archived")


def test_namesakes_are_told_apart(chat_server: Server, page: Page) -> None:
    """A list whose entries say the same would give the last of them, whichever is chosen."""
    for model in ("echo", "tokens-400"):
        page.goto(f"{chat_server.url}/assistants")
        page.get_by_role("button", name="Import …").click()
        dialog = page.get_by_role("dialog")
        text = f"plainsight: assistant\nformat: 1\nname: Twin\nmodel: vllm/{model}\n"
        file = {"name": "twin.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
        dialog.locator("input[type=file]").set_input_files([file])
        press(dialog, "Import")
        expect(page.get_by_role("heading", name="Twin")).to_be_visible()
    open_chat(page, chat_server.url)
    chosen = page.locator(".st-key-pick").get_by_role("button").first
    said = ""
    for number in range(2):
        at_rest(page)
        chosen.click()
        page.get_by_role("combobox", name="Assistant").fill("Twin")
        page.get_by_role("option", name="Twin").nth(number).click()
        expect(chosen).to_contain_text("Twin")
        if said:
            expect(chosen).not_to_have_text(said)
        at_rest(page)
        said = chosen.inner_text()
        page.keyboard.press("Escape")
    page.goto("about:blank")  # a new chat in this tab would keep the assistant


def more(page: Page) -> None:
    at_rest(page)
    page.get_by_text("More: fallbacks, cache").click()
    expect(page.get_by_role("spinbutton", name="Budget")).to_be_visible()


def told(page: Page, sentence: str) -> None:
    """What Save answers, while nothing is saved."""
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    at_rest(page)


def test_an_assistant_that_chooses_says_whom_and_why_and_starts_with_a_click(chat_server: Server, page: Page) -> None:
    page.goto(f"{chat_server.url}/assistants")
    page.get_by_role("button", name="New assistant").click()
    typed(page, "Name", "Chooser")
    press(page, "Try")
    expect(page.get_by_text("Write a question first.")).to_be_visible()
    page.get_by_text("Choose for me", exact=True).click()
    page.get_by_text("Demanding", exact=True).click()
    expect(page.get_by_text("Now it would be openai/gpt-4o.")).to_be_visible()
    typed(page, "Starters", "First\n\n  Tell **me** for $5\nThird\nFourth\nFifth")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Chooser")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Chat").first.click()
    expect(page.locator(".st-key-pick")).to_contain_text("Chooser · chosen per question")
    starters = page.locator('[class*="st-key-starter-"] button')
    expect(starters).to_have_text(["First", "Tell **me** for $5", "Third", "Fourth", "Fifth"])
    at_rest(page)
    starters.nth(1).click()
    expect(messages(page, "user")).to_have_count(1)
    answer = ended(page)
    assert body_of(answer) == "You said: Tell me for $5"
    expect(answer).to_contain_text("Chooser v1 · openai/gpt-4o")
    answer.locator('[class*="st-key-receipt-"] summary').click()
    expect(answer).to_contain_text("models that can be asked. Nobody has compared it here")
    page.goto("about:blank")  # a new chat in this tab would keep the assistant


SCHEMA = '{"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}'


def test_schema_cache_and_budget_are_typed_refused_in_a_sentence_and_act(chat_server: Server, page: Page) -> None:
    page.goto(f"{chat_server.url}/assistants")
    page.get_by_role("button", name="New assistant").click()
    typed(page, "Name", "Formal")
    page.get_by_role("combobox", name="Which").fill("gpt-4o")
    page.get_by_role("option", name="gpt-4o · openai").click()
    more(page)
    budget = page.get_by_role("spinbutton", name="Budget")
    budget.fill("-3")
    budget.press("Tab")
    told(page, "The budget is an amount in US dollars, from 0 up.")
    expect(budget).to_have_value("-3")
    budget.fill("0.000001")
    budget.press("Tab")
    expect(budget).to_have_value("0.000001")
    for wrong, sentence in (
        ("{town", "The JSON schema is not valid JSON; correct it or clear the field."),
        ('{"type": "objekt"}', "The answer's JSON schema is not valid at type: 'objekt'"),
    ):
        typed(page, "JSON schema of the answer", wrong)
        told(page, sentence)
        expect(page.get_by_role("textbox", name="JSON schema of the answer")).to_have_value(wrong)
    typed(page, "JSON schema of the answer", "")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Formal")).to_be_visible()
    typed(page, "JSON schema of the answer", SCHEMA)
    page.get_by_role("combobox", name="Cache").click()
    page.get_by_role("option", name="Exact: the same question again").click()
    at_rest(page)
    page.get_by_role("button", name="Save a new version").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    at_rest(page)
    page.get_by_test_id("stButtonGroup").first.get_by_text("Versions", exact=True).click()
    expect(page.get_by_text("Exact: the same question again")).to_be_visible()
    expect(page.get_by_text('"type": "object"')).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Chat").first.click()
    expect(page.locator(".st-key-pick")).to_contain_text("Formal")
    at_rest(page)
    ask(page, "Where?")
    assert isinstance(json.loads(body_of(ended(page)))["town"], str)
    submit(page, "And where else?")
    expect(messages(page, "user")).to_have_count(2)
    expect(ended(page)).to_contain_text("Budget of Formal is spent: $0.0000")
    expect(last_answer(page)).to_contain_text("of $0.0000010 this month")
    page.goto("about:blank")  # a new chat in this tab would keep the assistant
