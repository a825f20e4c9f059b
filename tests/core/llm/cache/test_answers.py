"""The cache through the service: what is a hit, what never is, and what the row and the receipt say."""

from decimal import Decimal

import pytest

from core.llm.cache.store import Bounds, Store
from core.messages import Context, Message, Parameters, TurnRequest
from tests.core.llm.provider_table import Weather

PRICES = {"uncached_input": "0.000001", "visible_output": "0.000002"}


def ask(text="What is the capital of France?", model="openai/echo", cache="exact", system="Be kind.", **more):
    said = (Message.of("system", system), Message.of("user", text))
    return TurnRequest(model, said, cache=cache, **more)


@pytest.fixture
def service(make, request):
    made = make(timeout=29.0)
    if made.prices.price("openai/echo") is None:
        made.prices.set_price("openai/*", PRICES)
    return made


def test_an_exact_repeat_is_answered_without_the_provider(service, journal, upstream):
    first = service.start(ask("Who are you?")).wait(30)
    second = service.start(ask("Who are you?")).wait(30)
    assert len(upstream.chats()) == 1
    assert second.text == first.text
    miss, hit = journal.calls
    assert (miss.cache_state, hit.cache_state, hit.wire) == ("miss", "exact", "cache")
    assert (hit.cost_total, hit.saved, hit.input_tokens) == (Decimal(0), miss.cost_total, None)
    assert second.receipt.cost == 0
    assert second.receipt.saved == first.receipt.cost
    assert second.receipt.cache_state == "exact"
    assert "From cache" in second.notices[0].text


def test_a_question_that_says_the_same_is_a_semantic_hit(service, journal, upstream):
    service.start(ask(cache="semantic", system="1")).wait(30)
    view = service.start(ask("what's the capital of france", cache="semantic", system="1")).wait(30)
    assert view.receipt.cache_state == "semantic"
    assert view.receipt.cache_similarity >= 0.9
    assert len(upstream.chats()) == 1


@pytest.mark.parametrize(
    "other",
    [
        ask(cache="semantic", system="another"),
        ask(cache="semantic", system="2", parameters=Parameters(temperature=0.5)),
        ask(cache="semantic", system="2", context=Context(assistant_id="a", assistant_version=2)),
        ask("What is the capital of Spain?", cache="semantic", system="2"),
        ask(cache="semantic", system="2", model="vllm/echo"),
        ask(cache="off", system="2"),
        ask(cache="exact", system="2", context=Context(match_id="m")),
        ask(cache="exact", system="2", context=Context(door="playground")),
        ask(cache="exact", system="2", tools=(Weather(side_effects=True),)),
    ],
)
def test_anything_else_is_asked_afresh(service, journal, upstream, other):
    service.start(ask(cache="semantic", system="2")).wait(30)
    seen = len(upstream.chats())
    view = service.start(other).wait(30)
    assert view.receipt.cache_state in ("off", "miss")
    assert len(upstream.chats()) == seen + 1


@pytest.mark.parametrize("model", ["openai/length", "openai/eof-after", "openai/tools"])
def test_only_whole_answers_are_kept(service, journal, upstream, model):
    for _ in range(2):
        service.start(ask("Keep me?", model=model, tools=(Weather(),), retries=0)).wait(30)
    assert {row.cache_state for row in journal.calls} == {"miss"}


def test_an_embedding_model_can_compare(make, journal, upstream):
    service = make(embedding_model="vllm/text-embedding")
    service.start(ask("Say hello to everyone", cache="semantic", system="e")).wait(30)
    view = service.start(ask("Say hello to everyone!", cache="semantic", system="e")).wait(30)
    assert [row.operation for row in journal.calls].count("embeddings") == 2
    assert view.receipt.cache_state in ("semantic", "miss")


def test_the_file_is_bounded(tmp_path):
    store = Store(tmp_path / "c.db", Bounds(entries=5, size=10_000))
    for at in range(20):
        store.put(f"k{at}", "s", "q", "lexical", None, "r" * 1_000, None)
    assert store.get("k0") is None
    assert store.get("k19") is not None
    assert len(store.near("s", "lexical")) <= 5
    store.put("big", "s", "q", "lexical", [1.0, 2.0], "r" * 9_000, "0.5")
    assert list(store.near("s", "lexical")[0].vector) == [1.0, 2.0]
    assert store.get("k19") is None
    store.close()


def test_an_old_answer_is_not_given(tmp_path):
    store = Store(tmp_path / "c.db", Bounds(seconds=-1))
    store.put("k", "s", "q", "lexical", None, "r", None)
    assert store.get("k") is None
    store.close()


def test_a_broken_file_is_put_aside(tmp_path):
    path = tmp_path / "c.db"
    path.write_bytes(b"this is no database, and it is long enough to be sure of that" * 100)
    store = Store(path)
    store.put("k", "s", "q", "lexical", None, "r", None)
    assert store.get("k").response == "r"
    assert path.with_suffix(".broken").exists()
    store.close()
