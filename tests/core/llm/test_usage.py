"""Usage in any shape becomes disjoint buckets that add up, or is refused; never anything else."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.events import Usage
from core.llm.usage import LARGEST, read_usage

OPENAI = {
    "prompt_tokens": 120,
    "completion_tokens": 50,
    "total_tokens": 170,
    "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 30, "audio_tokens": 0},
}
ANTHROPIC = {
    "input_tokens": 20,
    "cache_read_input_tokens": 1000,
    "cache_creation_input_tokens": 500,
    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
    "output_tokens": 50,
}
LITELLM_OF_ANTHROPIC = {
    "prompt_tokens": 1520,
    "completion_tokens": 50,
    "prompt_tokens_details": {
        "cached_tokens": 1000,
        "cache_creation_tokens": 500,
        "cache_creation_token_details": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
    },
    "cache_read_input_tokens": 1000,
    "cache_creation_input_tokens": 500,
}


def test_totals_of_openai_include_what_was_cached():
    usage = read_usage(OPENAI).usage
    assert (usage.uncached_input, usage.cache_read, usage.input_tokens) == (20, 100, 120)
    assert (usage.visible_output, usage.reasoning_output, usage.output_tokens) == (20, 30, 50)
    assert usage.source == "provider"


@pytest.mark.parametrize("raw", [ANTHROPIC, LITELLM_OF_ANTHROPIC], ids=["its own words", "litellm's words"])
def test_totals_of_anthropic_exclude_what_was_cached(raw):
    usage = read_usage(raw).usage
    assert (usage.uncached_input, usage.cache_read) == (20, 1000)
    assert (usage.cache_write_5m, usage.cache_write_1h) == (200, 300)
    assert (usage.input_tokens, usage.output_tokens) == (1520, 50)


def test_a_write_without_a_breakdown_is_a_five_minute_one():
    raw = {"input_tokens": 1, "cache_creation_input_tokens": 7, "output_tokens": 1}
    assert read_usage(raw).usage.cache_write_5m == 7


def test_other_spellings():
    assert read_usage({"prompt_eval_count": 7, "eval_count": 9}).usage.input_tokens == 7
    deepseek = {
        "prompt_tokens": 10,
        "prompt_cache_hit_tokens": 4,
        "prompt_cache_miss_tokens": 6,
        "completion_tokens": 1,
    }
    assert read_usage(deepseek).usage.cache_read == 4
    responses = {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 3}
    assert read_usage(responses).usage.uncached_input == 6


def test_nothing_is_not_zero_and_zero_is_zero():
    assert read_usage(None).usage == Usage()
    assert read_usage({}).usage.input_tokens is None
    zero = read_usage({"prompt_tokens": 0, "completion_tokens": 0}).usage
    assert (zero.input_tokens, zero.output_tokens, zero.source) == (0, 0, "provider")


@pytest.mark.parametrize("lie", [-1, 1e15, math.nan, math.inf, 1.5, "many", True, LARGEST + 1])
def test_impossible_figures_are_refused_and_marked(lie):
    for name in ("prompt_tokens", "completion_tokens"):
        reading = read_usage({"prompt_tokens": 1, "completion_tokens": 1, name: lie})
        assert reading.usage == Usage()
        assert "impossible" in reading.doubt


def test_parts_larger_than_their_total_are_not_believed():
    reading = read_usage({"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 50}})
    assert reading.usage.input_tokens == 10
    assert reading.usage.cache_read is None
    assert reading.doubt


figures = st.one_of(st.integers(-5, 10**6), st.none(), st.floats(), st.text(max_size=3), st.just(10**16), st.booleans())
details = st.dictionaries(
    st.sampled_from(["cached_tokens", "audio_tokens", "image_tokens", "reasoning_tokens", "cache_creation_tokens"]),
    figures,
)
raws = st.dictionaries(
    st.sampled_from([*OPENAI, *ANTHROPIC, "input_tokens_details", "output_tokens_details", "prompt_eval_count"]),
    st.one_of(figures, details, st.lists(figures, max_size=2)),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raws)
def test_any_object_gives_buckets_that_add_up(raw):
    reading = read_usage(raw)
    usage = reading.usage
    for total, mine in (("prompt_tokens", usage.input_tokens), ("completion_tokens", usage.output_tokens)):
        if (
            usage.source == "provider"
            and "prompt_tokens" in raw
            and isinstance(raw.get(total), int)
            and mine is not None
        ):
            assert mine == raw[total]
    buckets = [getattr(usage, name) for name in Usage.__slots__ if name != "source"]
    assert all(bucket is None or 0 <= bucket <= LARGEST for bucket in buckets)
    assert (usage.source == "none") == all(bucket is None for bucket in buckets)
