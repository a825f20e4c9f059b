"""Conversations in a real browser: branches, addresses, folders, search, export and import."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.core.workspace.test_foreign_exports import CHATGPT, CLAUDE, WEBUI
from tests.e2e.chatting import ask, at_rest, body_of, ended, last_answer, menu, messages, new_chat, press


def test_edits_and_new_tries_are_branches(page: Page) -> None:
    ask(page, "First words")
    assert body_of(ended(page)) == "You said: First words"
    messages(page, "user").first.locator('[class*="st-key-edit-"] button:visible').first.click()
    page.get_by_label("Your question").fill("Other words")
    page.get_by_role("button", name="Ask again").click()
    expect(last_answer(page)).to_contain_text("You said: Other words")
    ended(page)
    question = messages(page, "user").first
    expect(question).to_contain_text("2/2")
    question.locator('[class*="st-key-branch-1"] button:visible').click()
    expect(last_answer(page)).to_contain_text("You said: First words")
    expect(messages(page, "user").first).to_contain_text("1/2")
    menu(page, '[class*="st-key-regenerate-"]', "Same model")
    expect(last_answer(page)).to_contain_text("2/2")
    ended(page)
    menu(page, '[class*="st-key-regenerate-"]', "Another model or assistant")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Model").fill("tokens-400")
    page.get_by_role("option", name="tokens-400", exact=True).click()
    press(dialog, "Ask")
    expect(last_answer(page)).to_contain_text("3/3")
    expect(last_answer(page)).to_contain_text("w399")


def test_addresses_lead_to_a_chat_and_to_an_answer(page: Page) -> None:
    ask(page, "Find me again")
    ended(page)
    expect(page).to_have_url(re.compile(r"conversation="))
    address = page.url
    menu(page, '[class*="st-key-more-"]', "Link to this answer")
    turn = page.get_by_role("dialog").locator("code").inner_text()
    assert "?turn=" in turn
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    new_chat(page)
    for place in (turn, address):
        page.goto("about:blank")
        page.goto(place)
        expect(last_answer(page)).to_contain_text("You said: Find me again")
    page.goto(page.url.replace("conversation=", "conversation=nobody"))
    expect(page.get_by_text("There is no such conversation")).to_be_visible()


def test_a_conversation_is_named_foldered_pinned_deleted_and_brought_back(page: Page) -> None:
    ask(page, "Housekeeping of chats")
    ended(page)
    menu(page, ".st-key-chat-menu", "Title and folder")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("**Kept** ![x](http://nowhere.invalid/a.png)")
    dialog.get_by_role("combobox", name="Folder").fill("Work")
    page.get_by_role("option", name="Work").first.click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".st-key-chat-title")).to_contain_text("**Kept** ![x](http://nowhere.invalid/a.png)")
    menu(page, ".st-key-chat-menu", "Pin")
    side = page.get_by_test_id("stSidebar")
    expect(side).to_contain_text("Pinned")
    menu(page, ".st-key-chat-menu", "Delete")
    expect(side.locator(".st-key-undo-box")).to_contain_text("Deleted")
    side.get_by_role("button", name="Undo").click()
    expect(page.locator(".st-key-chat-title")).to_contain_text("**Kept**")
    expect(last_answer(page)).to_contain_text("You said: Housekeeping of chats")


def test_chats_are_found_forked_exported_and_imported(page: Page, tmp_path) -> None:
    ask(page, "A zebra crossing in Kyiv")
    ended(page)
    new_chat(page)
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_label("Words in a title").fill("zebra kyiv")
    page.get_by_role("dialog").locator('[class*="st-key-hit-"] button').first.click()
    expect(last_answer(page)).to_contain_text("zebra crossing")
    menu(page, '[class*="st-key-more-"]', "Fork from here")
    expect(page.locator(".st-key-chat-title")).to_contain_text("fork")
    menu(page, ".st-key-chat-menu", "Export")
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="JSON").click()
    exported = tmp_path / "chat.json"
    download.value.save_as(exported)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Import chats").click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(exported)
    before = page.url
    press(page.get_by_role("dialog"), "Import")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(before)
    expect(last_answer(page)).to_contain_text("You said: A zebra crossing in Kyiv")


def exported(page: Page, button: str, path: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name=button).click()
    download.value.save_as(path)
    return path.read_bytes()


def test_chats_leave_as_files_and_come_from_other_products(page: Page, tmp_path: Path) -> None:
    ask(page, "Words for a file, **bold**")
    ended(page)
    menu(page, ".st-key-chat-menu", "Export")
    markdown = exported(page, "Markdown", tmp_path / "chat.md").decode()
    assert "You said: Words for a file, **bold**" in markdown
    assert exported(page, "PDF", tmp_path / "chat.pdf").startswith(b"%PDF-")
    assert "Words for a file" in PdfReader(tmp_path / "chat.pdf").pages[0].extract_text()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    for name, text, told in (
        ("chatgpt.json", json.dumps(CHATGPT), "New answer"),
        ("claude.json", json.dumps(CLAUDE), "Roses"),
        ("webui.json", json.dumps(WEBUI), "Hey"),
    ):
        imported(page, name, text)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(last_answer(page)).to_contain_text(told)
    expect(last_answer(page)).to_contain_text("2/2")
    imported(page, "nonsense.json", '{"a": 1}')
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()


def imported(page: Page, name: str, text: str) -> None:
    """A file is there before its button is, and a button pressed while the page is being drawn may be another's."""
    at_rest(page)
    page.get_by_role("button", name="Import chats").click()
    file = {"name": name, "mimeType": "application/json", "buffer": text.encode()}
    page.get_by_role("dialog").locator("input[type=file]").set_input_files([file])
    button = page.get_by_role("dialog").get_by_role("button", name="Import", exact=True)
    expect(button).to_be_visible()
    at_rest(page)
    button.click()
