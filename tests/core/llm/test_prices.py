"""Golden costs, to the last digit, for every class that comparable products got wrong."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidError
from core.events import Usage
from core.llm import modelmap
from core.llm.prices import Price, cost_of
from core.llm.usage import read_usage
from core.llm.wire import library

D = Decimal
SIMPLE = Price(
    "v", "own price", {"uncached_input": D("2.5e-6"), "cache_read": D("1.25e-6"), "visible_output": D("1e-5")}
)


def of_map(model, raw, provider="openai"):
    return cost_of(read_usage(raw).usage, modelmap.price(provider, model))


def test_cached_tokens_are_paid_once_and_at_their_own_price():
    raw = {"prompt_tokens": 120, "completion_tokens": 0, "prompt_tokens_details": {"cached_tokens": 100}}
    cost = of_map("gpt-4o", raw)
    assert (cost.input, cost.cache_read, cost.total) == (D("0.00005"), D("0.000125"), D("0.000175"))


def test_anthropic_input_is_not_reduced_by_what_was_cached():
    raw = {
        "input_tokens": 20,
        "cache_read_input_tokens": 1000,
        "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
        "output_tokens": 50,
    }
    cost = of_map("claude-sonnet-4-5", raw, "anthropic")
    assert cost.input == 20 * D("3e-6")
    assert cost.cache_read == 1000 * D("3e-7")
    assert cost.cache_write == 200 * D("3.75e-6") + 300 * D("6e-6")
    assert cost.output == 50 * D("1.5e-5")
    assert cost.total == D("0.00006") + D("0.0003") + D("0.00255") + D("0.00075")


def test_the_whole_call_pays_the_tier_its_input_reaches():
    tiered = Price("v", "s", {"uncached_input": D("3e-6"), "visible_output": D("15e-6")},
                   ((200_000, {"uncached_input": D("6e-6"), "visible_output": D("22.5e-6")}),))  # fmt: skip
    at = Usage(uncached_input=200_000, visible_output=10, source="provider")
    above = Usage(uncached_input=150_000, cache_read=0, image_input=None, cache_write_5m=None, visible_output=10)
    assert cost_of(at, tiered).total == D("0.60015")
    assert cost_of(Usage(uncached_input=200_001, visible_output=10, source="provider"), tiered).total == D("1.200231")
    assert cost_of(above, tiered).total is None  # nobody reported it
    assert Price.from_flat("v", "s", tiered.flat) == tiered


def test_tiers_of_the_map():
    name = next(name for name, entry in modelmap.entries().items() if "input_cost_per_token_above_272k_tokens" in entry
                and entry.get("litellm_provider") == "openai")  # fmt: skip
    price = modelmap.price("openai", name)
    assert [threshold for threshold, _ in price.tiers] == [272_000]
    assert price.at(272_001)["uncached_input"] > price.at(272_000)["uncached_input"]


def test_reasoning_is_output_and_costs_what_output_costs():
    raw = {"prompt_tokens": 0, "completion_tokens": 50, "completion_tokens_details": {"reasoning_tokens": 30}}
    cost = of_map("gpt-4o", raw)
    assert (cost.output, cost.reasoning) == (20 * D("1e-5"), 30 * D("1e-5"))


def test_a_fine_tuned_model_is_priced_by_its_base():
    tuned = modelmap.price("openai", "ft:gpt-4o-mini-2024-07-18:my-org:suffix:id")
    assert tuned.per_token["uncached_input"] == D("3e-7")


def test_unknown_is_not_free():
    assert modelmap.price("openai", "gpt-nobody-has-heard-of") is None
    usage = Usage(uncached_input=1, visible_output=1, source="provider")
    assert cost_of(usage, None).total is None
    half = Price("v", "s", {"uncached_input": D("1e-6")})
    assert cost_of(usage, half).total is None
    assert cost_of(usage, half).input == D("0.000001")
    assert cost_of(Usage(uncached_input=1, visible_output=0, source="provider"), half).total == D("0.000001")


def test_no_usage_has_no_cost():
    assert cost_of(Usage(), SIMPLE).total is None


def test_a_machine_paid_by_the_hour():
    by_hour = Price("v", "own price", {"hour": D("3.60")})
    assert cost_of(Usage(), by_hour, 10.0).total == D("0.01")
    assert cost_of(Usage(), by_hour, None).total is None


counts = st.integers(0, 10**6)


@given(counts, counts, counts, counts)
def test_parts_add_up_and_no_digit_is_lost(uncached, read, visible, reasoning):
    price = Price("v", "s", {**SIMPLE.per_token, "reasoning_output": D("1e-9")})
    usage = Usage(uncached, read, visible_output=visible, reasoning_output=reasoning, source="provider")
    cost = cost_of(usage, price)
    assert cost.total == cost.input + cost.cache_read + cost.output + cost.reasoning
    assert cost.total == uncached * D("2.5e-6") + read * D("1.25e-6") + visible * D("1e-5") + reasoning * D("1e-9")


PRICED = [
    (entry["litellm_provider"], name)
    for name, entry in modelmap.entries().items()
    if entry.get("litellm_provider") in ("openai", "anthropic") and entry.get("mode") == "chat" and "/" not in name
    and modelmap.price(entry["litellm_provider"], name)
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PRICED), st.integers(1, 400_000), st.integers(0, 20_000), st.floats(0, 1))
def test_the_map_is_read_as_litellm_reads_it(model, prompt, completion, cached_share):
    """LiteLLM's own arithmetic is the oracle, for every chat model of OpenAI and Anthropic."""
    provider, name = model
    cached = int(prompt * cached_share) if "cache_read" in modelmap.price(provider, name).per_token else 0
    raw = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    litellm = library.load()
    told = litellm.cost_per_token(
        model=name, custom_llm_provider=provider, usage_object=litellm.Usage(**raw, cache_read_input_tokens=cached)
    )
    mine = cost_of(read_usage(raw).usage, modelmap.price(provider, name))
    assert float(mine.total) == pytest.approx(sum(told), abs=2e-8)


def test_own_prices(make):
    book = make().prices
    with pytest.raises(InvalidError):
        book.set_price("openai/x", {"colour": "1"})
    with pytest.raises(InvalidError):
        book.set_price("openai/x", {"uncached_input": "-1"})
    with pytest.raises(InvalidError):
        book.set_price("*", {"uncached_input": "0.1"})
    book.set_price("vllm/priced-*", {"uncached_input": "0.000001", "visible_output": "0.000002"})
    assert book.price("vllm/priced-model").per_token["uncached_input"] == D("0.000001")
    book.set_price("vllm/priced-model", {"hour": "2"})
    assert book.price("vllm/priced-model").per_token == {"hour": D(2)}
    assert book.price("vllm/other").source == "local, free"
    assert book.current("vllm/priced-model").source == "own price"
    assert book.current("mistral/nobody") is None
