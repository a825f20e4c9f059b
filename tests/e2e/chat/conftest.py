"""What the tests of the chat share: one server that answers from loopback, and one tab in it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.chatting import BOX, new_chat, open_chat
from tests.e2e.conftest import WIDE, opened
from tests.e2e.server import Server
from tests.upstreams.server import Upstream
from tests.upstreams.wiki import serving

STREAM = "tokens-200-rate-40"
WORDS = " ".join(f"w{number}" for number in range(200))
ENDLESS = "tokens-4000-rate-40"
MODELS = (
    "echo", "gpt-3.5-turbo", "gpt-4o", STREAM, ENDLESS, "reasoning", "tokens-400", "tokens-15000", "length+tokens-20",
    "503", "leak", "tools", "tools-endless",
)  # fmt: skip


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    with Upstream(models=MODELS) as server:
        yield server


@pytest.fixture(scope="session")
def wiki() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def chat_server(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream, wiki: str) -> Iterator[Server]:
    """Answers from a real server on loopback; every chat here is a new one, so that tests do not meet."""
    variables = {
        "VLLM_BASE_URL": f"{upstream.url}/v1",
        "VLLM_API_KEY": "sk-canary-4321",
        "OPENAI_BASE_URL": f"{upstream.url}/v1",
        "OPENAI_API_KEY": "sk-loopback",
        "DEFAULT_AI_MODEL": "vllm/echo",
        "MCP_SERVERS": f"wiki={wiki}",
    }
    server = Server(tmp_path_factory.mktemp("chat"), variables).start()
    yield server
    assert server.stop() in (0, -15), server.log


@pytest.fixture(scope="session")
def tab(profile: BrowserContext, chat_server: Server) -> Iterator[Page]:
    """One tab for all of them: loading the page anew would take most of a test's time."""
    leaves: list[str] = []
    with opened(profile, width=WIDE[0], height=WIDE[1], dark=False, leaves=leaves) as page:
        yield open_chat(page, chat_server.url)
    assert not leaves, f"a page asked another server: {leaves[:5]}"


@pytest.fixture
def page(tab: Page, chat_server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The tab on a new, empty chat; loaded anew after a failure, or when the last test left the chat."""
    here = urlsplit(tab.url)
    at_home = here.path == "/" and f"{here.scheme}://{here.netloc}" == chat_server.url
    if not (at_home and tab.get_by_test_id(BOX).count() and tab.get_by_role("dialog").count() == 0):
        open_chat(tab, chat_server.url)
    new_chat(tab)
    failed = request.session.testsfailed
    yield tab
    if request.session.testsfailed > failed:
        tab.goto("about:blank")
