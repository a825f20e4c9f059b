"""The analysis pages run headless from top to bottom, with an empty log, one call, and many of every kind."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.analytics.filters import Filters
from core.ledger.facts import CallEnded
from core.platform import close_shared_platform, shared_platform
from pages.analysis import period
from tests.core.analytics.made import calls
from tests.pages.figures_walked import Looked, charts, headlines, tables

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ("overview", "spend", "latency", "model_report", "usage", "calls", "sql", "budgets")
Runner = Callable[..., AppTest]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def one(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        return app.switch_page(f"{name}.py").run()

    yield one
    close_shared_platform()


def fill(number: int) -> None:
    ledger = shared_platform().ledger
    for call in calls(number, start="2026-03-01", origin="live"):
        ledger.submit(CallEnded(call))
    ledger.settle(60)


@pytest.mark.parametrize("number", [0, 60])
def test_they_run(run: Runner, number: int) -> None:
    if number:
        fill(number)
    for name in PAGES:
        app = run(name)
        assert not app.exception, (name, app.exception)
        assert not app.error, (name, [error.value for error in app.error])
        if number == 0 and name not in ("sql", "budgets"):
            assert any(heading.value == "No calls yet" for heading in app.subheader)


def test_a_page_shows_no_figure_but_those_that_are_walked(run: Runner) -> None:
    """test_every_figure.py walks what figures_walked.py lists: here that list is held against the pages themselves."""
    fill(60)
    analytics = shared_platform().analytics
    at = Looked(analytics, Filters(), Filters(until=datetime(2026, 1, 1)), datetime(2026, 4, 3))
    for page in ("overview", "spend", "latency", "model_report", "usage"):
        app = run(page, period="all")
        # over all time there is nothing before, so the Overview has nothing to compare with
        assert len(app.get("plotly_chart")) == len(charts(page, at)) - (page == "overview"), page
        assert len(app.metric) == len(headlines(page, at)), page
        assert len(app.dataframe) == len(tables(page, at)), page


def test_a_link_to_sample_data_that_is_gone_offers_it_again(run: Runner) -> None:
    fill(60)
    for name in ("overview", "spend", "latency", "model_report", "usage", "calls"):
        app = run(name, origin="sample")
        assert not app.exception, (name, app.exception)
        assert [button.label for button in app.button if button.key == "sample_load"] == ["Load sample data"]
    app.button(key="origin_live").click().run()
    assert not app.exception
    assert app.query_params["origin"] == "live"
    assert "No sample data" not in [heading.value for heading in app.subheader]


def test_before_a_month_is_the_same_days_of_the_last_one() -> None:
    now = datetime(2026, 3, 10, 12)
    since, until = period.span("month", "UTC", now)
    assert (since, until) == (datetime(2026, 3, 1), datetime(2026, 4, 1))
    assert period.before(since, now, "month", "UTC", now) == (datetime(2026, 2, 1), datetime(2026, 2, 10, 12))
    since, until = period.span("7d", "Europe/Berlin", now)
    assert (since, until) == (datetime(2026, 3, 3, 23), datetime(2026, 3, 10, 23))
    assert period.span("all", "UTC", now) == (None, None)


def test_a_view_is_saved_removed_brought_back_and_opened(run: Runner) -> None:
    fill(60)
    app = run("spend", period="all", models="openai/gpt-5-mini")
    app.session_state["views"] = True
    app.run()
    app.text_input(key="view_name").set_value("Mini, always").run()
    app.button(key="view_save").click().run()
    (document,) = shared_platform().workspace.documents("analysis_view").list()
    app.button(key=f"view_drop_{document.id}").click().run()
    assert not shared_platform().workspace.documents("analysis_view").list()
    assert "Removed: Mini, always" in [each.value for each in app.caption]
    app.button(key="view_undo").click().run()
    assert "Removed: Mini, always" not in [each.value for each in app.caption]

    other = run("spend")
    other.session_state["views"] = True
    other.run().button(key=f"view_{document.id}").click().run()
    assert not other.exception
    assert other.query_params["models"] == "openai/gpt-5-mini"
    assert other.query_params["period"] == "all"
