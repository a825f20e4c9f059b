"""Chat in a real browser: the answer belongs to the engine, and the page tells the truth about it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chatting import (
    BOX,
    ask,
    body_of,
    ended,
    last_answer,
    menu,
    messages,
    new_chat,
    open_chat,
    pick_model,
    running,
)
from tests.e2e.conftest import WIDE, opened
from tests.e2e.server import Server
from tests.upstreams.server import Upstream

STREAM = "tokens-200-rate-40"
WORDS = " ".join(f"w{number}" for number in range(200))
ENDLESS = "tokens-4000-rate-40"
MODELS = ("echo", "gpt-3.5-turbo", STREAM, ENDLESS, "reasoning", "tokens-400", "tokens-15000", "length+tokens-20")


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(models=MODELS) as server:
        yield server


@pytest.fixture(scope="module")
def chat_server(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Server]:
    """Answers from a real server on loopback; every chat here is a new one, so that tests do not meet."""
    variables = {
        "VLLM_BASE_URL": f"{upstream.url}/v1",
        "OPENAI_BASE_URL": f"{upstream.url}/v1",
        "OPENAI_API_KEY": "sk-loopback",
        "DEFAULT_AI_MODEL": "vllm/echo",
    }
    server = Server(tmp_path_factory.mktemp("chat"), variables).start()
    yield server
    assert server.stop() in (0, -15), server.log


@pytest.fixture(scope="module")
def tab(browser: Browser, chat_server: Server) -> Iterator[Page]:
    """One tab for this whole file: loading the page anew would take most of a test's time."""
    leaves: list[str] = []
    with opened(browser, width=WIDE[0], height=WIDE[1], dark=False, leaves=leaves) as page:
        yield open_chat(page, chat_server.url)
    assert not leaves, f"a page asked another server: {leaves[:5]}"


@pytest.fixture
def page(tab: Page, chat_server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The tab on a new, empty chat; loaded anew only after a failure."""
    if not (tab.get_by_test_id(BOX).count() and tab.get_by_role("dialog").count() == 0):
        open_chat(tab, chat_server.url)
    new_chat(tab)
    failed = request.session.testsfailed
    yield tab
    if request.session.testsfailed > failed:
        tab.goto("about:blank")


def test_nothing_on_the_page_interrupts_an_answer(page: Page, upstream: Upstream) -> None:
    ask(page, "A short one first")
    first = ended(page)
    pick_model(page, STREAM)
    ask(page, "Now a long one")
    running(page)
    expect(last_answer(page)).to_contain_text("w20")
    first.get_by_test_id("stFeedback").get_by_role("radio").first.click(force=True)
    expect(last_answer(page)).to_contain_text("w60")
    page.get_by_role("link", name="Assistants").click()
    expect(page.get_by_role("heading", name="Assistants")).to_be_visible()
    page.get_by_role("link", name="Chat", exact=True).click()
    assert body_of(ended(page)) == WORDS
    assert messages(page, "assistant").count() == 2
    assert upstream.requests[-1].disconnected_at is None


def test_a_closed_tab_leaves_the_answer_growing(chat_server: Server, page: Page, open_page) -> None:
    """The tab is closed by leaving the site, which is what closes its socket."""
    pick_model(page, STREAM)
    ask(page, "Grow while I am away")
    expect(last_answer(page)).to_contain_text("w20")
    address = page.url
    page.goto("about:blank")
    again = open_page(address)
    assert body_of(ended(again)) == WORDS


def test_stop_reaches_the_provider_and_keeps_what_came(page: Page, upstream: Upstream) -> None:
    pick_model(page, ENDLESS)
    ask(page, "Stop me")
    expect(last_answer(page)).to_contain_text("w30")
    page.locator(".st-key-stop-answer button:visible").click()
    answer = ended(page)
    expect(answer).to_contain_text("Stopped. What had arrived is kept.")
    expect(answer).to_contain_text("w30")
    assert "w3999" not in answer.inner_text()
    assert upstream.requests[-1].disconnected_at is not None
    page.reload()
    expect(ended(page)).to_contain_text("Stopped")
    expect(last_answer(page).get_by_role("button", name="Continue")).to_be_visible()


def test_the_next_question_waits_its_turn_also_through_a_reload(page: Page) -> None:
    pick_model(page, ENDLESS)
    ask(page, "One")
    running(page)
    ask(page, "Two")
    expect(page.locator(".st-key-queued-0")).to_contain_text("Two")
    ask(page, "Three")
    expect(page.locator(".st-key-queued-1")).to_contain_text("Three")
    page.locator(".st-key-queued-1 button:visible").click()
    expect(page.locator(".st-key-queued-1")).to_have_count(0)
    expect(page.get_by_test_id(BOX)).to_have_value("Three")
    page.reload()
    expect(page.locator(".st-key-queued-0")).to_contain_text("Two")
    page.locator(".st-key-stop-answer button:visible").click()
    expect(messages(page, "user").nth(1)).to_contain_text("Two")
    running(page)
    page.locator(".st-key-stop-answer button:visible").click()
    ended(page)
    assert messages(page, "assistant").count() == 2


def test_the_page_does_not_jump_and_little_is_sent(chat_server: Server, open_page) -> None:
    received = []
    page = open_page(width=1000, height=420)
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    open_chat(page, chat_server.url)
    pick_model(page, "tokens-400")
    ask(page, "One")
    ended(page)
    pick_model(page, STREAM)
    ask(page, "Two")
    expect(last_answer(page)).to_contain_text("w40")
    before = sum(received)
    place = "document.querySelector('[data-testid=stAppScrollToBottomContainer]')"
    page.mouse.move(500, 200)
    at_top = 0
    for _ in range(100):  # a person turns the wheel until the page stays where it is wanted
        at_top = at_top + 1 if page.evaluate(f"{place}.scrollTop") == 0 else 0
        if not at_top:
            page.mouse.wheel(0, -9000)
        if at_top > 5:
            break
        page.wait_for_timeout(50)
    expect(last_answer(page)).to_contain_text("w180")
    assert page.evaluate(f"{place}.scrollTop") == 0
    assert sum(received) - before < 200 * len(WORDS)
    ended(page)
    assert page.evaluate(f"{place}.scrollTop") == 0


def test_edits_and_new_tries_are_branches(page: Page) -> None:
    ask(page, "First words")
    assert body_of(ended(page)) == "You said: First words"
    messages(page, "user").first.locator('[class*="st-key-edit-"] button:visible').first.click()
    page.get_by_label("Your question").fill("Other words")
    page.get_by_role("button", name="Ask again").click()
    expect(last_answer(page)).to_contain_text("You said: Other words")
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
    dialog.get_by_role("button", name="Ask", exact=True).click()
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
    new_chat(page)
    for place in (turn, address):
        page.goto("about:blank")
        page.goto(place)
        expect(last_answer(page)).to_contain_text("You said: Find me again")
    page.goto(page.url.replace("conversation=", "conversation=nobody"))
    expect(page.get_by_text("There is no such conversation")).to_be_visible()


def test_thumbs_are_kept_with_their_note(page: Page) -> None:
    ask(page, "Rate me")
    ended(page).get_by_test_id("stFeedback").get_by_role("radio").first.click(force=True)
    page.get_by_label("What was good or bad about it?").fill("Too loud")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_label("What was good or bad about it?")).to_have_count(0)
    page.reload()
    expect(ended(page).get_by_test_id("stFeedback").get_by_role("radio", checked=True)).to_have_count(1)


def test_a_cut_answer_can_be_continued(page: Page) -> None:
    pick_model(page, "length+tokens-20")
    ask(page, "Be long")
    answer = ended(page)
    expect(answer).to_contain_text("reached its length limit")
    answer.get_by_role("button", name="Continue").click()
    expect(messages(page, "user").last).to_contain_text("Continue exactly where you stopped")


def test_the_receipt_opens_to_its_attempts(page: Page) -> None:
    ask(page, "What did it cost?")
    line = ended(page).locator('[class*="st-key-receipt-"]')
    expect(line).to_contain_text("vllm/echo")
    expect(line).to_contain_text(" out")
    line.locator("summary").click()
    expect(line.get_by_test_id("stDataFrame")).to_be_visible()
    line.get_by_role("link", name="See in Calls").click()
    expect(page).to_have_url(re.compile(r"/calls.*turns"))


def test_reasoning_is_folded_and_opens(page: Page) -> None:
    pick_model(page, "reasoning")
    ask(page, "Think first")
    answer = ended(page)
    expect(answer).not_to_contain_text("Let me think about it.")
    answer.get_by_text("Reasoning", exact=True).click()
    expect(answer).to_contain_text("Let me think about it.")


def test_copy_takes_the_words_as_they_were_written(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, "**bold** costs $5")
    answer = ended(page)
    expect(answer).to_contain_text("You said: bold costs $5")
    answer.get_by_role("button", name="Copy").click()
    expect(answer.locator('button[title="Copied"]')).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "You said: **bold** costs $5"


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


PASTE = """(box, [name, text]) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([text], name, { type: 'text/plain' }));
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


def test_what_is_attached_is_weighed_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    """By the button, by paste and by drop: all three before one question."""
    files = page.get_by_test_id("stChatInput").locator("input[type=file]").first
    files.set_input_files([{"name": "note.txt", "mimeType": "text/plain", "buffer": b"Chosen words. " * 200}])
    page.get_by_test_id(BOX).evaluate(PASTE, ["pasted.txt", "Pasted words."])
    (tmp_path / "dropped.txt").write_text("Dropped words.", "utf-8")
    drop(page, tmp_path / "dropped.txt")
    for name in ("note.txt", "pasted.txt", "dropped.txt"):
        expect(page.locator(".st-key-estimate")).to_contain_text(f"{name} · ≈ ")
    expect(page.locator(".st-key-estimate")).to_contain_text("tokens")
    ask(page, "Read them")
    for words in ("Chosen words", "Pasted words", "Dropped words"):
        expect(last_answer(page)).to_contain_text(words)
    expect(messages(page, "user").first).to_contain_text("dropped.txt")


def test_a_model_that_cannot_read_a_picture_is_refused_before_sending(page: Page, upstream: Upstream) -> None:
    pick_model(page, "gpt-3.5-turbo · openai")
    asked = len(upstream.requests)
    picture = {"name": "dot.png", "mimeType": "image/png", "buffer": PNG}
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files([picture])
    expect(page.locator(".st-key-estimate")).to_contain_text("cannot read pictures")
    ask(page, "What is this?")
    problem = page.locator(".st-key-ask-problem")
    expect(problem).to_contain_text("cannot read pictures")
    expect(page.get_by_test_id(BOX)).to_have_value("What is this?")
    chats = [one for one in upstream.requests[asked:] if one.method == "POST"]
    assert not chats
    problem.get_by_role("button", name="Ask ").first.click()
    ended(page)
    expect(messages(page, "user").first).to_contain_text("dot.png")
    expect(messages(page, "user").first).to_contain_text("What is this?")
    expect(problem).to_have_count(0)
    expect(page.get_by_test_id(BOX)).to_have_value("")


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


def test_code_to_take_along_names_what_was_asked(page: Page) -> None:
    ask(page, "Take me along")
    ended(page)
    menu(page, '[class*="st-key-more-"]', "Copy as Python or curl")
    code = page.get_by_role("dialog").locator("code").first
    expect(code).to_contain_text("chat_completion")
    expect(code).to_contain_text("Take me along")
    page.get_by_role("dialog").get_by_text("curl", exact=True).click()
    expect(code).to_contain_text("/v1/chat/completions")
    assert json.loads(re.search(r"-d '(.*)'", code.inner_text(), re.S)[1])["model"] == "echo"


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


def test_chats_are_found_forked_exported_and_imported(page: Page, tmp_path) -> None:
    ask(page, "A zebra crossing in Kyiv")
    ended(page)
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("heading", name="What would you like to find out?")).to_be_visible()
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
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Import chats").click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(exported)
    before = page.url
    page.get_by_role("dialog").get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(last_answer(page)).to_contain_text("You said: A zebra crossing in Kyiv")
    assert page.url != before


def test_an_answer_becomes_a_test_case(page: Page) -> None:
    ask(page, "Case in point")
    ended(page)
    menu(page, '[class*="st-key-more-"]', "Make a test case")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Its name").fill("From the browser")
    dialog.get_by_role("button", name="Save the case").click()
    expect(page.get_by_text("Saved in “From the browser”")).to_be_visible()


HOSTILE = (
    """# Hostile ![beacon](http://evil.invalid/a.png) ![ref][r] <img src=http://evil.invalid/b.png>
<script>document.title = 'owned'</script> [click](javascript:alert(1)) <svg onload=alert(1)>
[r]: http://evil.invalid/c.png
:red[colour] $\\\\href{http://evil.invalid}{x}$ \u202egnirts\u202c $5 and $6

"""
    + ">" * 3000
    + " deep\n\n"
    + "- " * 1500
    + "x\n\n```mermaid\ngraph TD\nA-->B\n```\n\n"
    + "`" * 900
    + "\n\n"
)


def test_hostile_answers_fetch_nothing_run_nothing_and_hang_nothing(page: Page) -> None:
    """`page` fails by itself when anything is asked of another host."""
    ask(page, HOSTILE)
    answer = ended(page)
    expect(answer).to_contain_text("not loaded: beacon")
    expect(answer).to_contain_text("$5 and $6")
    assert page.title() != "owned"
    assert answer.locator("script, svg[onload], [data-testid=stMarkdown] img").count() == 0
    page.reload()
    ended(page)
    page.get_by_test_id(BOX).fill("still alive")
    expect(page.get_by_test_id(BOX)).to_have_value("still alive")


def test_an_endless_answer_is_cut_on_the_page_and_whole_on_demand(page: Page) -> None:
    pick_model(page, "tokens-15000")
    ask(page, "Never end")
    answer = ended(page, 60_000)
    expect(answer).not_to_contain_text("w14999")
    answer.get_by_text("more characters: show the whole text").click()
    expect(answer).to_contain_text("w14999")
