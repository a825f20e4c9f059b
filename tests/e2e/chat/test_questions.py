"""Questions in a real browser: typed, queued, weighed with their files, refused before they are sent."""

import base64
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.core.workspace.test_attachments import BOMBS, pdf, picture, word, workbook
from tests.e2e.chat.conftest import ENDLESS
from tests.e2e.chatting import (
    BOX,
    ask,
    at_rest,
    ended,
    last_answer,
    messages,
    pick_model,
    running,
    stop,
    submit,
)
from tests.upstreams.server import Upstream

TYPE_AND_CLICK = """([words, button]) => {
    const box = document.querySelector('[data-testid="stChatInputTextArea"]');
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, words);
    box.dispatchEvent(new Event('input', { bubbles: true }));
    window.__plainsight_draft.tell();
    document.querySelector(button).click();
}"""


def test_the_next_question_waits_its_turn_also_through_a_reload(page: Page) -> None:
    pick_model(page, ENDLESS)
    ask(page, "One")
    running(page)
    submit(page, "Two")
    expect(page.locator(".st-key-queued-0")).to_contain_text("Two")
    submit(page, "Three")
    expect(page.locator(".st-key-queued-1")).to_contain_text("Three")
    page.locator(".st-key-queued-1").get_by_role("button", name="close").click()
    expect(page.locator(".st-key-queued-1")).to_have_count(0)
    expect(page.get_by_test_id(BOX)).to_have_value("Three")
    page.reload()
    expect(page.locator(".st-key-queued-0")).to_contain_text("Two")
    stop(page)
    expect(messages(page, "user").nth(1)).to_contain_text("Two")
    expect(messages(page, "assistant").nth(1)).to_contain_text("w5")
    stop(page)
    expect(ended(page)).to_contain_text("Stopped")
    assert messages(page, "assistant").count() == 2


def type_and_click(page: Page, words: str, button: str) -> None:
    at_rest(page)
    page.wait_for_function("!!window.__plainsight_draft?.tell")  # a part's script begins a little after its drawing
    page.evaluate(TYPE_AND_CLICK, [words, button])


def test_what_falls_together_with_the_boxs_own_news_is_drawn(page: Page) -> None:
    """The browser sends both as one message of the part that tells what is typed."""
    type_and_click(page, "Asked in one breath", '[data-testid="stChatInputSubmitButton"]')
    expect(messages(page, "user")).to_contain_text("Asked in one breath")
    ended(page)
    type_and_click(page, "half a thought", ".st-key-new-chat button")
    expect(page.get_by_role("heading", name="What would you like to find out?")).to_be_visible()


def test_keys_lead_around(page: Page) -> None:
    pick_model(page, ENDLESS)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_test_id(BOX)).to_be_focused()
    page.keyboard.type("Typed by keys")
    page.keyboard.press("Enter")
    running(page)
    page.keyboard.press("Escape")
    expect(ended(page)).to_contain_text("Stopped")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_contain_text("Search your chats")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+Shift+o")
    expect(page.get_by_role("heading", name="What would you like to find out?")).to_be_visible()


PASTE = """(box, [name, content, type]) => {
    const clipboardData = new DataTransfer();
    const bytes = type ? Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0)) : content;
    clipboardData.items.add(new File([bytes], name, { type: type ?? 'text/plain' }));
    box.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }));
}"""


def drop(page: Page, file: Path) -> None:
    """As the browser tells of a file that is dragged in from outside."""
    place = page.get_by_test_id("stChatInput").bounding_box()
    at = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    devtools = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "data": data, **at})
        if kind == "dragOver":
            expect(page.get_by_text("Drag and drop files here")).to_be_visible()
    devtools.detach()


def attach(page: Page, files: dict[str, bytes]) -> None:
    chosen = [{"name": name, "mimeType": "", "buffer": data} for name, data in files.items()]
    page.get_by_test_id("stChatInput").locator("input[type=file]").first.set_input_files(chosen)


def test_pictures_and_documents_of_every_kind_reach_the_model(page: Page, tmp_path: Path) -> None:
    pick_model(page, "gpt-4o · openai")
    box, estimate = page.get_by_test_id(BOX), page.locator(".st-key-estimate")
    for name, kind in (("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.webp", "WEBP")):
        box.evaluate(PASTE, [name, base64.b64encode(picture(kind)).decode(), f"image/{kind.lower()}"])
        expect(estimate).to_contain_text(f"{name} · ≈ ")  # only then does the box stay in its place
    at_rest(page)
    (tmp_path / "a.gif").write_bytes(picture("GIF"))
    drop(page, tmp_path / "a.gif")
    documents = {"a.pdf": pdf("Pdf words"), "a.docx": word("Docx words"), "a.xlsx": workbook([["Xlsx", "words"]])}
    attach(page, documents | {"a.csv": b"Csv,words\n", "a.py": b"code = 'words'\n"})
    for name in ("a.png", "a.jpg", "a.webp", "a.gif", "a.pdf", "a.docx", "a.xlsx", "a.csv", "a.py"):
        expect(estimate).to_contain_text(re.compile(rf"{name} · ≈ \d+ tokens · \$0\.0"))
    ask(page, "Read them")
    answer = ended(page)
    for words in ("Pdf words", "Docx words", "Xlsx,words", "Csv,words", "code = 'words'", "saw 4 image"):
        expect(answer).to_contain_text(words)
    expect(messages(page, "user").first.locator("img")).to_have_count(4)


def test_a_file_that_is_refused_takes_nothing_else_along(page: Page) -> None:
    bombs = {name: BOMBS[name]() for name in ("wide.png", "zip.docx", "deep.json")}
    attach(page, {"good.txt": b"Good words."} | bombs)
    estimate = page.locator(".st-key-estimate")
    expect(estimate).to_contain_text("good.txt · ≈ ")
    expect(estimate).to_contain_text("wide.png has far too many pixels; send a picture of at most 50 million.")
    expect(estimate).to_contain_text("zip.docx unpacks to more than a document may; attach a smaller part of it.")
    expect(estimate).to_contain_text("deep.json is nested too deeply to be read.")
    submit(page, "Read them")
    expect(page.locator(".st-key-ask-problem")).to_contain_text("wide.png has far too many pixels")
    expect(page.get_by_test_id(BOX)).to_have_value("Read them")
    expect(page.locator(".st-key-staged-0")).to_contain_text("good.txt")
    at_rest(page)
    page.get_by_test_id(BOX).press("Enter")
    expect(messages(page, "user")).to_contain_text("good.txt")
    expect(ended(page)).to_contain_text("Good words.")


def test_what_is_attached_is_weighed_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    """By the button, by paste and by drop: all three before one question."""
    files = page.get_by_test_id("stChatInput").locator("input[type=file]").first
    estimate = page.locator(".st-key-estimate")
    files.set_input_files([{"name": "note.txt", "mimeType": "text/plain", "buffer": b"Chosen words. " * 200}])
    expect(estimate).to_contain_text("note.txt · ≈ ")
    page.get_by_test_id(BOX).evaluate(PASTE, ["pasted.txt", "Pasted words."])
    expect(estimate).to_contain_text("pasted.txt · ≈ ")
    (tmp_path / "dropped.txt").write_text("Dropped words.", "utf-8")
    drop(page, tmp_path / "dropped.txt")
    for name in ("note.txt", "pasted.txt", "dropped.txt"):
        expect(estimate).to_contain_text(f"{name} · ≈ ")
    expect(page.locator(".st-key-estimate")).to_contain_text("tokens")
    ask(page, "Read them")
    for words in ("Chosen words", "Pasted words", "Dropped words"):
        expect(last_answer(page)).to_contain_text(words)
    expect(messages(page, "user").first).to_contain_text("dropped.txt")


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


def test_a_model_that_cannot_read_a_picture_is_refused_before_sending(page: Page, upstream: Upstream) -> None:
    pick_model(page, "gpt-3.5-turbo · openai")
    asked = len(upstream.requests)
    picture = {"name": "dot.png", "mimeType": "image/png", "buffer": PNG}
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files([picture])
    expect(page.locator(".st-key-estimate")).to_contain_text("cannot read pictures")
    submit(page, "What is this?")
    problem = page.locator(".st-key-ask-problem")
    expect(problem).to_contain_text("cannot read pictures")
    expect(page.get_by_test_id(BOX)).to_have_value("What is this?")
    chats = [one for one in upstream.requests[asked:] if one.method == "POST"]
    assert not chats
    for _ in range(2):  # the same words come back as often as they are refused
        at_rest(page)
        page.evaluate("() => { back = new Promise((done) => addEventListener('input', done, { once: true })) }")
        page.get_by_test_id(BOX).press("Enter")
        page.evaluate("() => back")
        expect(page.get_by_test_id(BOX)).to_have_value("What is this?")
    expect(problem).to_contain_text("cannot read pictures")
    problem.get_by_role("button", name="Ask ").first.click()
    ended(page)
    expect(messages(page, "user").first).to_contain_text("dot.png")
    expect(messages(page, "user").first).to_contain_text("What is this?")
    expect(problem).to_have_count(0)
    expect(page.get_by_test_id(BOX)).to_have_value("")
    pick_model(page, "gpt-3.5-turbo · openai")
    messages(page, "user").first.locator('[class*="st-key-edit-"] button:visible').first.click()
    page.get_by_label("Your question").fill("And what now?")
    page.get_by_role("button", name="Ask again").click()
    expect(problem).to_contain_text("cannot read pictures")
    expect(page.get_by_label("Your question")).to_have_value("And what now?")
