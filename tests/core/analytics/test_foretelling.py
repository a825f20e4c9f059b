"""Drivers add up, forecasts hold as often as they say, and unusual use is rarely a false alarm."""

import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analytics.drivers import Traffic, split
from core.analytics.forecast import simulate
from core.analytics.models import wilson
from core.analytics.unusual import LONGEST, THRESHOLD, judge, matters

AMOUNT = st.floats(0, 1e6).filter(lambda value: value == 0 or value > 1e-6)
COUNT = st.integers(0, 10**6).map(float)
TRAFFIC = st.builds(Traffic, calls=COUNT, sent=COUNT, tokens=COUNT, full=AMOUNT, cost=AMOUNT)
SIDE = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), TRAFFIC, max_size=4)


@given(SIDE, SIDE)
def test_the_steps_are_the_whole_change(old: dict[str, Traffic], new: dict[str, Traffic]) -> None:
    found = split(old, new)
    total = found.before + sum(amount for _, amount in found.steps)
    assert total == pytest.approx(found.after, rel=1e-9, abs=1e-6)


def test_each_driver_is_named_when_it_alone_changed() -> None:
    base = Traffic(calls=100, sent=100, tokens=1000, full=10, cost=10)
    cases = {
        "Volume": Traffic(calls=200, sent=200, tokens=2000, full=20, cost=20),
        "Tokens per call": Traffic(calls=100, sent=100, tokens=2000, full=20, cost=20),
        "Price": Traffic(calls=100, sent=100, tokens=1000, full=20, cost=20),
        "Caches": Traffic(calls=100, sent=50, tokens=500, full=5, cost=5),
    }
    for name, after in cases.items():
        steps = dict(split({"m": base}, {"m": after}).steps)
        assert steps.pop(name) == pytest.approx(after.cost - 10)
        assert all(abs(amount) < 1e-9 for amount in steps.values())


def history(chance: random.Random, days: int, noise: float) -> list[tuple[date, float]]:
    first = date(2026, 1, 5)
    return [
        (day, (10.0 if day.weekday() < 5 else 2.0) * chance.lognormvariate(0, noise))
        for day in (first + timedelta(days=number) for number in range(days))
    ]


@pytest.mark.parametrize("noise", [0.1, 0.3, 0.6])
def test_a_forecast_holds_about_as_often_as_it_says(noise: float) -> None:
    chance, inside = random.Random(7), 0
    for _ in range(60):
        days = history(chance, 56 + 14, noise)
        past, future = days[:56], days[56:]
        last = simulate(past, [day for day, _ in future], 1.0, 5.0).iloc[-1]
        inside += last["low"] <= 5.0 + sum(amount for _, amount in future) <= last["high"]
    assert 40 <= inside <= 58  # of 60, where 48 are due


def points(chance: random.Random, kind: str, number: int) -> list[tuple[datetime, float, float]]:
    found, level = [], 6.0
    for place in range(number):
        day = datetime(2026, 1, 1) + timedelta(days=place)
        calls = 200 if day.weekday() < 5 else 40
        level += chance.gauss(0, 0.01)
        if kind == "errors":
            failed = sum(chance.random() < 0.03 for _ in range(calls))
            found.append((day, failed / calls, float(calls)))
        else:
            spread = {"steady": 0.1, "noisy": 0.4, "tails": 0.2 * (3 if chance.random() < 0.03 else 1)}[kind]
            found.append((day, calls * 2.718 ** (level - 6 + chance.gauss(0, spread)), float(calls)))
    return found


@pytest.mark.parametrize("kind", ["steady", "noisy", "tails", "errors"])
def test_false_alarms_are_rarer_than_one_a_week_per_hundred_series(kind: str) -> None:
    """700 days of series: one alarm is a week of a hundred series."""
    chance, alarms, judged = random.Random(3), 0, 0
    while judged < 7000:
        days = points(chance, kind, LONGEST + 70)
        for place in range(LONGEST, len(days)):
            found = judge(days[place - LONGEST : place], days[place], share=kind == "errors")
            assert found is not None
            judged += 1
            name = "errors" if kind == "errors" else "volume"
            alarms += abs(found.score) > THRESHOLD and matters(name, days[place][1], found.expected)
    assert alarms <= 10


@pytest.mark.parametrize(("kind", "times"), [("steady", 3.0), ("errors", 12.0)])
def test_what_is_plainly_unusual_is_found(kind: str, times: float) -> None:
    chance = random.Random(5)
    for _ in range(20):
        days = points(chance, kind, LONGEST + 1)
        day, value, weight = days[-1]
        odd = (day, max(value, 0.02) * times, weight)
        found = judge(days[:-1], odd, share=kind == "errors")
        assert found is not None
        assert found.score > THRESHOLD


def test_wilson() -> None:
    assert wilson(0, 0) == (None, None)
    low, high = wilson(8, 10)
    assert (round(low or 0, 3), round(high or 0, 3)) == (0.49, 0.943)
