"""A turn answered from the cache: its row, its words, and what it saved."""

from dataclasses import replace
from decimal import Decimal
from time import perf_counter
from typing import Any

from core.events import ReasoningDelta, Usage
from core.ledger.attribution import attribution
from core.ledger.facts import Call
from core.ledger.ids import uuid7
from core.llm.cache.answers import Hit
from core.llm.receipts import FROM_CACHE, attempt_receipt
from core.llm.record import Recorder, now, said, sent_parameters
from core.llm.run import Run


class Replay:
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def play(self, run: Run, model: str, hit: Hit) -> None:
        """One row that cost nothing; the provider is not asked."""
        began = perf_counter()
        request = run.request
        run.cache_state, run.cache_similarity, run.saved = hit.state, hit.similarity, hit.cost
        run.attempts += 1
        run.turn.sent()
        if hit.reasoning:
            run.turn.emit(ReasoningDelta(hit.reasoning))
        run.turn.text(hit.text)
        provider = model.partition("/")[0]
        call = Call(
            **attribution(request.context), call_id=uuid7(), turn_id=run.turn.id, started_at=now(),
            attempt=run.attempts, requested_model=run.asked, served_model=model, provider=provider, wire="cache",
            stream=request.stream, finish_reason="stop", cost_total=Decimal(0), saved=hit.cost,
            cache_state=hit.state, cache_similarity=hit.similarity, temperature=request.parameters.temperature,
            max_tokens=request.parameters.max_tokens, parameters=sent_parameters(request.parameters),
            tools_offered=len(request.tools),
        )  # fmt: skip
        call = replace(call, ended_at=now(), total_s=perf_counter() - began)
        response: dict[str, Any] = {"text": hit.text, "reasoning": hit.reasoning, "tool_calls": [], "usage_raw": None,
                    "finish_reason": "stop"}  # fmt: skip
        run.acknowledgements.append(self._recorder.ended(call, said(request.messages), response))
        run.receipts.append(attempt_receipt(call, Usage()))
        run.price_source = FROM_CACHE
        run.notice("cache", _words(hit))


def _words(hit: Hit) -> str:
    alike = f", similarity {hit.similarity:.2f}" if hit.similarity is not None else ""
    saved = f", saved ${hit.cost.normalize():f}" if hit.cost else ""
    return f"From cache{alike}{saved}. Ask again without the cache for a fresh answer."
