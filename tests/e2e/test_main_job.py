"""The main job, as a newcomer does it: no key, three doors, one engine, every call on disk."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from core.ledger.ledger import Ledger
from core.platform import open_platform
from core.settings import load_settings
from tests.e2e.chatting import answers_ended, ask, body_of, ended, messages, open_chat
from tests.e2e.conftest import WIDE, opened, settled
from tests.e2e.server import ROOT, Server
from tests.upstreams.server import Upstream

QUESTION = "What is a receipt here?"


def words(text: str) -> list[str]:
    """Words as read, whatever Markdown made of the marks between them."""
    return re.findall(r"[^\W_]+", text)


def to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    settled(page)


def panes(page: Page) -> list[str]:
    """What each pane of the playground shows as its answer, left to right."""
    return page.evaluate(
        """() => [...document.querySelectorAll('#panes [data-testid=bot]')]
            .filter(one => one.offsetParent).map(one => one.innerText.trim()).filter(text => text !== 'Reasoning')"""
    )


@pytest.fixture(scope="module")
def echoing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Answers with the question's own words, after half a second."""
    with Upstream(models=("slow-500",)) as upstream:
        variables = {"VLLM_BASE_URL": f"{upstream.url}/v1", "DEFAULT_AI_MODEL": "vllm/slow-500"}
        server = Server(tmp_path_factory.mktemp("echoing"), variables).start()
        yield server
        assert server.stop() in (0, -15), server.log


def test_the_seven_steps_without_a_key(own_server, page: Page) -> None:
    server = own_server()
    open_chat(page, server.url)
    ask(page, QUESTION)
    answer = ended(page)
    shown = body_of(answer)
    expect(answer).to_contain_text("first token")
    expect(answer).to_contain_text("$")
    page.reload()
    assert body_of(ended(page)) == shown

    to(page, "Assistants")
    page.get_by_role("button", name="New assistant").click()
    page.get_by_label("Name").first.fill("Plain speaker")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Plain speaker").first).to_be_visible()

    page.goto(f"{server.url}/playground/")
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Comparable")).to_be_visible(timeout=40_000)
    answers_ended(page)
    beside = panes(page)

    page.goto(f"{server.url}/spend")
    settled(page)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Load sample data").click()
    expect(page.get_by_role("button", name="Remove sample data")).to_be_visible(timeout=60_000)
    to(page, "Latency")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Remove sample data").click()
    expect(page.get_by_role("button", name="Load sample data")).to_be_visible(timeout=60_000)
    to(page, "Calls")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()

    assert server.stop() in (0, -15), server.log
    assert "Traceback" not in server.log
    with open_platform(load_settings(_env_file=None, data_dir=server.data)) as platform:
        made = platform.ledger.rows("SELECT call_id, door, status FROM calls ORDER BY seq")
        told = {call: platform.ledger.payload(call).response["text"] for call, _, _ in made}
        assert {status for _, _, status in made} == {"ok"}
        assert platform.ledger.rows("SELECT count(*) FROM calls WHERE origin = 'sample'") == [(0,)]
        assert "Plain speaker" in {one.name for one in platform.workspace.assistants.list()}
    (chat,) = [told[call] for call, door, _ in made if door == "chat"]
    assert words(chat)[-10:] == words(shown)[-10:]
    compared = [words(told[call]) for call, door, _ in made if door == "playground"]
    assert sorted(words(pane) for pane in beside) == sorted(compared)


DEEDS = st.tuples(
    st.integers(0, 2), st.text("abcdefgh", min_size=4, max_size=9), st.sampled_from(["stay", "stay", "reload", "leave"])
)


@settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(deeds=st.lists(DEEDS, min_size=4, max_size=7))
def test_every_answer_shows_the_words_of_its_own_call(
    echoing: Server, browser: Browser, deeds: list[tuple[int, str, str]]
) -> None:
    """Three tabs ask, each in a chat of its own; answers go on while their pages are loaded anew or left."""
    leaves: list[str] = []
    with ExitStack() as stack:
        tabs = [
            stack.enter_context(opened(browser, width=WIDE[0], height=WIDE[1], dark=False, leaves=leaves))
            for _ in range(3)
        ]
        asked: list[list[str]] = [[], [], []]
        for tab, word, deed in deeds:
            page = tabs[tab]
            if not asked[tab]:
                open_chat(page, echoing.url)
            ask(page, f"{word} {len(asked[tab])} of {tab}")
            asked[tab].append(word)
            expect(messages(page, "user")).to_have_count(len(asked[tab]))
            if deed == "reload":
                page.reload()
            elif deed == "leave":
                to(page, "Assistants")
                page.go_back()
            expect(messages(page, "assistant")).to_have_count(len(asked[tab]))
            ended(page)
        for page, words_asked in zip(tabs, asked, strict=True):
            if not words_asked:
                continue
            page.reload()
            ended(page)
            conversation = parse_qs(urlsplit(page.url).query)["conversation"][0]
            shown = [words(body_of(answer)) for answer in messages(page, "assistant").all()]
            assert shown == [words(text) for text in told(echoing, conversation)]
            assert all(word in " ".join(one) for word, one in zip(words_asked, shown, strict=True))
    assert not leaves


def told(server: Server, conversation: str) -> list[str]:
    """What the log says of a conversation's answers, oldest first, read while the server runs, from its own journal."""
    folder = server.home / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(server.data / "journal", folder / "journal")
    with closing(Ledger.open(folder)) as ledger:
        ledger.settle()
        calls = ledger.rows("SELECT call_id FROM calls WHERE conversation_id = ? ORDER BY started_at", [conversation])
        return [(ledger.payload(call).response or {})["text"] for (call,) in calls]


STREAMS = """
import sys, threading
from core.platform import open_platform
from core.settings import load_settings
with open_platform(load_settings(_env_file=None)) as platform:
    def ask(number):
        model = "vllm/tokens-20" if number % 2 else "vllm/tokens-4000-rate-50"
        asked = platform.chat.ask(None, f"Question {number}", model=model)
        view = asked.turn.wait()
        if view.receipt is not None and view.receipt.logged:
            sys.stdout.write(asked.turn.id + "\\n")
            sys.stdout.flush()
    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_killed_amid_twenty_streams_nothing_shown_is_lost(tmp_path: Path) -> None:
    """Twenty short answers get their receipts, twenty long ones are running when the process is killed."""
    with Upstream(models=("tokens-20", "tokens-4000-rate-50")) as upstream:
        variables = {"VLLM_BASE_URL": f"{upstream.url}/v1", "DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
        child = subprocess.Popen([sys.executable, "-c", STREAMS], cwd=tmp_path, env=variables, stdout=subprocess.PIPE)
        receipts = {child.stdout.readline().decode().strip() for _ in range(20)}
        assert upstream.wait_for(lambda: len(upstream.chats()) >= 40, 20)
        child.kill()
        child.wait()
    assert "" not in receipts
    for _ in range(2):  # the second opening finds what the first one left, and adds nothing
        with open_platform(load_settings(_env_file=None, data_dir=tmp_path / "data")) as platform:
            platform.ledger.settle()
            rows = platform.ledger.rows("SELECT call_id, turn_id, status FROM calls")
            answers = platform.workspace.conversations.list(limit=100)
        assert len({call for call, _, _ in rows}) == len(rows) == 40
        assert receipts <= {turn for _, turn, status in rows if status == "ok"}
        assert sum(status == "interrupted" for _, _, status in rows) == 20
        assert len(answers) == 40
