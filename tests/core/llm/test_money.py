"""What a turn's rows and receipt say it cost, through a real upstream and a real ledger."""

from decimal import Decimal

import pytest

from core.messages import Message, TurnRequest

PRICES = {"uncached_input": "0.000001", "cache_read": "0.0000001", "visible_output": "0.000002"}


def ask(model, text="What is this?", **more):
    return TurnRequest(model, (Message.of("user", text),), **more)


@pytest.fixture
def service(make):
    """The ledger is shared with other tests: the newest price holds."""
    made = make()
    made.prices.set_price("openai/*", PRICES)
    made.prices.set_price("anthropic/*", {**PRICES, "cache_write_5m": "0.00001"})
    return made


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_plain_call_is_paid_to_the_digit(service, journal, provider, stream):
    view = service.start(ask(f"{provider}/echo", stream=stream)).wait(30)
    row = journal.calls[0]
    expected = row.input_tokens * Decimal("0.000001") + row.output_tokens * Decimal("0.000002")
    assert row.cost_total == expected == view.receipt.cost
    assert row.usage_source == "provider"
    assert view.receipt.price_source == "own price"
    stored = service.prices.price(f"{provider}/echo").version
    assert row.price_version == stored


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_cached_tokens_are_neither_free_nor_paid_twice(service, journal, provider):
    service.start(ask(f"{provider}/usage-cached")).wait(30)
    row = journal.calls[0]
    assert row.cache_read_tokens > 0
    assert row.cost_cache_read == row.cache_read_tokens * Decimal("0.0000001")
    assert row.cost_input == row.uncached_input_tokens * Decimal("0.000001")
    buckets = [row.uncached_input_tokens, row.cache_read_tokens, row.cache_write_5m_tokens, row.cache_write_1h_tokens]
    assert row.input_tokens == sum(bucket or 0 for bucket in buckets)


def test_a_stream_without_usage_is_estimated_and_says_so(service, journal):
    view = service.start(ask("openai/nousage")).wait(30)
    row = journal.calls[0]
    assert row.usage_source == "estimated"
    assert row.input_tokens > 0
    assert row.output_tokens > 0
    assert row.cost_total > 0
    assert view.receipt.usage.source == "estimated"


@pytest.mark.parametrize("lie", ["usage-negative", "usage-huge", "usage-text"])
def test_lies_about_usage_are_refused_and_marked(service, journal, lie):
    view = service.start(ask(f"openai/{lie}")).wait(30)
    row = journal.calls[0]
    assert view.status == "ok"
    assert row.usage_source != "provider"
    assert row.input_tokens is None or 0 <= row.input_tokens < 10_000
    assert any("usage" in notice.text for notice in view.notices)
    assert journal.ends[0].payload.response["usage_raw"]


def test_a_failed_attempt_and_its_fallback_are_priced_apart(service, journal):
    view = service.start(ask("openai/401", fallbacks=("vllm/echo",))).wait(30)
    first, second = journal.calls
    assert (first.cost_total, first.usage_source) == (None, "none")
    assert (second.cost_total, second.price_version) == (Decimal(0), "local")
    assert view.receipt.cost == Decimal(0)


def test_a_model_without_a_price_is_unpriced_not_free(make, journal):
    view = make(openai_base_url="http://127.0.0.1:9").start(ask("groq/nobody", retries=0)).wait(20)
    assert view.receipt.cost is None
    assert journal.calls[-1].cost_total is None


def test_the_line_that_priced_a_call_is_in_the_ledger(service, journal):
    service.start(ask("vllm/echo")).wait(30)
    journal.ledger.settle()
    rows = journal.rows("select source from prices where price_id = ?", [journal.calls[0].price_version])
    assert rows
    assert rows[0][0] == "local, free"


def test_every_part_of_the_row_adds_up_in_the_ledger(service, journal):
    for model in ("openai/usage-cached", "anthropic/usage-cached", "openai/echo", "openai/nousage", "vllm/echo"):
        service.start(ask(model)).wait(30)
    journal.ledger.settle()
    wrong = journal.rows(
        "select call_id from calls where cost_total is not null and cost_total <> coalesce(cost_input, 0)"
        " + coalesce(cost_cache_read, 0) + coalesce(cost_cache_write, 0) + coalesce(cost_output, 0)"
        " + coalesce(cost_reasoning, 0)"
    )
    assert wrong == []
