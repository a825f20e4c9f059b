"""Models chosen by what is known here: prices, measured speed, votes, abilities; with reasons in words."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import BudgetError, InvalidError, SettingsError
from core.ledger.facts import Call, CallEnded, Vote
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from core.llm.record import now
from core.llm.service import AIService
from core.messages import Message, Parameters, TurnRequest
from tests.core.llm.conftest import settings_for

CHEAP = {"uncached_input": "0.0000001", "visible_output": "0.0000002"}
DEAR = {"uncached_input": "0.00001", "visible_output": "0.00003"}


def call(model, seconds, output):
    return CallEnded(
        Call(call_id=uuid7(), turn_id=uuid7(), started_at=now() - timedelta(hours=1), requested_model=model,
             served_model=model, total_s=seconds, ttft_s=seconds / 4, output_tokens=output, input_tokens=10)
    )  # fmt: skip


@pytest.fixture
def service(tmp_path, upstream):
    upstream.models = ("cheap", "dear", "quick")
    ledger = Ledger.open(tmp_path)
    for seconds in range(1, 11):
        ledger.submit(call("vllm/quick", 0.1 * seconds, 10 * seconds))
        ledger.submit(call("vllm/dear", 2.0 * seconds, 100 * seconds))
    settings = settings_for(
        upstream, tmp_path, openai_api_key=None, anthropic_api_key=None, ollama_base_url=None, lm_studio_base_url=None
    )
    made = AIService(settings, ledger).open()
    made.wait_until_warm(60)
    made.prices.set_price("vllm/cheap", CHEAP)
    made.prices.set_price("vllm/quick", DEAR)
    made.prices.set_price("vllm/dear", DEAR)
    ledger.settle()
    made.ledger = ledger
    yield made
    made.close()
    ledger.close()


def test_cheap_quick_or_able(service):
    assert service.select_model("low", cost_sensitive=True).model == "vllm/cheap"
    quick = service.select_model("low", speed_priority=True)
    assert quick.model == "vllm/quick"
    assert any("Measured here" in reason for reason in quick.reasons)
    able = service.select_model("high")
    assert able.model in ("vllm/dear", "vllm/quick")
    assert any("stood in for its skill" in reason for reason in able.reasons)
    assert len(able.alternatives) == 2


def test_a_demanding_question_and_a_low_price_meet_in_the_middle(service):
    """Until somebody has voted a price stands in for skill, so that the two wishes pull straight apart."""
    service.prices.set_price("vllm/quick", CHEAP)
    service.prices.set_price("vllm/cheap", {"uncached_input": "0.000001", "visible_output": "0.000003"})
    assert service.select_model("high", cost_sensitive=True).model == "vllm/cheap"
    assert service.select_model("high").model == "vllm/dear"
    assert service.select_model("low", cost_sensitive=True).model == "vllm/quick"


def test_votes_count_for_skill(service):
    for _ in range(6):
        vote = Vote(
            vote_id=uuid7(), match_id=uuid7(), at=now(), user_id=None, winner="B", panes=("vllm/dear", "vllm/cheap")
        )
        service.ledger.submit(vote)
    service.ledger.settle()
    choice = service.select_model("high")
    assert choice.model == "vllm/cheap"
    assert any("won 6 of 6" in reason for reason in choice.reasons)


def test_needs_are_met_or_refused(service):
    assert service.select_model(needs={"tools"}).model
    with pytest.raises(SettingsError, match="embeddings"):
        service.select_model(needs={"embeddings"})
    with pytest.raises(InvalidError):
        service.select_model("enormous")


def test_within_the_money(service):
    plenty = service.optimize_for_cost("Hello", "1")
    assert plenty.model in ("vllm/dear", "vllm/quick")
    assert plenty.expected_cost <= 1
    little = service.optimize_for_cost("Hello", Decimal("0.0001"))
    assert little.model == "vllm/cheap"
    with pytest.raises(BudgetError, match="cheapest"):
        service.optimize_for_cost("Hello " * 10_000, "0.000001")


def test_simulated_models_are_chosen_only_alone(tmp_path, journal, service):
    assert all(not name.startswith("demo/") for name in service.select_model().alternatives)


def test_an_estimate_from_past_calls(service):
    service.select_model()
    request = TurnRequest("vllm/quick", (Message.of("user", "Hello there"),))
    told = service.estimate(request)
    assert (told.output_p50, told.output_p90, told.samples) == (55, 91, 10)
    assert told.seconds_p50 == pytest.approx(0.55)
    assert told.cost_p50 == told.input_tokens * Decimal("0.00001") + 55 * Decimal("0.00003")
    assert not told.exact
    capped = service.estimate(TurnRequest("vllm/quick", (Message.of("user", "Hi"),), Parameters(max_tokens=20)))
    assert (capped.output_p50, capped.output_p90) == (20, 20)


def test_an_estimate_without_past_calls_is_a_bound(service):
    told = service.estimate(TurnRequest("vllm/cheap", (Message.of("user", "Hi"),), Parameters(max_tokens=100)))
    assert (told.output_p50, told.output_p90, told.samples) == (None, 100, 0)
    assert told.cost_p50 is None
    assert told.cost_p90 is not None
    assert told.seconds_p50 is None


def test_openai_tokens_are_counted_exactly(service):
    told = service.estimate(TurnRequest("openai/gpt-4o", (Message.of("user", "Hello, world!"),)))
    assert told.exact
    assert told.input_tokens == 4 + 4 + 3
    assert told.context_share == pytest.approx(told.input_tokens / 128_000)


def test_the_estimate_stands_on_the_row(service, upstream):
    service.select_model()
    turn = service.start(TurnRequest("vllm/quick", (Message.of("user", "Hello"),)))
    turn.wait(20)
    service.ledger.settle()
    row = service.ledger.rows("select estimate_cost_p50, estimate_seconds_p90 from calls where turn_id = ?", [turn.id])[
        0
    ]
    assert row[0] > 0
    assert row[1] > 0
