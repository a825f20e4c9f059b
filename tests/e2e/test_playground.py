"""The playground in a browser: panes show their own call whatever happens, and a blind board tells no name."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error, Page

from core.compare.board import Board
from core.compare.panes import PaneSpec, Setup
from core.platform import Platform, open_platform
from core.settings import load_settings
from tests.playground.door import Recorded, served

Opener = Callable[..., Page]
VOTE = ".ballot button:visible"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with open_platform(load_settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def recorders() -> list[Recorded]:
    return []


@pytest.fixture(scope="module")
def door(platform: Platform, recorders: list[Recorded]) -> Iterator[str]:
    with served(platform, recorders) as address:
        yield address


@pytest.fixture
def record(door: str, recorders: list[Recorded]) -> Recorded:
    return recorders[0]


def models(platform: Platform, faulty: bool = False) -> list[str]:
    found = [model.id for model in platform.ai.models() if model.simulated and "embeddings" not in model.supports]
    return found if faulty else [name for name in found if "faulty" not in name]


def link(door: str, *names: str, blind: bool = False) -> str:
    return f"{door}?compare={Setup(tuple(PaneSpec(model=name) for name in names), blind=blind).link()}"


def ready(page: Page) -> None:
    page.wait_for_selector("#pane-0 .pane-head")


def ask(page: Page, text: str) -> None:
    page.fill("#question textarea", text)
    page.keyboard.press("Enter")


def board_of(page: Page, platform: Platform) -> Board:
    page.wait_for_function("location.search.includes('board=')")
    return platform.compare.find(parse_qs(urlsplit(page.url).query)["board"][0])


def plain(text: str) -> str:
    """Letters and digits only: what Markdown and the page leave of a text."""
    return re.sub(r"[\W_]+", "", text)


def shown(page: Page, index: int) -> str:
    return plain(" ".join(page.locator(f"#pane-{index} .bot-row .message-content").all_inner_texts()))


@pytest.mark.parametrize("seed", [2])
def test_every_pane_shows_its_own_call_through_stops_failures_and_reloads(
    open_page: Opener, door: str, platform: Platform, seed: int
) -> None:
    chance = random.Random(seed)
    names = [chance.choice(models(platform, faulty=True)) for _ in range(8)]
    page = open_page(link(door, *names))
    ready(page)
    board = board_of(page, platform)
    ask(page, "How do receipts and budgets work here?")
    page.wait_for_selector(".stop-all:visible")
    for _ in range(3):
        page.wait_for_timeout(chance.randint(50, 900))
        index = chance.randrange(8)
        action = chance.choice(["stop", "reload", "again"])
        if action == "reload":
            with suppress(Error):  # the page may be writing its own address at this moment
                page.goto(f"{door}?board={board.board_id}")
            page.goto(f"{door}?board={board.board_id}")
            ready(page)
        elif page.locator(f"#pane-{index} button.{action}").is_visible():
            page.locator(f"#pane-{index} button.{action}").dispatch_event("click")
    for _ in range(3):  # the last click may still be on its way to the server
        page.wait_for_timeout(800)
        board.matches[-1].wait(60)
    page.wait_for_selector(".stop-all", state="hidden")
    page.wait_for_timeout(700)
    platform.ledger.settle()
    for index, pane in enumerate(board.view().panes):
        receipt = pane.last.receipt
        if receipt is None:  # stopped before its call left
            assert (pane.last.status, pane.last.text) == ("cancelled", "")
            continue
        assert receipt.requested_model == names[index] == pane.spec.model
        call = receipt.attempts[-1]
        row = platform.ledger.rows("SELECT requested_model, match_id FROM calls WHERE call_id = ?", [call.call_id])
        assert row == [(names[index], board.matches[-1].match_id)]
        payload = platform.ledger.payload(call.call_id)
        assert pane.last.text == ((payload.response or {}).get("text") or "")
        if pane.last.text:
            assert plain(pane.last.text)[:120] in shown(page, index) or shown(page, index)[:120] in plain(
                pane.last.text
            )


def test_a_blind_board_tells_no_name_before_the_vote(
    open_page: Opener, door: str, platform: Platform, record: Recorded
) -> None:
    first, second = models(platform)[:2]
    record.told.clear()
    page = open_page(link(door, first, second, blind=True))
    ready(page)
    board = board_of(page, platform)
    ask(page, "hello")
    page.wait_for_selector(VOTE, timeout=60_000)
    assert "▮" in " ".join(pane.last.text for pane in board.view().panes)
    told = "\n".join([page.content(), page.url, page.title(), *record.told])
    assert "▮" in told
    names = {
        word
        for model in platform.ai.models()
        for word in (model.id, model.label, model.id.partition("/")[2], *re.findall(r"[A-Z]\w{3,}", model.label))
    }
    leaks = {name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", told, re.IGNORECASE)}
    assert not leaks
    page.locator(VOTE).first.click()
    page.wait_for_selector(".voted")
    values = {page.locator(f"#pane-{index} .picker input").input_value() for index in range(2)}
    assert len(values) == 2
    assert all(values)


def test_hostile_answers_fetch_and_run_nothing(open_page: Opener, door: str, platform: Platform) -> None:
    page = open_page(link(door, *models(platform)[:2]))
    ready(page)
    hostile = (
        "![x](http://198.51.100.7/secret) <script>window.hacked=1</script> <img src=x onerror='window.hacked=1'> "
        "[a](javascript:window.hacked=1) ${window.hacked=1} {{value}} <style>*{background:url(http://198.51.100.7/)}</style>"
    )
    ask(page, hostile + "\n" + ">" * 3_000 + " deep")
    page.wait_for_selector(VOTE, timeout=60_000)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#pane-0 img[src^=http]").count() == 0


def test_panes_are_added_removed_and_focused_while_others_run(open_page: Opener, door: str, platform: Platform) -> None:
    page = open_page(link(door, *models(platform)[:2]))
    ready(page)
    ask(page, "Tell me a lot about budgets.")
    page.get_by_role("button", name="Add pane").click()
    page.wait_for_selector("#pane-2 .pane-head")
    page.locator("#pane-2 button.again").click()
    page.wait_for_selector(VOTE, timeout=60_000)
    page.locator("#pane-0 button.remove").click()
    page.wait_for_selector("#pane-2", state="hidden")
    board = board_of(page, platform)
    view = board.view()
    assert len(view.panes) == 2
    for index, pane in enumerate(view.panes):
        assert plain(pane.last.text)[:80] in shown(page, index)
    page.locator("#pane-1 button.focus").click()
    assert not page.locator("#pane-0").is_visible()
    page.locator("#pane-1 button.focus").click()
    assert page.locator("#pane-0").is_visible()
