"""Who was asked, who answered, and what may never be asked again: the chain, its cooldown and its truth."""

import pytest

from core.ledger.facts import Audit
from core.llm.cooldown import FAILURES, REST_S, Cooldowns
from core.messages import ImagePart, Message, TextPart, TurnRequest
from tests.core.llm.provider_table import PIXEL, Weather

PICTURE = ImagePart("image/png", PIXEL, "0" * 64, "dot.png")


def ask(model, *fallbacks, parts=(), **more):
    said = (Message("user", (TextPart("What is this?"), *parts)),)
    return TurnRequest(model, said, fallbacks=fallbacks, **{"retries": 0, **more})


def test_the_row_and_the_receipt_name_who_answered(make, journal):
    view = make().start(ask("openai/503", "anthropic/echo")).wait(30)
    first, second = journal.calls
    assert (first.requested_model, first.served_model, first.hop, first.status) == ("openai/503",) * 2 + (0, "error")
    assert (second.requested_model, second.served_model, second.hop) == ("openai/503", "anthropic/echo", 1)
    assert (view.receipt.requested_model, view.receipt.served_model) == ("openai/503", "anthropic/echo")
    assert view.model == "anthropic/echo"
    assert view.status == "ok"
    assert [notice.kind for notice in view.notices] == ["fallback"]


@pytest.mark.parametrize("fault", ["401", "404", "quota", "context", "policy", "reset", "html-200"])
def test_what_another_model_can_mend_is_handed_on(make, journal, fault):
    view = make().start(ask(f"openai/{fault}", "vllm/echo")).wait(30)
    assert view.receipt.served_model == "vllm/echo"


def test_a_wrong_request_is_not_handed_on(make, upstream):
    view = make().start(ask("openai/400", "vllm/echo")).wait(30)
    assert view.error_kind == "bad_request"
    assert len(upstream.chats()) == 1


def test_nothing_starts_over_once_a_person_has_read_of_it(make, upstream, journal):
    view = make().start(ask("openai/eof-after-5", "vllm/echo", retries=3)).wait(30)
    assert view.error_kind == "truncated"
    assert view.text
    assert len(upstream.chats()) == 1
    assert view.receipt.served_model == "openai/eof-after-5"
    assert journal.calls[0].usage_source == "estimated"


def test_the_last_error_is_told_when_nobody_could(make, journal):
    view = make().start(ask("openai/503", "anthropic/529", "vllm/429")).wait(30)
    assert view.error_kind == "rate_limit"
    assert [row.hop for row in journal.calls] == [0, 1, 2]
    assert view.receipt.served_model is None


def test_the_configured_chain_holds_for_requests_that_name_none(make, journal):
    service = make(fallback_models="vllm/echo")
    request = TurnRequest("openai/503", (Message.of("user", "Hi"),), retries=0)
    assert service.start(request).wait(30).receipt.served_model == "vllm/echo"


def test_a_model_that_cannot_read_images_is_passed_over(make, journal, upstream):
    upstream.models = ("blind",)
    service = make(idle_timeout=28.0)
    service.models(refresh=True)
    view = service.start(ask("ollama/blind", "openai/gpt-4o", parts=(PICTURE,))).wait(30)
    assert view.receipt.served_model == "openai/gpt-4o"
    assert len(journal.calls) == 1
    assert "cannot read images" in view.notices[0].text
    alone = service.start(ask("ollama/blind", parts=(PICTURE,))).wait(30)
    assert alone.error_kind == "unsupported"


def test_a_small_context_is_passed_over(make, journal, upstream):
    request = TurnRequest(
        "openai/gpt-4", (Message.of("user", "word " * 40_000),), fallbacks=("openai/gpt-4o",), retries=0
    )
    view = make().start(request).wait(30)
    assert view.receipt.served_model == "openai/gpt-4o"
    assert len(journal.calls) == 1


def test_tool_rounds_stay_with_the_model_that_began_them(make, journal):
    view = make().start(ask("openai/503", "vllm/tools", tools=(Weather(),))).wait(30)
    assert view.status == "ok"
    assert [(row.served_model, row.round) for row in journal.calls] == [
        ("openai/503", 0),
        ("vllm/tools", 0),
        ("vllm/tools", 1),
    ]


def test_a_deployment_that_keeps_failing_rests_and_is_then_probed(make, journal, upstream):
    service = make(first_token_timeout=27.0)
    for _ in range(FAILURES):
        service.start(ask("openai/500", "vllm/echo")).wait(30)
    upstream.requests.clear()
    view = service.start(ask("openai/500", "vllm/echo")).wait(30)
    assert view.receipt.served_model == "vllm/echo"
    assert [request.model for request in upstream.chats()] == ["echo"]
    (rest,) = [fact for fact in journal.facts if isinstance(fact, Audit)]
    assert (rest.action, rest.detail) == ("cooldown", {"seconds": REST_S})
    assert rest.subject.startswith("openai/500@")
    alone = service.start(ask("openai/500")).wait(30)
    assert alone.error_kind == "provider_error"
    assert len(upstream.chats()) == 2


def test_half_open():
    now = [100.0]
    states = Cooldowns(lambda: now[0])
    for _ in range(FAILURES):
        assert states.closed("d")
        states.failed("d")
    assert not states.closed("d")
    assert states.resting() == {"d"}
    now[0] += REST_S
    assert states.closed("d"), "the first after the rest is the probe"
    assert not states.closed("d"), "others wait for its outcome"
    states.failed("d")
    assert not states.closed("d")
    now[0] += REST_S
    assert not states.closed("d"), "the second rest is longer"
    now[0] += REST_S
    assert states.closed("d")
    states.let_go("d")
    assert states.closed("d")
    states.succeeded("d")
    assert states.closed("d")
    assert states.resting() == set()
