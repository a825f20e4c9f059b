"""A call in another class of service is paid at its price or stays unpriced; never at the usual one."""

from decimal import Decimal

import pytest

from core.ledger.ledger import Ledger
from core.llm import modelmap
from core.llm.prices import special_tier, tier_in
from core.llm.service import AIService
from core.messages import Message, TurnRequest
from tests.core.llm.conftest import QUICK, settings_for


@pytest.fixture
def kept(tmp_path):
    ledger = Ledger.open(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture(params=[True, False], ids=["direct", "general"])
def service(request, tmp_path, upstream, kept):
    """With a ledger of its own, so that only the map's prices hold."""
    made = AIService(settings_for(upstream, tmp_path, direct_wire=request.param), kept, manners=QUICK).open()
    made.wait_until_warm(60)
    yield made
    made.close()


def ask(service, kept, model, stream):
    view = service.start(TurnRequest(model, (Message.of("user", "What is this?"),), stream=stream)).wait(20)
    assert view.status == "ok", view.error
    kept.settle()
    columns = "cost_total, price_version, uncached_input_tokens, output_tokens"
    return view, kept.rows(f"select {columns} from calls where turn_id = ?", [view.turn_id])[0]


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_what_a_call_costs_is_said_by_its_tier(service, kept, upstream, stream):
    entry = modelmap.entries()["gpt-5"]
    costs = {}
    for tier, ending in (("default", ""), ("flex", "_flex"), ("priority", "_priority")):
        upstream.service_tier = tier
        _, (cost, version, read, written) = ask(service, kept, "openai/gpt-5", stream)
        each = [Decimal(repr(entry[f"{kind}_cost_per_token{ending}"])) for kind in ("input", "output")]
        assert cost == read * each[0] + written * each[1]
        assert tier_in(version) == special_tier(tier)
        costs[tier] = cost
    assert costs["flex"] < costs["default"] < costs["priority"]
    assert service.repricer.compare().calls == ()


def test_a_tier_without_a_price_is_unpriced_and_stays_so(service, kept, upstream):
    upstream.service_tier = "scale"
    view, (cost, version, *_) = ask(service, kept, "openai/gpt-5", True)
    assert cost is None
    assert view.receipt.cost is None
    assert "'scale'" in view.notices[0].text
    assert tier_in(version) == "scale"
    assert service.repricer.compare().calls == ()


def test_a_local_server_costs_nothing_in_any_tier(service, kept, upstream):
    upstream.service_tier = "flex"
    assert ask(service, kept, "vllm/echo", True)[1][0] == 0


def test_anthropic_says_it_beside_its_usage(service, kept, upstream, request):
    """LiteLLM drops it from Anthropic's streams, so there only the direct wire knows it."""
    direct = request.node.callspec.params["service"]
    for stream in (True, False) if direct else (False,):
        upstream.service_tier = "standard"
        assert ask(service, kept, "anthropic/claude-sonnet-4-5", stream)[1][0] > 0
        upstream.service_tier = "priority"
        assert ask(service, kept, "anthropic/claude-sonnet-4-5", stream)[1][0] is None
