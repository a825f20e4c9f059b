"""The analysis pages in a real browser: empty, one call, sample data; every figure leads to exactly its calls."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from core.ledger.facts import CallEnded, Payload
from core.ledger.ledger import Ledger
from tests.core.analytics.made import calls
from tests.e2e.chatting import menu
from tests.e2e.conftest import Opener, settled
from tests.e2e.server import Server

expect.set_options(timeout=30_000)
PAGES = ("overview", "spend", "latency", "model_report", "calls", "sql", "budgets")
HOSTILE = "<img src=http://evil.example/x onerror=window.hit=1><a href=http://evil.example/a>go</a>![x](http://evil.example/y)"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose log holds real calls with hostile names, and sample data beside them."""
    home = tmp_path_factory.mktemp("busy")
    server = Server(home)
    ledger = Ledger.open(server.data)
    start = (datetime.now(UTC) - timedelta(days=20)).date().isoformat()
    for number, call in enumerate(calls(3_000, start=start, days=20, origin="live")):
        said = Payload(
            request=({"role": "user", "content": [{"type": "text", "text": f"needle{number % 50} **bold**"}]},),
            response={"text": "<script>window.hit=1</script> ![x](http://evil.example/z)", "tool_calls": []},
        )
        if number % 100 == 7:
            call = replace(call, served_model=HOSTILE, requested_model=HOSTILE, tags=(HOSTILE[:60],), user_id=HOSTILE)
        ledger.submit(CallEnded(call, said if number % 10 == 0 else Payload()))
    ledger.settle(60)
    ledger.load_sample(calls=5_000)
    ledger.settle(60)
    ledger.close()
    yield server.start()
    server.stop()


def shown(page: Page) -> None:
    """Until no skeleton is left."""
    settled(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=30_000)


def number(text: str) -> int:
    found = re.search(r"([\d,]+) calls?", text)
    assert found, text
    return int(found[1].replace(",", ""))


def test_an_empty_log_offers_sample_data_and_takes_it_away(
    own_server: Callable[..., Server], open_page: Opener
) -> None:
    server = own_server()
    page = open_page(server.url)
    for name in PAGES:
        page.goto(f"{server.url}/{name}")
        shown(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{server.url}/overview")
    expect(page.get_by_text("No calls yet")).to_be_visible()
    page.get_by_role("button", name="Load sample data").click()
    expect(page.get_by_text("No real call is in these figures")).to_be_visible(timeout=60_000)
    shown(page)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Remove sample data").click()
    expect(page.get_by_text("No calls yet")).to_be_visible(timeout=60_000)
    assert server.health()["ledger"]["rows"] == 0


def listed(page: Page) -> int:
    """How many calls the Calls page lists, once it is there."""
    expect(page.get_by_role("heading", level=1, name="Calls")).to_be_visible()
    shown(page)
    return number(page.get_by_text("newest first").inner_text())


def test_figures_lead_to_exactly_their_calls(busy: Server, open_page: Opener) -> None:
    """What every figure leads to is checked in tests/pages/test_every_figure.py; that a click goes there, here."""
    page = open_page(f"{busy.url}/overview?origin=live", height=2400)
    shown(page)
    way = page.get_by_test_id("stMetric").filter(has_text="Turns").locator("xpath=../..").get_by_role("link")
    wanted = number(way.inner_text())
    way.click()
    assert listed(page) == wanted
    marks = {
        "overview": (
            ("What drove the change", ".waterfalllayer .point path", 6),
            ("to its end", ".points path.point", 0),
        ),
        "latency": (("over time", ".points path.point", 1), ("hour of the week", ".bars .point path", 9)),
        "spend": (("Money by model", ".bars .point path", 0),),
    }
    for name, charts in marks.items():
        for title, mark, place in charts:
            page.goto(f"{busy.url}/{name}?origin=live")
            shown(page)
            plot = page.locator(".js-plotly-plot").filter(has_text=title).first
            box = plot.locator(mark).nth(place).bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            hovered = plot.locator(".hoverlayer")
            expect(hovered).not_to_be_empty()
            said = re.search(r"([\d,]+) calls", hovered.text_content() or "")
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            assert listed(page) == (int(said[1].replace(",", "")) if said else listed(page)) > 0
    page.goto(f"{busy.url}/spend?origin=live")
    shown(page)
    table = page.get_by_test_id("stDataFrame").first
    table.click(position={"x": 330, "y": 52})  # the calls of the dearest model
    assert listed(page) > 0
    assert "models=" in page.url


def test_the_url_holds_the_filters_and_the_search_finds_what_was_said(busy: Server, open_page: Opener) -> None:
    page = open_page(f"{busy.url}/calls?users=ann&period=all&origin=live")
    shown(page)
    expect(page.get_by_text("User: ann")).to_be_visible()
    first = number(page.get_by_text("newest first").inner_text())
    page.get_by_placeholder("Search questions, answers and errors").fill("needle20 **bold")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("text=needle20"))
    shown(page)
    assert 0 < number(page.get_by_text("newest first").inner_text()) < first
    page.reload()
    shown(page)
    expect(page.get_by_text("User: ann")).to_be_visible()
    found = listed(page)
    menu(page, ".st-key-export_menu", "CSV")
    with page.expect_download() as file:
        page.locator(".st-key-export").get_by_role("link", name="Download").click()
    assert len(list(csv.reader(file.value.path().read_text("utf-8").splitlines()))) == found + 1
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("User: ann")).to_have_count(0)
    shown(page)
    every = number(page.get_by_text("newest first").inner_text())
    page.get_by_role("button", name="Money and time").click()
    page.get_by_label("First token, seconds, from").fill("0.5")
    page.get_by_role("button", name="Show these").click()
    expect(page).to_have_url(re.compile("min_ttft_s=0.5"))
    shown(page)
    assert 0 < number(page.get_by_text("newest first").inner_text()) < every


def test_one_call_opens_whole_and_hostile_text_stays_text(busy: Server, open_page: Opener) -> None:
    page = open_page(
        f"{busy.url}/calls?period=all&origin=live&text=needle20&models=lab%2F%3Cb%3Eunpriced+%26+odd%3C%2Fb%3E"
    )
    shown(page)
    canvas = page.get_by_test_id("stDataFrame").first
    canvas.click(position={"x": 15, "y": 52})
    expect(page).to_have_url(re.compile("call="))
    shown(page)
    expect(page.get_by_role("heading", level=1, name="lab/<b>unpriced & odd</b>")).to_be_visible()
    expect(page.get_by_text("needle20 **bold**")).to_be_visible()
    expect(page.get_by_text("<script>window.hit=1</script>")).to_be_visible()
    assert page.evaluate("window.hit") is None
    page.get_by_role("link", name="All calls").click()
    expect(page.get_by_text("newest first")).to_be_visible()
    assert "text=needle20" in page.url


def test_hostile_names_fetch_and_run_nothing_on_any_page(busy: Server, open_page: Opener) -> None:
    """`open_page` itself fails on a request to any other server."""
    page = open_page(f"{busy.url}/calls?period=all&origin=live")
    for name in ("overview", "latency", "model_report", "spend?origin=live&users=" + quote(HOSTILE)):
        page.goto(f"{busy.url}/{name}" + ("" if "?" in name else "?period=all&origin=live"))
        shown(page)
        for plot in page.locator(".js-plotly-plot .nsewdrag").all()[:3]:
            plot.hover(force=True)
        found = page.locator("[src*='//evil'], [href^='http://evil'], .js-plotly-plot svg a")
        assert [each.evaluate("node => node.parentElement.outerHTML") for each in found.all()] == []
        assert page.evaluate("window.hit") is None


def test_a_dashboard_prints_and_a_call_is_replayed(busy: Server, open_page: Opener) -> None:
    page = open_page(f"{busy.url}/spend?period=all&origin=live")
    shown(page)
    expect(page.get_by_role("link", name="Set budgets")).to_be_visible()
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("window.printed === true")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) > 1
    page.goto(f"{busy.url}/calls?period=all&origin=live&text=needle20")
    shown(page)
    page.get_by_test_id("stDataFrame").first.click(position={"x": 15, "y": 52})
    replay = page.get_by_role("link", name="Compare in the playground")
    expect(replay).to_be_visible()
    page.goto(f"{busy.url}{replay.get_attribute('href')}")
    settled(page)
    expect(page.locator("#question textarea")).to_have_value("needle20 **bold**")


def test_the_sample_and_the_real_never_mix(busy: Server, open_page: Opener) -> None:
    page = open_page(f"{busy.url}/calls?period=all")
    shown(page)
    assert number(page.get_by_text("newest first").inner_text()) == 3_000
    page.get_by_role("button", name="Show sample data").click()
    expect(page.get_by_text("No real call is in these figures")).to_be_visible()
    shown(page)
    assert number(page.get_by_text("newest first").inner_text()) == 5_000


def test_an_analyst_asks_in_sql_and_cannot_change_anything(busy: Server, open_page: Opener) -> None:
    page = open_page(f"{busy.url}/sql")
    shown(page)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text(re.compile(r"\d+ rows?, \d+ ms"))).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    for text, words in (
        ("DROP TABLE calls", "SELECT"),
        ("SELECT 1; SELECT 2", "SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", ""),
    ):
        page.get_by_role("textbox").first.fill(text)
        page.get_by_role("button", name="Run").click()
        alert = page.get_by_test_id("stAlert")
        expect(alert).to_contain_text(words)
        settled(page)
    assert busy.health()["ledger"]["rows"] == 8_000


def test_a_budget_is_made_and_shown(busy: Server, open_page: Opener) -> None:
    page = open_page(f"{busy.url}/budgets")
    shown(page)
    page.get_by_role("button", name="New budget").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Everything")
    dialog.get_by_label("Limit, US dollars").fill("2.50")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("How budgets stand").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("spent this month; warns from 80%; then: stop calls.")).to_be_visible()
