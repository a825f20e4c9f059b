"""Texts as vectors by a provider's embedding model; each call is recorded like any other."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from time import perf_counter

from core.errors import ModelError
from core.ledger.attribution import attribution
from core.ledger.facts import Call
from core.ledger.ids import uuid7
from core.llm.pricebook import PriceBook
from core.llm.prices import cost_of
from core.llm.providers import Providers, address
from core.llm.record import Recorder, now
from core.llm.usage import read_usage
from core.llm.wires import Wires
from core.messages import Context


class Embedder:
    def __init__(
        self, providers: Providers, wires: Wires, recorder: Recorder, prices: PriceBook, ready: "Future[None]"
    ) -> None:
        self._providers, self._wires, self._recorder, self._prices, self._ready = (
            providers, wires, recorder, prices, ready,
        )  # fmt: skip

    async def embed(self, texts: Sequence[str], model: str, context: Context, timeout_s: float) -> list[list[float]]:
        """One vector per text, in order; on the engine loop. Raises ModelError; it is not retried."""
        deployment = self._providers.deployment(model)
        call = Call(
            **attribution(context), call_id=uuid7(), turn_id=uuid7(), started_at=now(), operation="embeddings",
            requested_model=model, served_model=model, provider=deployment.provider, deployment=address(deployment),
            wire=self._wires.of(deployment).name, stream=False,
        )  # fmt: skip
        self._recorder.started(call, ())
        if not self._ready.done():
            await asyncio.shield(asyncio.wrap_future(self._ready))  # one that stops waiting must not stop the rest
        began = perf_counter()
        try:
            vectors, raw = await self._wires.of(deployment).embed(deployment, list(texts), timeout_s)
        except ModelError as error:
            failed = replace(call, status="error", error_kind=error.kind, error_text=str(error))
            self._recorder.ended(replace(failed, ended_at=now(), total_s=perf_counter() - began), (), None)
            raise
        usage, price = read_usage(raw).usage, self._prices.price(model)
        tokens = usage.input_tokens
        cost = cost_of(replace(usage, visible_output=None), price)
        if price is not None and cost.total is not None:
            self._prices.used(model, price)
        self._recorder.ended(
            replace(
                call, ended_at=now(), total_s=perf_counter() - began, input_tokens=tokens,
                uncached_input_tokens=tokens, usage_source=usage.source, cost_input=cost.total, cost_total=cost.total,
                price_version=price.version if price and cost.total is not None else None,
            ),
            (),
            None,
        )  # fmt: skip
        return vectors
