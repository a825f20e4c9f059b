"""What a person does on the chat page and in the playground, for the browser tests.

A page is drawn from its top while a test looks at it. So a count, a text that is compared at once, or the newest of
several is only taken from a page that `at_rest` says has been drawn to its end; everything else is awaited.
"""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

BOX = "stChatInputTextArea"
expect.set_options(timeout=25_000)


def open_chat(page: Page, url: str, query: str = "") -> Page:
    page.goto(f"{url}/{query}")
    page.get_by_test_id(BOX).wait_for()
    return page


def new_chat(page: Page) -> None:
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("heading", name="What would you like to find out?")).to_be_visible()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
    at_rest(page)


def at_rest(page: Page) -> None:
    """Waits until the page has been drawn to its end."""
    page.wait_for_function("document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'")


def press(within: Page | Locator, name: str) -> None:
    """As a person does, who looks before the click: one that falls into the drawing of a page can be lost."""
    at_rest(within if isinstance(within, Page) else within.page)
    within.get_by_role("button", name=name, exact=True).click()


def submit(page: Page, text: str) -> None:
    """Whatever becomes of it: it may be asked, queued or refused."""
    page.get_by_test_id(BOX).fill(text)
    page.get_by_test_id(BOX).press("Enter")


def ask(page: Page, text: str) -> None:
    """Until the question stands on the page, so that the newest answer is the one to it."""
    asked = messages(page, "user").count()
    submit(page, text)
    expect(messages(page, "user")).to_have_count(asked + 1)


def messages(page: Page, role: str) -> Locator:
    """`role`: user or assistant."""
    return page.get_by_test_id("stChatMessage").filter(
        has=page.locator(f'[data-testid="stChatMessageContent"][aria-label*="{role}"]')
    )


def last_answer(page: Page) -> Locator:
    """Whichever is the newest whenever it is looked at."""
    return messages(page, "assistant").last


def body_of(answer: Locator) -> str:
    """The words of an answer, without what stands around them."""
    words = answer.evaluate(
        """answer => [...answer.querySelectorAll('[data-testid=stMarkdown]')]
            .filter(part => !part.querySelector('[data-testid=stCaptionContainer]') && !part.closest('details'))
            .map(part => part.innerText).join(' ')"""
    )
    return re.sub(r"\s+", " ", words).strip()


def ended(page: Page, timeout: float = 60_000) -> Locator:
    """Waits for the newest answer's receipt on a page that has been drawn to its end: a page that is being opened
    draws the older answers first, and each of them is the newest for a moment."""
    page.wait_for_function(
        """() => {
            const said = [...document.querySelectorAll('[data-testid=stChatMessage]')];
            const receipt = said.at(-1)?.querySelector('[class*="st-key-receipt-"]');
            const page = document.querySelector('[data-testid=stApp]');
            return receipt?.checkVisibility() && page?.dataset.testScriptState === 'notRunning';
        }""",
        timeout=timeout,
    )
    return last_answer(page)


def answers_ended(page: Page, panes: int = 2) -> None:
    """Waits until so many panes of the playground show their whole receipts."""
    page.wait_for_function(
        "n => [...document.querySelectorAll('#panes .receipt dl')].filter(one => one.offsetParent).length >= n",
        arg=panes,
        timeout=60_000,
    )


def running(page: Page) -> None:
    expect(page.locator(".st-key-stop-answer button:visible")).to_be_visible()


def stop(page: Page) -> None:
    page.locator(".st-key-stop-answer button:visible").click()


def pick_model(page: Page, model: str) -> None:
    """Chooses a model for the next question, by what the list calls it."""
    page.locator(".st-key-pick").get_by_role("button").first.click()
    field = page.get_by_role("combobox", name="Model")
    field.click()
    field.fill(model)
    page.get_by_role("option", name=model).first.click()
    expect(page.locator(".st-key-pick").get_by_role("button").first).to_contain_text(model[:20])
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)


def menu(page: Page, key: str, entry: str) -> None:
    at_rest(page)
    page.locator(f"{key} button:visible").last.click()
    page.get_by_role("menuitem", name=entry).or_(page.get_by_role("option", name=entry)).first.click()


def comes_true(page: Page, what: Callable[[], object], patience_s: float = 10) -> None:
    """Waits for something outside the page, such as what a provider saw."""
    until = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < until, "it did not come true"
        page.wait_for_timeout(20)
