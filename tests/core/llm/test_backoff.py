"""How long retries wait: longer each time, at random, and never shorter than a provider asks."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadRequestError, RateLimitedError
from core.llm.backoff import Manners, chance, pause_s

MANNERS = Manners()
SEEDS = st.integers(0, 2**32)


@given(SEEDS)
def test_each_pause_of_a_call_is_longer_than_the_one_before_and_none_is_nothing(seed):
    luck = chance(random.Random(seed))
    pauses = [pause_s(RateLimitedError("busy"), retry, MANNERS, luck) for retry in range(5)]
    assert all(later >= 1.5 * earlier for earlier, later in pairwise(pauses))
    assert pauses[0] >= 0.05
    assert all(pause <= MANNERS.base_s * 2**retry for retry, pause in enumerate(pauses))


def test_calls_that_failed_together_do_not_return_together():
    dice = random.Random(1)
    first = sorted(pause_s(RateLimitedError("busy"), 0, MANNERS, chance(dice)) for _ in range(1000))
    assert first[100] < 0.12
    assert first[-100] > 0.43
    assert max(later - earlier for earlier, later in pairwise(first)) < 0.02


@given(SEEDS, st.floats(0.001, 60), st.integers(0, 9))
def test_a_providers_wish_is_a_floor(seed, wish, retry):
    pause = pause_s(RateLimitedError("busy", retry_after_s=wish), retry, MANNERS, chance(random.Random(seed)))
    assert wish <= pause <= wish * 1.1 + 0.1


def test_what_a_retry_cannot_help_and_what_takes_too_long_is_not_waited_for():
    assert pause_s(BadRequestError("wrong"), 0, MANNERS, 0.5) is None
    assert pause_s(RateLimitedError("busy", retry_after_s=61), 0, MANNERS, 0.5) is None
