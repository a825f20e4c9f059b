"""The browser tests' parts: one server for all, Chromium, and pages that notice every request leaving the server."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Request, sync_playwright

from tests.e2e.server import ROOT, Server
from tests.e2e.witness import Witness

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
_watched: dict[Page, Witness] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what was said between browser and server, and where the server's threads stand."""
    report = yield
    if report.failed:
        for page, witness in _watched.items():
            folder = ARTIFACTS / "failures"
            folder.mkdir(parents=True, exist_ok=True)
            with suppress(Error):
                page.screenshot(path=folder / f"{item.name}.png")
                (folder / f"{item.name}.html").write_text(page.content(), "utf-8")
            report.sections.append((f"said at {page.url}", "\n".join(witness.tell())))
        for running in (one for one in item.funcargs.values() if isinstance(one, Server)):
            report.sections.append((f"threads of {running.url}", running.threads()))
    return report


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
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One profile on disk for all pages, as a person has: in a new one Chromium would load and compile the same
    scripts for every test, which takes it two fifths more time."""
    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"{CHROMIUM} is missing: install it with `apt-get install chromium`, or name yours in CHROMIUM.")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=CHROMIUM, args=list(FLAGS), locale="en-GB"
        )
        context.set_default_timeout(20_000)
        yield context
        context.close()


@contextmanager
def opened(profile: BrowserContext, *, width: int, height: int, dark: bool, leaves: list[str]) -> Iterator[Page]:
    """A page that remembers nothing of earlier ones; what it asks of any other server is written into `leaves`."""
    page = profile.new_page()
    _watched[page] = Witness(page)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.on("request", lambda request: leaves.append(request.url) if _leaves(request, page) else None)
    try:
        yield page
    finally:
        del _watched[page]
        if not page.is_closed():
            if page.url.startswith("http"):
                page.evaluate("localStorage.clear()")
            page.close()


def _leaves(request: Request, page: Page) -> bool:
    there = urlsplit(request.url)
    return there.scheme in ("http", "https", "ws", "wss") and there.hostname not in ("127.0.0.1", "localhost")


@pytest.fixture
def open_page(profile: BrowserContext) -> Iterator[Opener]:
    """`open_page(url, dark=True, width=390, height=844)`: as many pages as a test needs, none of which may call out."""
    leaves: list[str] = []
    still_open = []

    def open_one(url: str = "about:blank", *, dark: bool = False, width: int = WIDE[0], height: int = WIDE[1]) -> Page:
        holder = opened(profile, width=width, height=height, dark=dark, leaves=leaves)
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
def easel(profile: BrowserContext) -> Iterator[Page]:
    leaves: list[str] = []
    with opened(profile, width=WIDE[0], height=WIDE[1], dark=False, leaves=leaves) as page:
        yield page
    assert not leaves, f"a page asked another server: {leaves[:5]}"


@pytest.fixture
def portraits(easel: Page) -> Callable[..., list[Path]]:
    """`portraits(url, "spend", ready=lambda page: …)`: light and dark, wide and phone, into tests/artifacts/.

    The reader's system turns dark while the page is open, and every part of the page follows.
    """

    def take(url: str, name: str, ready: Callable[[Page], object] | None = None) -> list[Path]:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        taken = []
        easel.emulate_media(color_scheme="light")
        easel.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        easel.goto(url)
        settled(easel)
        if ready:
            ready(easel)
        for scheme, (width, height) in (("light", WIDE), ("light", PHONE), ("dark", PHONE), ("dark", WIDE)):
            easel.emulate_media(color_scheme=scheme)
            easel.set_viewport_size({"width": width, "height": height})
            easel.wait_for_function(DRAWN_FOR, arg=scheme)
            settled(easel)
            path = ARTIFACTS / f"{name}-{scheme}-{width}.png"
            easel.screenshot(path=path)
            wider = easel.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 1, f"{name} scrolls sideways by {wider} px at {width} px"
            taken.append(path)
        return taken

    return take


DRAWN_FOR = """scheme => {
    const page = document.querySelector('[data-testid=stApp]') ?? document.body;
    return [page, ...document.querySelectorAll('.js-plotly-plot .main-svg:first-child')].every(part => {
        const [red, green, blue] = getComputedStyle(part).backgroundColor.match(/[0-9.]+/g).map(Number);
        return red + green + blue < 384 === (scheme === 'dark');
    });
}"""
"""Whether the page and each of its charts are light, or dark."""


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
