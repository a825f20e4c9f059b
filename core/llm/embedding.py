"""Texts as vectors by a provider's embedding model; each call is admitted, booked and recorded like any other."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from decimal import Decimal
from time import perf_counter

from core.errors import CancelledError, ModelError
from core.events import Usage
from core.ledger.attribution import attribution
from core.ledger.facts import Call
from core.ledger.ids import uuid7
from core.llm.estimate import Estimate
from core.llm.guard import Guard
from core.llm.pricebook import PriceBook
from core.llm.prices import cost_of
from core.llm.providers import Providers, address
from core.llm.record import Recorder, now
from core.llm.tokens import count_text
from core.llm.usage import read_usage
from core.llm.wire.seam import Deployment
from core.llm.wires import Wires
from core.messages import Context, Message, TurnRequest

Vectors = list[list[float]]


class Embedder:
    def __init__(
        self,
        providers: Providers,
        wires: Wires,
        recorder: Recorder,
        prices: PriceBook,
        guard: Guard | None,
        ready: "Future[None]",
    ) -> None:
        self._providers, self._wires, self._recorder, self._prices = providers, wires, recorder, prices
        self._guard, self._ready = guard, ready

    async def embed(self, texts: Sequence[str], model: str, context: Context, timeout_s: float) -> Vectors:
        """One vector per text, in order; on the engine loop. Raises RefusedError, ModelError; it is not retried.

        A budget that asks a cheaper model instead has none here: vectors of two models cannot be compared.
        """
        deployment, request = self._providers.deployment(model), _request(texts, model, context)
        if self._guard is None:
            return (await self._ask(texts, request, deployment, timeout_s))[0]
        admission = self._guard.admit(request, self._foretold(texts, model))
        cost: Decimal | None = None
        tokens: int | None = None
        try:
            vectors, cost, tokens = await self._ask(texts, request, deployment, timeout_s)
        finally:
            self._guard.settle(admission, cost, tokens)
        return vectors

    def _foretold(self, texts: Sequence[str], model: str) -> Estimate:
        tokens = sum(count_text(model, text).tokens for text in texts)
        usage = Usage(uncached_input=tokens, source="estimated")
        cost = cost_of(usage, self._prices.price(model)).total
        return Estimate(tokens, output_p50=0, output_p90=0, cost_p50=cost, cost_p90=cost, cost_most=cost)

    async def _ask(
        self, texts: Sequence[str], request: TurnRequest, deployment: Deployment, timeout_s: float
    ) -> tuple[Vectors, Decimal | None, int | None]:
        """The vectors, and what they cost and used."""
        model = request.model
        call = Call(
            **attribution(request.context), call_id=uuid7(), turn_id=request.turn_id, started_at=now(),
            operation="embeddings", requested_model=model, served_model=model, provider=deployment.provider,
            deployment=address(deployment), wire=self._wires.of(deployment).name, stream=False,
        )  # fmt: skip
        self._recorder.started(call, ())
        began = perf_counter()
        try:
            if not self._ready.done():
                await asyncio.shield(asyncio.wrap_future(self._ready))  # one that stops waiting must not stop the rest
            vectors, raw = await self._wires.of(deployment).embed(deployment, list(texts), timeout_s)
        except asyncio.CancelledError:
            self._failed(call, CancelledError("Stopped."), began)
            raise
        except ModelError as error:
            self._failed(call, error, began)
            raise
        usage, price = read_usage(raw).usage, self._prices.price(model)
        tokens = usage.input_tokens
        cost = cost_of(replace(usage, visible_output=None), price)
        if price is not None and cost.total is not None:
            self._prices.used(model, price)
        ended = replace(
            call, ended_at=now(), total_s=perf_counter() - began, input_tokens=tokens, uncached_input_tokens=tokens,
            usage_source=usage.source, cost_input=cost.total, cost_total=cost.total,
            price_version=price.version if price and cost.total is not None else None,
        )  # fmt: skip
        self._recorder.ended(ended, (), None)
        return vectors, cost.total, tokens

    def _failed(self, call: Call, error: ModelError, began: float) -> None:
        status = "cancelled" if isinstance(error, CancelledError) else "error"
        failed = replace(call, status=status, error_kind=error.kind, error_text=str(error))
        self._recorder.ended(replace(failed, ended_at=now(), total_s=perf_counter() - began), (), None)


def _request(texts: Sequence[str], model: str, context: Context) -> TurnRequest:
    """As the guard sees it."""
    said = tuple(Message.of("user", text) for text in texts)
    return TurnRequest(model, said, context=context, stream=False, turn_id=uuid7())
