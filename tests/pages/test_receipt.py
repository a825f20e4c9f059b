"""The receipt's line says who was asked, who answered, and nothing that is not known."""

from decimal import Decimal

from core.events import AttemptReceipt, Receipt, Usage
from pages.parts.receipt import line


def attempt(model: str, status: str = "ok", hop: int = 0, retry: int = 0) -> AttemptReceipt:
    return AttemptReceipt(
        call_id="c",
        model=model,
        provider=model.split("/")[0],
        status=status,
        hop=hop,
        retry=retry,
        error_kind=None,
        error_text=None,
        http_status=200,
        ttft_s=0.4,
        total_s=1.0,
        usage=Usage(),
        cost=None,
    )


def receipt(**values: object) -> Receipt:
    told: dict[str, object] = {
        "turn_id": "t",
        "status": "ok",
        "requested_model": "a/x",
        "served_model": "a/x",
        "provider": "a",
        "attempts": (attempt("a/x"),),
        "usage": Usage(uncached_input=304, cache_read=900, visible_output=310, source="provider"),
        "cost": Decimal("0.0041"),
        "price_source": "price book 2026-11-01",
        "ttft_s": 0.42,
        "total_s": 5.0,
        "tokens_per_s": 71.0,
        "finish_reason": "stop",
    }
    return Receipt(**{**told, **values})


def test_the_line() -> None:
    assert line(receipt()) == (
        "a/x · 1,204 in (900 cached) / 310 out · first token 420 ms · 71 tok/s · $0.0041 · price book 2026-11-01"
    )


def test_a_fallback_is_never_hidden() -> None:
    tries = (attempt("a/x", "error"), attempt("b/y", hop=1))
    assert line(receipt(served_model="b/y", attempts=tries)).startswith("asked a/x, answered by b/y after 2 tries · ")


def test_tool_rounds_are_calls_and_not_tries() -> None:
    assert line(receipt(attempts=(attempt("a/x"), attempt("a/x")))).startswith("a/x in 2 calls · ")


def test_what_is_unknown_is_said_to_be_unknown() -> None:
    told = line(receipt(usage=Usage(), cost=None, price_source=None, ttft_s=None, tokens_per_s=None))
    assert told == "a/x · tokens unknown · unpriced"


def test_stopped_estimated_cached_and_unlogged_are_said() -> None:
    usage = Usage(uncached_input=10, visible_output=5, source="estimated")
    told = line(receipt(status="cancelled", usage=usage, logged=False))
    assert "stopped · ≈ 10 in / 5 out" in told
    assert told.endswith("not logged yet")
    hit = line(receipt(cache_state="semantic", cache_similarity=0.97, saved=Decimal("0.0031")))
    assert "from cache, similarity 0.97, saved $0.0031" in hit
