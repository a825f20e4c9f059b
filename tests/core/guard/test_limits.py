"""A sliding minute never lets more through than its limit, and the wait it names is enough and not too long."""

from hypothesis import given
from hypothesis import strategies as st

from core.guard.limits import MINUTE, Window

STEPS = st.lists(st.tuples(st.floats(0, 40), st.integers(1, 60)), max_size=60)


@given(STEPS, st.integers(60, 200))
def test_no_minute_holds_more_than_the_limit(steps: list[tuple[float, int]], limit: int) -> None:
    window, now, passed = Window(), 0.0, []
    for pause, amount in steps:
        now += pause
        wait = window.wait(amount, limit, now)
        if wait == 0:
            window.add(amount, now)
            passed.append((now, amount))
            assert sum(size for at, size in passed if at > now - MINUTE) <= limit
        else:
            assert 0 < wait <= MINUTE + 1e-6
            later = Window()
            for at, size in passed:
                later.add(size, at)
            assert later.wait(amount, limit, now + wait + 1e-6) == 0


@given(STEPS, st.integers(0, 100))
def test_a_corrected_entry_counts_as_what_it_was(steps: list[tuple[float, int]], true: int) -> None:
    window, now = Window(), 0.0
    for pause, amount in steps:
        now += pause
        window.correct(window.add(amount, now), true, now)
    window.clear(now)
    assert window.total == sum(amount for _, amount in window.entries)
