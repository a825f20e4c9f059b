"""Every chart: a title, a unit, an honest emptiness, colours that stay with a model, names that are never markup."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import canvas, failures, look, money, quick, reports, speed, standing, timeline

EVIL = "lab/<img src=x onerror=alert(1)><a href='javascript:x'>\u202e"
DAYS = pd.to_datetime(["2026-03-28", "2026-03-29"])
SPEND = pd.DataFrame({"at": DAYS, "key": ["openai/gpt", EVIL], "cost": [1.5, 2.5], "calls": [3, 4], "turns": [3, 4]})
TIMES = pd.DataFrame(
    {
        "at": DAYS,
        "key": ["openai/gpt", EVIL],
        "n": [5, 6],
        "p50": [0.5, 1],
        "p90": [1, 2],
        "p95": [2, 3],
        "p99": [3, 4.0],
    }
)
BINS = pd.DataFrame({"key": ["openai/gpt", EVIL], "bin": [0, 1], "low": [1.0, 1.26], "high": [1.26, 1.6], "n": [4, 5]})
WEEK = pd.DataFrame({"weekday": [1, 7], "hour": [0, 23], "calls": [3, 4], "p50": [1.0, 2], "p95": [2.0, 3]})
FAILED = pd.DataFrame({"at": DAYS, "key": ["rate_limit", EVIL], "calls": [1, 2]})
ENDS = pd.DataFrame({"outcome": ["answered at once", "failed"], "turns": [9, 1]})
REPORT = pd.DataFrame(
    {
        "model": ["openai/gpt", EVIL],
        "calls": [3, 4],
        "cost_per_call": [0.1, 0.2],
        "ttft_p95": [1.0, 2],
        "wins": [3, 4],
        "losses": [1, 2],
        "win_rate": [0.75, 0.66],
        "win_low": [0.5, 0.4],
        "win_high": [0.9, 0.8],
    }
)
ESTIMATES = pd.DataFrame(
    {"model": ["all", EVIL], "of": ["money", "seconds"], "n": [9, 5], "at_p50": [0.5, 0.4], "at_p90": [0.9, 0.8]}
)
ELSEWHERE = pd.DataFrame(
    {"model": ["openai/gpt", EVIL], "low": [1.0, 2], "middle": [2.0, 3], "high": [3.0, 4], "now": [5.0, 5]}
)
AHEAD = pd.DataFrame({"at": DAYS, "low": [1.0, 2], "middle": [2.0, 3], "high": [3.0, 4]})
CHARTS: dict[str, tuple[Callable[..., go.Figure], pd.DataFrame]] = {
    "money over time": (money.over_time, SPEND),
    "cumulative": (money.cumulative, SPEND),
    "ranking": (money.ranking, SPEND),
    "what if": (money.what_if, ELSEWHERE),
    "percentiles": (speed.percentiles_over_time, TIMES),
    "by model": (speed.by_key_over_time, TIMES),
    "ranges": (speed.ranges, TIMES),
    "distribution": (speed.distribution, BINS),
    "ecdf": (speed.ecdf, BINS),
    "week": (speed.week, WEEK),
    "failures": (failures.over_time, FAILED),
    "outcomes": (failures.outcomes, ENDS),
    "trade-off": (reports.trade_off, REPORT),
    "wins": (reports.win_rates, REPORT),
    "coverage": (reports.coverage, ESTIMATES),
}


def words(figure: go.Figure) -> str:
    """All text that Plotly would draw, without the data that only comes back with a click."""
    plain: dict[str, Any] = figure.to_dict()
    for trace in plain["data"]:
        trace.pop("customdata", None)
    plain["layout"].pop("template", None)
    return str(plain)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", CHARTS)
def test_it_says_what_it_is_and_shows_names_as_text(name: str, dark: bool) -> None:
    draw, frame = CHARTS[name]
    figure = draw(frame, "A title <b>", dark=dark)
    assert figure.layout.title.text == "A title &lt;b&gt;"
    assert figure.layout.title.subtitle.text
    assert figure.layout.paper_bgcolor == look.palette(dark).ground
    assert len(figure.data) > 0
    drawn = words(figure)
    for forbidden in ("<img", "<a ", "javascript:x'>", "\u202e"):
        assert forbidden not in drawn


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_is_said_to_be_nothing(name: str) -> None:
    draw, frame = CHARTS[name]
    figure = draw(frame.iloc[:0], "Empty")
    assert not figure.data
    assert figure.layout.annotations[0].text


def test_unpriced_is_not_free() -> None:
    unpriced = SPEND.assign(cost=np.nan)
    for draw in (money.over_time, money.cumulative, money.ranking):
        assert not draw(unpriced, "Money").data


def test_a_model_keeps_its_colour() -> None:
    bars = money.over_time(SPEND, "x").data
    lines = speed.by_key_over_time(TIMES, "x").data
    for trace in bars:
        assert trace.marker.color == look.color_of(trace.customdata[0][0])
    for trace in lines:
        assert trace.line.color == look.color_of(trace.customdata[0][0])


def test_two_keys_of_one_colour_can_be_told_apart() -> None:
    names = [f"m/{number}" for number in range(30)]
    shapes = canvas.patterns(names, dark=False)
    looks = [(look.color_of(name), shapes[name]) for name in names]
    assert len(set(looks)) == len(looks)


def test_a_waterfall_ends_where_it_says() -> None:
    figure = money.waterfall(10.0, [("Volume", 5.0), ("Price", -3.0)], 12.0, "x")
    (bars,) = figure.data
    assert list(bars.y) == [10.0, 5.0, -3.0, 12.0]
    assert list(bars.measure) == ["absolute", "relative", "relative", "total"]
    assert not money.waterfall(0.0, [("Volume", 0.0)], 0.0, "x").data


def test_a_forecast_shows_its_band() -> None:
    days = pd.DataFrame({"at": DAYS, "total": [1.0, 2.0]})
    assert len(money.forecast(days, AHEAD, "x").data) == 4
    assert len(money.forecast(days, AHEAD.iloc[:0], "x").data) == 1


def test_attempts_stand_on_one_line_of_time() -> None:
    at = datetime(2026, 1, 1)
    row = {
        "call_id": "c1",
        "started_at": at,
        "served_model": EVIL,
        "status": "error",
        "queue_s": 0.5,
        "ttft_s": None,
        "total_s": 1.0,
    }
    good = {**row, "call_id": "c2", "status": "ok", "ttft_s": 0.4, "total_s": None}
    figure = timeline.attempts([row, good, {**good, "total_s": 2.0}], "x")
    assert {trace.customdata[0][0] for trace in figure.data} == {"c1", "c2"}
    assert "<img" not in words(figure)


def test_budgets_show_what_is_spent_and_held() -> None:
    figure = standing.budgets([("Team", 8.0, 1.0, 10.0, 0.8, "b1"), ("Zero", 0.0, 0.0, 0.0, 0.8, "b2")], "x")
    assert [trace.name for trace in figure.data] == ["Spent", "Reserved"]
    assert figure.data[0].marker.color[0] == look.LIGHT.warn
    assert figure.data[0].marker.color[1] == look.LIGHT.bad


def test_a_quick_chart_of_any_table() -> None:
    frame = pd.DataFrame({"day": DAYS, "model": ["a", EVIL], "n": [1, 2]})
    axes = quick.axes(frame)
    assert axes is not None
    assert (axes.x[0], axes.y, axes.shape) == ("day", ["n"], "line")
    for shape in quick.SHAPES:
        assert "<img" not in words(quick.draw(frame, "model", "n", "model", shape))
    assert quick.axes(pd.DataFrame({"a": ["x"]})) is None
    assert quick.axes(pd.DataFrame()) is None


@given(st.text(max_size=200))
def test_any_name_is_plain(text: str) -> None:
    shown = canvas.plain(text)
    assert shown
    assert "<" not in shown.replace("&lt;", "")
    assert len(canvas.slug(text)) <= 60


@pytest.mark.parametrize(("scale", "digits"), [(0.00001, ",.6~f"), (0.1, ",.4~f"), (1000, ",.4~f")])
def test_money_has_the_decimals_that_its_size_needs(scale: float, digits: str) -> None:
    figure = money.over_time(SPEND.assign(cost=SPEND["cost"] * scale), "Spend")
    assert f"$%{{y:{digits}}}" in figure.data[0].hovertemplate
    assert figure.layout.yaxis.exponentformat == "none"  # else Plotly writes $80µ and $20k


@pytest.mark.parametrize(("calls", "step"), [(2, 1), (200, None)])
def test_a_few_failures_are_whole_numbers(calls: int, step: int | None) -> None:
    assert failures.over_time(FAILED.assign(calls=calls), "Failed").layout.yaxis.dtick == step


def test_an_empty_chart_s_sentence_fits_a_phone() -> None:
    figure = speed.same_questions(pd.DataFrame({"ratio": []}), "Same questions", of="first token")
    (said,) = figure.layout.annotations
    assert max(map(len, said.text.split("<br>"))) <= canvas.LINE
