"""The playground in a browser: panes show their own call whatever happens, and a blind board tells no name."""

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from core.compare.board import Board
from core.compare.panes import PaneSpec, Setup
from core.platform import Platform, open_platform
from core.settings import load_settings
from core.workspace.case_files import NewCase
from tests.playground.door import Recorded, served

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # Gradio counts with an older pandas
Opener = Callable[..., Page]
VOTE = ".ballot button:visible"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    wanted = load_settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"), max_retries=0)
    with open_platform(wanted) as opened:
        opened.ai.wait_until_warm(60)
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


def models(platform: Platform) -> list[str]:
    found = [model.id for model in platform.ai.models() if model.simulated and "embeddings" not in model.supports]
    return [name for name in found if "faulty" not in name]


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


def until(page: Page, true: Callable[[], object], seconds: float = 30) -> None:
    """Polls what no selector can say; the page goes on meanwhile."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it never came"
        page.wait_for_timeout(25)


def over(page: Page) -> None:
    page.wait_for_selector(VOTE, timeout=60_000)
    page.wait_for_selector(".stop-all", state="hidden")


def shows_its_own(page: Page, board: Board, index: int) -> bool:
    said = plain(board.view().panes[index].last.text)
    return shown(page, index).endswith(said[-120:])


def test_panes_show_their_own_call_through_a_failure_a_stop_and_a_reload(
    open_page: Opener, door: str, platform: Platform
) -> None:
    """The same with every kind of delay and failure is proved without a browser in tests/playground/test_panes.py."""
    names = ["demo/swift", "demo/faulty-down", "demo/faulty-silent", "demo/critic"]
    page = open_page(link(door, *names))
    ready(page)
    board = board_of(page, platform)
    ask(page, "Why did Rome fall?")
    until(page, lambda: len(shown(page, 3)) > 3)
    page.locator("#pane-2 button.stop").click()
    until(page, lambda: board.view().panes[2].last.status == "cancelled")
    page.goto(f"{door}?board={board.board_id}")
    over(page)
    assert page.locator("#pane-1 .trouble").is_visible()
    assert "stopped" in page.locator("#pane-2 .chips").inner_text()
    platform.ledger.settle()
    for index, pane in enumerate(board.view().panes):
        call = pane.last.receipt.attempts[-1].call_id
        rows = platform.ledger.rows("SELECT requested_model, status FROM calls WHERE call_id = ?", [call])
        assert rows == [(names[index], ["ok", "error", "cancelled", "ok"][index])]
        if pane.last.text:
            until(page, lambda index=index: shows_its_own(page, board, index))


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
    ask(page, "Why did Rome fall?")
    page.get_by_role("button", name="Add pane").click()
    page.wait_for_selector("#pane-2 .pane-head")
    page.locator("#pane-2 button.again").click()
    until(page, lambda: len(shown(page, 2)) > 3)
    over(page)
    page.locator("#pane-0 button.remove").click()
    page.wait_for_selector("#pane-2", state="hidden")
    board = board_of(page, platform)
    view = board.view()
    assert len(view.panes) == 2
    for index in range(2):
        until(page, lambda index=index: shows_its_own(page, board, index))
    page.locator("#pane-1 button.focus").click()
    assert not page.locator("#pane-0").is_visible()
    page.locator("#pane-1 button.focus").click()
    assert page.locator("#pane-0").is_visible()
    page.get_by_role("button", name="Add pane").click()
    page.wait_for_selector("#pane-2 .pane-head")
    page.locator("#pane-2 button.focus").click()
    page.locator("#pane-2 button.remove").click()
    page.wait_for_selector("#pane-0")  # who removes the one in focus sees the rest


def test_a_decision_is_taken_along_at_the_first_click_and_keeps_its_numbers_when_it_is_run_again(
    open_page: Opener, door: str, platform: Platform
) -> None:
    compare, experiments = platform.compare, platform.compare.experiments
    kept = platform.workspace.datasets.create("cases")
    platform.workspace.datasets.add(kept.id, [NewCase(variables={"question": "2+2?"}, expected="4")])
    first = experiments.create(experiments.plan("sums", kept.id, models(platform)[:2], graders=[{"kind": "contains"}]))
    experiments.start(first)
    page = open_page(door)
    ready(page)
    until(page, lambda: experiments.progress(first).state == "finished")
    compare.decide(title="For sums", choice="the first", experiment_id=first)
    page.get_by_role("tab", name="Decisions").click()
    page.wait_for_selector(".record h1")
    lines = page.locator(".record tbody tr")
    record = [line.split("\t") for line in lines.all_inner_texts()]
    assert len(record) == 2
    for kind, begin in (("markdown", b"# For sums"), ("html", b"<!doctype html>"), ("pdf", b"%PDF")):
        with page.expect_download() as saved:
            page.get_by_role("button", name=f"Export {kind}").click()
        taken = saved.value.path().read_bytes()
        assert taken.lower().startswith(begin.lower())
        assert kind == "pdf" or f"{door}calls?call=".encode() in taken
    page.get_by_role("button", name="Run again").click()
    until(page, lambda: lines.count() == 4)  # the page itself looks until the new figures are there
    both = [line.split("\t") for line in lines.all_inner_texts()]
    assert [[who, *figures] for who, _, *figures in both[::2]] == record
    assert len(experiments.all()) == 2


def test_a_pane_keeps_its_newest_question_in_sight(open_page: Opener, door: str, platform: Platform) -> None:
    page = open_page(link(door, "demo/swift", "demo/scholar"))
    ready(page)
    for round_, question in enumerate(("Why did Rome fall?", "And Carthage?", "And Athens?"), 1):
        ask(page, question)
        page.wait_for_function(f"document.querySelectorAll('#pane-1 .user-row').length === {round_}")
        over(page)
    page.wait_for_function(
        """() => {
          const box = document.querySelector('#pane-1 .panel-wrap'), rows = box.querySelectorAll('.user-row');
          const above = rows[rows.length - 1].getBoundingClientRect().top - box.getBoundingClientRect().top;
          const atEnd = box.scrollTop + box.clientHeight > box.scrollHeight - 2;
          return box.scrollTop > 0 && Math.abs(above) < 3 || atEnd && box.scrollHeight > box.clientHeight;
        }"""
    )
