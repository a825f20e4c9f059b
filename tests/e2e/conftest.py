"""The browser tests' parts: one server for all, Chromium, and pages that notice every request leaving the server."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.e2e.server import ROOT, Server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARTIFACTS = ROOT / "tests" / "artifacts"
WIDE = (1280, 860)
PHONE = (390, 844)
Opener = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product with its demo models, shared by all browser tests: leave behind nothing that another trips over."""
    running = Server(tmp_path_factory.mktemp("server")).start()
    yield running
    assert running.stop() in (0, -15), running.log


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`own_server(OPENAI_BASE_URL=…)` starts one more, for tests that kill, restart or configure it."""
    made: list[Server] = []

    def start(**variables: str) -> Server:
        made.append(Server(tmp_path / f"server{len(made)}", variables))
        return made[-1].start()

    yield start
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"{CHROMIUM} is missing: install it with `apt-get install chromium`, or name yours in CHROMIUM.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@contextmanager
def opened(browser: Browser, *, width: int, height: int, dark: bool, leaves: list[str]) -> Iterator[Page]:
    """A page in a profile of its own; what it asks of any other server is written into `leaves`."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="en-GB"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.on("request", lambda request: leaves.append(request.url) if _leaves(request, page) else None)
    try:
        yield page
    finally:
        context.close()


def _leaves(request: Request, page: Page) -> bool:
    there = urlsplit(request.url)
    return there.scheme in ("http", "https", "ws", "wss") and there.hostname not in ("127.0.0.1", "localhost")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """`open_page(url, dark=True, width=390, height=844)`: as many pages as a test needs, none of which may call out."""
    leaves: list[str] = []
    still_open = []

    def open_one(url: str = "about:blank", *, dark: bool = False, width: int = WIDE[0], height: int = WIDE[1]) -> Page:
        holder = opened(browser, width=width, height=height, dark=dark, leaves=leaves)
        page = holder.__enter__()
        still_open.append(holder)
        page.goto(url)
        return page

    yield open_one
    for holder in reversed(still_open):
        holder.__exit__(None, None, None)
    assert not leaves, f"a page asked another server: {leaves[:5]}"


@pytest.fixture
def page(open_page: Opener) -> Page:
    return open_page()


@pytest.fixture(scope="module")
def easels(browser: Browser) -> Iterator[dict[str, Page]]:
    """One light and one dark page for all portraits: a profile of its own for each would load everything anew."""
    leaves: list[str] = []
    with (
        opened(browser, width=WIDE[0], height=WIDE[1], dark=False, leaves=leaves) as light,
        opened(browser, width=WIDE[0], height=WIDE[1], dark=True, leaves=leaves) as dark,
    ):
        yield {"light": light, "dark": dark}
    assert not leaves, f"a page asked another server: {leaves[:5]}"


@pytest.fixture
def portraits(easels: dict[str, Page]) -> Callable[..., list[Path]]:
    """`portraits(url, "spend", ready=lambda page: …)`: light and dark, wide and phone, into tests/artifacts/."""

    def take(url: str, name: str, ready: Callable[[Page], object] | None = None) -> list[Path]:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        taken = []
        for scheme, page in easels.items():
            page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
            page.goto(url)
            settled(page)
            if ready:
                ready(page)
            for width, height in (WIDE, PHONE):
                page.set_viewport_size({"width": width, "height": height})
                settled(page)
                path = ARTIFACTS / f"{name}-{scheme}-{width}.png"
                page.screenshot(path=path)
                wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wider <= 1, f"{name} scrolls sideways by {wider} px at {width} px"
                taken.append(path)
        return taken

    return take


def settled(page: Page) -> None:
    """Waits until a Streamlit script has run to its end, or the playground can be typed into."""
    if "/playground" in page.url:
        page.wait_for_selector("#question textarea")
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(500)
        return
    page.wait_for_selector("[data-testid=stApp]")
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]');
            return app && app.getAttribute('data-test-script-state') === 'notRunning'
                && document.querySelector('[data-testid=stMainBlockContainer]')
                && !document.querySelector('[data-testid=stSkeleton]');
        }""",
        timeout=60_000,
    )
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(250)
