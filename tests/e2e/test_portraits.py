"""Every door in light and dark, wide and on a phone; SCREENSHOTS=docs/screens makes the pictures of the README."""

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.chatting import answers_ended, ask, ended, open_chat
from tests.e2e.conftest import settled
from tests.e2e.server import ROOT, Server

PICTURES = {"chat": "chat-light-1280", "playground": "playground-light-1280", "overview": "overview-light-1280"}
QUESTION = "How do I set a budget?"
LARGEST = 150_000


@pytest.fixture(scope="module")
def shown(server: Server, profile: BrowserContext) -> str:
    """The address of a conversation with one answer; the log holds the sample history."""
    page = profile.new_page()
    open_chat(page, server.url)
    ask(page, QUESTION)
    ended(page)
    settled(page)
    address = page.url
    page.goto(f"{server.url}/spend")
    settled(page)
    if page.get_by_role("button", name="Load sample data").count():
        page.get_by_role("button", name="Load sample data").click()
        expect(page.get_by_role("button", name="Remove sample data")).to_be_visible(timeout=60_000)
    page.close()
    return address


def answered(page: Page) -> None:
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    answers_ended(page)


def keep(name: str, taken: list[Path]) -> None:
    target = os.environ.get("SCREENSHOTS")
    if target and name in PICTURES:
        (chosen,) = [path for path in taken if path.stem == PICTURES[name]]
        Path(target).mkdir(parents=True, exist_ok=True)
        Image.open(chosen).convert("RGB").save(Path(target) / f"{name}.webp", quality=82, method=6)


def test_chat(portraits, shown: str) -> None:
    taken = portraits(shown, "chat")
    assert len(taken) == 4
    keep("chat", taken)


@pytest.mark.parametrize("name", ["assistants", "prompts", "models"])
def test_pages_where_people_work(portraits, server: Server, shown: str, name: str) -> None:
    assert len(portraits(f"{server.url}/{name}", name)) == 4


@pytest.mark.parametrize("name", ["overview", "spend", "latency", "model_report", "usage", "calls", "sql", "budgets"])
def test_pages_where_people_understand(portraits, server: Server, shown: str, name: str) -> None:
    taken = portraits(f"{server.url}/{name}?origin=sample", name)
    assert len(taken) == 4
    keep(name, taken)


def test_playground(portraits, server: Server) -> None:
    taken = portraits(f"{server.url}/playground/", "playground", ready=answered)
    assert len(taken) == 4
    keep("playground", taken)


def test_the_readme_s_pictures_are_small() -> None:
    for name in PICTURES:
        assert 5_000 < (ROOT / "docs" / "screens" / f"{name}.webp").stat().st_size < LARGEST
