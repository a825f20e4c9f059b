"""Answers in a real browser: they belong to the engine, and the page tells the truth about them."""

import json
import re

from playwright.sync_api import Page, expect

from tests.e2e.chat.conftest import ENDLESS, STREAM, WORDS
from tests.e2e.chatting import (
    BOX,
    ask,
    at_rest,
    body_of,
    comes_true,
    ended,
    last_answer,
    menu,
    messages,
    open_chat,
    pick_model,
    running,
    stop,
)
from tests.e2e.server import Server
from tests.upstreams.server import Upstream


def test_nothing_on_the_page_interrupts_an_answer(page: Page, upstream: Upstream) -> None:
    ask(page, "A short one first")
    ended(page)
    pick_model(page, STREAM)
    ask(page, "Now a long one")
    running(page)
    expect(last_answer(page)).to_contain_text("w20")
    thumbs = messages(page, "assistant").first.get_by_test_id("stFeedback")
    thumbs.get_by_role("radio").first.click(force=True)
    expect(thumbs.get_by_role("radio", checked=True)).to_have_count(1)
    expect(page.get_by_label("What was good or bad about it?")).to_be_visible()
    running(page)
    expect(last_answer(page)).to_contain_text("w60")
    page.get_by_role("link", name="Assistants").click()
    expect(page.get_by_role("heading", name="Assistants")).to_be_visible()
    page.get_by_role("link", name="Chat", exact=True).click()
    assert body_of(ended(page)) == WORDS
    assert messages(page, "assistant").count() == 2
    assert upstream.chats()[-1].disconnected_at is None


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
    stop(page)
    answer = ended(page)
    expect(answer).to_contain_text("Stopped. What had arrived is kept.")
    expect(answer).to_contain_text("w30")
    expect(answer).not_to_contain_text("w3999")
    comes_true(page, lambda: upstream.chats()[-1].disconnected_at is not None)
    page.reload()
    expect(ended(page)).to_contain_text("Stopped")
    expect(last_answer(page).get_by_role("button", name="Continue")).to_be_visible()


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
    comes_true(page, lambda: wheeled_up(page, place))
    expect(last_answer(page)).to_contain_text("w180")
    assert page.evaluate(f"{place}.scrollTop") == 0
    assert sum(received) - before < 200 * len(WORDS)
    ended(page)
    assert page.evaluate(f"{place}.scrollTop") == 0


def wheeled_up(page: Page, place: str) -> bool:
    """A person turns the wheel until the page stays where it is wanted: a turn may fall into a move of the page's own
    to its newest line, and is lost then."""
    page.mouse.wheel(0, -9000)
    return page.evaluate(
        f"""async () => {{
            for (let look = 0; look < 12; look++) {{
                await new Promise((next) => setTimeout(next, 25));
                if (look > 3 && {place}.scrollTop > 0) return false;
            }}
            return true;
        }}"""
    )


def test_thumbs_are_kept_with_their_note(page: Page) -> None:
    ask(page, "Rate me")
    ended(page).get_by_test_id("stFeedback").get_by_role("radio").first.click(force=True)
    page.get_by_label("What was good or bad about it?").fill("Too loud")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_label("What was good or bad about it?")).to_have_count(0)
    at_rest(page)
    page.reload()
    expect(ended(page).get_by_test_id("stFeedback").get_by_role("radio", checked=True)).to_have_count(1)


def test_a_cut_answer_can_be_continued(page: Page) -> None:
    pick_model(page, "length+tokens-20")
    ask(page, "Be long")
    answer = ended(page)
    expect(answer).to_contain_text("reached its length limit")
    answer.get_by_role("button", name="Continue").click()
    expect(messages(page, "user").last).to_contain_text("Continue exactly where you stopped")
    ended(page)


def test_the_receipt_opens_to_its_attempts(page: Page) -> None:
    ask(page, "What did it cost?")
    line = ended(page).locator('[class*="st-key-receipt-"]')
    expect(line).to_contain_text("vllm/echo")
    expect(line).to_contain_text(" out")
    line.locator("summary").click()
    expect(line.get_by_test_id("stDataFrame")).to_be_visible()
    at_rest(page)
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


def test_code_to_take_along_names_what_was_asked(page: Page) -> None:
    ask(page, "Take me along")
    ended(page)
    menu(page, '[class*="st-key-more-"]', "Copy as Python or curl")
    code = page.get_by_role("dialog").locator("code")
    expect(code).to_contain_text("chat_completion")
    script = code.inner_text()
    compile(script, "script.py", "exec")
    assert script.count("'content': 'Take me along'") == script.count("print(answer.receipt)") == 1
    page.get_by_role("dialog").get_by_text("curl", exact=True).click()
    expect(code).to_contain_text("/v1/chat/completions")
    assert json.loads(re.search(r"-d '(.*)'", code.inner_text(), re.S)[1])["model"] == "echo"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_refused_key_is_told_in_one_sentence_and_never_shown(page: Page, chat_server: Server) -> None:
    """The provider's own words quote the key."""
    pick_model(page, "leak")
    ask(page, "Do you know my key?")
    answer = ended(page)
    expect(answer.get_by_role("alert")).to_contain_text(
        "refused the key (HTTP 401); replace it on the Models page or in"
    )
    expect(messages(page, "user")).to_contain_text("Do you know my key?")
    answer.locator('[class*="st-key-receipt-"] summary').click()
    expect(answer.get_by_test_id("stDataFrame")).to_be_visible()
    assert "canary" not in page.content() + chat_server.log
    answer.get_by_role("link", name="Replace the key").click()
    expect(page.locator(".st-key-provider-vllm")).to_be_visible()


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
    answer = ended(page)
    expect(answer).not_to_contain_text("w14999")
    answer.get_by_text("more characters: show the whole text").click()
    expect(answer).to_contain_text("w14999")
