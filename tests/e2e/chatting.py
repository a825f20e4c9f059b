"""What a person does on the chat page and in the playground, for the browser tests."""

import re

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


def ask(page: Page, text: str) -> None:
    page.get_by_test_id(BOX).fill(text)
    page.get_by_test_id(BOX).press("Enter")


def messages(page: Page, role: str) -> Locator:
    """`role`: user or assistant."""
    return page.get_by_test_id("stChatMessage").filter(
        has=page.locator(f'[data-testid="stChatMessageContent"][aria-label*="{role}"]')
    )


def last_answer(page: Page) -> Locator:
    return messages(page, "assistant").last


def body_of(answer: Locator) -> str:
    """The words of an answer, without what stands around them."""
    words = answer.evaluate(
        """answer => [...answer.querySelectorAll('[data-testid=stMarkdown]')]
            .filter(part => !part.querySelector('[data-testid=stCaptionContainer]') && !part.closest('details'))
            .map(part => part.innerText).join(' ')"""
    )
    return re.sub(r"\s+", " ", words).strip()


def ended(page: Page, timeout: float = 30_000) -> Locator:
    """Waits for the newest answer's receipt on a page that has been drawn to its end: a page that is being opened
    draws the older answers first, and each of them is the newest for a moment."""
    page.wait_for_function(
        """() => {
            const answers = document.querySelectorAll('[data-testid=stChatMessage]:has([aria-label*=assistant])');
            const receipt = [...answers].at(-1)?.querySelector('[class*="st-key-receipt-"]');
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


def pick_model(page: Page, model: str) -> None:
    """Chooses a model for the next question, by what the list calls it."""
    page.locator(".st-key-pick").get_by_role("button").first.click()
    field = page.get_by_role("combobox", name="Model")
    field.click()
    field.fill(model)
    page.get_by_role("option", name=model).first.click()
    expect(page.locator(".st-key-pick").get_by_role("button").first).to_contain_text(model[:20])
    page.keyboard.press("Escape")


def menu(page: Page, key: str, entry: str) -> None:
    page.locator(f"{key} button:visible").last.click()
    page.get_by_role("menuitem", name=entry).or_(page.get_by_role("option", name=entry)).first.click()
