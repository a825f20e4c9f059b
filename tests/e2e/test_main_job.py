"""The main job, as a newcomer does it: no key, three doors, one engine, every call on disk."""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import BrowserContext, Page, expect

from core.ledger.ledger import Ledger
from core.platform import open_platform
from core.settings import load_settings
from tests.e2e.chatting import answers_ended, ask, body_of, ended, last_answer, messages, open_chat, pick_model
from tests.e2e.conftest import WIDE, opened, settled
from tests.e2e.server import Server
from tests.playground.notebook import notebook
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

    page.goto(f"{server.url}/playground")
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
SHOWN = 5
"""Questions that a chat shows with their answers; older ones come when they are asked for."""


@pytest.fixture(scope="module")
def tabs(profile: BrowserContext) -> Iterator[list[Page]]:
    leaves: list[str] = []
    with ExitStack() as stack:
        sizes = {"width": WIDE[0], "height": WIDE[1]}
        yield [stack.enter_context(opened(profile, **sizes, dark=False, leaves=leaves)) for _ in range(3)]
    assert not leaves, f"a page asked another server: {leaves[:5]}"


@settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(deeds=st.lists(DEEDS, min_size=4, max_size=7).filter(lambda deeds: most_of_one_tab(deeds) <= SHOWN))
def test_every_answer_shows_the_words_of_its_own_call(
    echoing: Server, tabs: list[Page], deeds: list[tuple[int, str, str]]
) -> None:
    """Three tabs ask, each in a chat of its own; answers go on while their pages are loaded anew or left."""
    asked: list[list[str]] = [[], [], []]
    for tab, word, deed in deeds:
        page, words_asked = tabs[tab], asked[tab]
        if words_asked:
            all_ended(page, len(words_asked))
        else:
            open_chat(page, echoing.url)
        ask(page, f"{word} {len(words_asked)} of {tab}")
        words_asked.append(word)
        expect(messages(page, "user")).to_have_count(len(words_asked))
        if deed == "reload":
            page.reload()
        elif deed == "leave":
            to(page, "Assistants")
            page.go_back()
    for page, words_asked in zip(tabs, asked, strict=True):
        if not words_asked:
            continue
        all_ended(page, len(words_asked))
        page.reload()
        all_ended(page, len(words_asked))
        conversation = parse_qs(urlsplit(page.url).query)["conversation"][0]
        shown = [words(body_of(answer)) for answer in messages(page, "assistant").all()]
        assert shown == [words(text) for text in told(echoing, conversation)]
        assert all(word in " ".join(one) for word, one in zip(words_asked, shown, strict=True))


def most_of_one_tab(deeds: list[tuple[int, str, str]]) -> int:
    return max(Counter(tab for tab, _, _ in deeds).values())


def all_ended(page: Page, answers: int) -> None:
    expect(messages(page, "assistant")).to_have_count(answers)
    ended(page)


def told(server: Server, conversation: str) -> list[str]:
    """What the log says of a conversation's answers, oldest first, read while the server runs, from its own journal."""
    folder = server.home / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(server.data / "journal", folder / "journal")
    with closing(Ledger.open(folder)) as ledger:
        ledger.settle()
        calls = ledger.rows("SELECT call_id FROM calls WHERE conversation_id = ? ORDER BY started_at", [conversation])
        return [(ledger.payload(call).response or {})["text"] for (call,) in calls]


def test_killed_amid_twenty_streams_nothing_shown_is_lost(own_server: Callable[..., Server], tabs: list[Page]) -> None:
    """Two chats and eighteen panes are streaming; each chat and eight panes had short answers before."""
    short, long = "tokens-20", "tokens-4000-rate-50"
    with Upstream(models=(short, long)) as upstream:
        server = own_server(
            OPENAI_BASE_URL=f"{upstream.url}/v1", OPENAI_API_KEY="sk-loopback", DEFAULT_AI_MODEL=f"openai/{short}"
        )
        chats = [open_chat(page, server.url) for page in tabs[:2]]
        receipts = []
        for page in chats:
            ask(page, "A short one")
            receipts.append(ended(page).locator('[class*="st-key-receipt-"]').text_content())
            pick_model(page, long)
        client = notebook(f"{server.url}/playground/")
        compared = client.predict("A short one", [f"openai/{short}"] * 8, False, api_name="/compare_models")
        calls = {call for pane in compared["panes"] for call in pane["call_ids"]}
        for panes in (8, 8, 2):
            client.submit("A long one", [f"openai/{long}"] * panes, False, api_name="/compare_models")
        for page in chats:
            ask(page, "A long one")
        for page in chats:
            expect(last_answer(page)).to_contain_text("w20")
        assert upstream.wait_for(lambda: len(upstream.chats()) == 2 + 8 + 18 + 2, 20)
        server.kill()
    server.start()
    for page, receipt in zip(chats, receipts, strict=True):
        page.reload()
        expect(messages(page, "assistant")).to_have_count(2)
        expect(messages(page, "assistant").first.locator('[class*="st-key-receipt-"]')).to_have_text(receipt)
        expect(last_answer(page)).to_contain_text("The platform stopped while this was being answered")
    assert server.stop() in (0, -15), server.log
    with open_platform(load_settings(_env_file=None, data_dir=server.data)) as platform:
        platform.ledger.settle()
        rows = platform.ledger.rows("SELECT call_id, status FROM calls")
    assert len({call for call, _ in rows}) == len(rows) == 30
    assert calls <= {call for call, status in rows if status == "ok"}
    assert Counter(status for _, status in rows) == {"ok": 10, "interrupted": 20}
