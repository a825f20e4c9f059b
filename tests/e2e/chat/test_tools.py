"""Tools of an MCP server in a real browser: shown as steps, limited, and asked about before they change something."""

from playwright.sync_api import Page, expect

from tests.e2e.chatting import ask, at_rest, ended, menu, new_chat, open_chat, pick_model, press
from tests.e2e.server import Server


def librarian(page: Page, url: str) -> None:
    page.goto(f"{url}/assistants")
    page.get_by_role("button", name="New assistant").click()
    page.get_by_role("textbox", name="Name").first.fill("Librarian")
    page.get_by_role("textbox", name="Name").first.press("Tab")
    page.get_by_role("combobox", name="Which").fill("tools-endless")
    page.get_by_role("option", name="tools-endless").first.click()
    for tool in ("wiki_look_up", "wiki_write_page"):
        at_rest(page)
        page.get_by_role("combobox", name="Tools").click()
        page.keyboard.type(tool)
        page.get_by_role("option", name=tool).first.click()
        page.keyboard.press("Escape")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Librarian")).to_be_visible()


def begin_with_librarian(page: Page) -> None:
    page.get_by_role("button", name="Librarian").first.click()
    expect(page.locator(".st-key-pick").get_by_role("button").first).to_contain_text("Librarian")


def test_tools_are_steps_with_an_end_and_ask_before_they_change_something(page: Page, chat_server: Server) -> None:
    librarian(page, chat_server.url)
    open_chat(page, chat_server.url)
    begin_with_librarian(page)
    ask(page, 'wiki_look_up {"word": "turn"}')
    answer = ended(page)
    expect(answer).to_contain_text("After 8 rounds of tools the model was asked to answer without more.")
    expect(answer).to_contain_text("The model ended without a word of answer.")
    assert answer.get_by_text("wiki_look_up · ").count() == 8
    answer.get_by_text("wiki_look_up · ").first.click()
    expect(answer).to_contain_text("turn means something")
    new_chat(page)
    begin_with_librarian(page)
    pick_model(page, "tools")
    at_rest(page)
    ask(page, 'wiki_write_page {"title": "x"}')
    press(page, "Run it")
    expect(ended(page)).to_contain_text("wiki_write_page failed")
    menu(page, '[class*="st-key-regenerate-"]', "Same model")
    page.get_by_role("button", name="Do not run it").click()
    expect(ended(page)).to_contain_text("2/2")
    expect(ended(page)).to_contain_text("The tool said")
