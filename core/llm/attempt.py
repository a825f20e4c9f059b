"""One request to one provider: sent, read to its end, recorded, whatever happens on the way."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from time import perf_counter
from typing import cast

from core.errors import CancelledError, ModelError, ProviderError
from core.events import AttemptReceipt, ReasoningDelta
from core.ledger.facts import Call
from core.ledger.ids import uuid7
from core.llm.answer import Answer
from core.llm.billing import Billing
from core.llm.models import ModelInfo
from core.llm.providers import address
from core.llm.record import Recorder, Said, answered, now, said, sent_parameters, with_timings
from core.llm.run import Run
from core.llm.wire.seam import Chunk, Deployment, Reasoning, Text, Wire, WireRequest
from core.messages import Message, Parameters


@dataclass(frozen=True, slots=True)
class Place:
    """Where this attempt stands in its turn."""

    round: int
    hop: int
    retry: int


@dataclass(frozen=True, slots=True)
class Limits:
    first_token_s: float
    idle_s: float
    total_s: float


class Attempts:
    def __init__(self, recorder: Recorder, billing: Billing, limits: Limits) -> None:
        self._recorder, self._billing, self._limits = recorder, billing, limits

    async def make(
        self,
        run: Run,
        wire: Wire,
        deployment: Deployment,
        model: ModelInfo,
        messages: Sequence[Message],
        parameters: Parameters,
        place: Place,
        *,
        quiet: bool = False,
    ) -> Answer:
        """The whole answer. Raises ModelError after the row is written; `run.answer` then holds the partial one.

        `quiet`: nothing is shown while it comes in (its text is checked first).
        """
        began = perf_counter()
        run.attempts += 1
        request = WireRequest(
            deployment,
            tuple(messages),
            parameters,
            run.request.tools,
            run.request.stream,
            min(self._limits.first_token_s, run.left_s),
            self._limits.idle_s,
            max(0.001, min(self._limits.total_s, run.left_s)),
        )
        call = _opening(run, wire, deployment, model, parameters, place)
        request_said = said(messages)
        run.acknowledgements.append(self._recorder.started(call, request_said))
        answer = run.answer = Answer()
        call = replace(
            call, overhead_s=answer.sent - began, queue_s=began - run.accepted if run.attempts == 1 else None
        )
        error: ModelError | None = None
        try:
            await _read(run, wire, request, answer, quiet)
        except asyncio.CancelledError:
            error = CancelledError("Stopped.")
            raise
        except ModelError as failure:
            error = failure
            raise
        except Exception as failure:  # a wire's promise is ModelError only; a slip must still end in a row
            error = ProviderError(f"The call failed inside the platform ({type(failure).__name__}); please report it.")
            raise error from failure
        finally:
            self._close(run, with_timings(call, answer, perf_counter()), model, messages, request_said, answer, error)
        return answer

    def _close(
        self,
        run: Run,
        call: Call,
        model: ModelInfo,
        messages: Sequence[Message],
        request: Said,
        answer: Answer,
        error: ModelError | None,
    ) -> None:
        if error is not None:
            status = "cancelled" if isinstance(error, CancelledError) else "error"
            call = replace(
                call,
                status=status,
                error_kind=error.kind,
                error_text=str(error),
                http_status=error.http_status or call.http_status,
            )
        bill = self._billing.of(call, model, messages, answer)
        run.price_source = bill.price_source or run.price_source
        if bill.doubt:
            run.notice("estimate", bill.doubt)
        call = bill.call
        run.acknowledgements.append(self._recorder.ended(call, request, answered(answer)))
        run.receipts.append(
            AttemptReceipt(
                call.call_id,
                call.served_model,
                call.provider,
                call.status,
                call.hop,
                call.retry,
                call.error_kind,
                call.error_text,
                call.http_status,
                call.ttft_s,
                call.total_s or 0.0,
                bill.usage,
                call.cost_total,
            )
        )


async def _read(run: Run, wire: Wire, request: WireRequest, answer: Answer, quiet: bool) -> None:
    turn, stamps, texts, reasonings = run.turn, answer.stamps, answer.texts, answer.reasonings
    show = turn.text
    async with aclosing(cast(AsyncGenerator[Chunk, None], wire.stream(request))) as stream:
        async for chunk in stream:
            kind = type(chunk)
            if kind is Text:
                stamps.append(perf_counter())
                texts.append(chunk.text)  # type: ignore[union-attr]
                if not quiet:
                    show(chunk.text)  # type: ignore[union-attr]
            elif kind is Reasoning:
                stamps.append(perf_counter())
                reasonings.append(chunk.text)  # type: ignore[union-attr]
                turn.emit(ReasoningDelta(chunk.text))  # type: ignore[union-attr]
            else:
                answer.take(chunk)


def _opening(
    run: Run, wire: Wire, deployment: Deployment, model: ModelInfo, parameters: Parameters, place: Place
) -> Call:
    request, context, estimate = run.request, run.request.context, run.estimate
    return Call(
        call_id=uuid7(),
        turn_id=run.turn.id,
        started_at=now(),
        origin=context.origin,
        door=context.door,
        user_id=context.user_id,
        team_id=context.team_id,
        assistant_id=context.assistant_id,
        assistant_version=context.assistant_version,
        prompt_id=context.prompt_id,
        prompt_version=context.prompt_version,
        conversation_id=context.conversation_id,
        match_id=context.match_id,
        experiment_id=context.experiment_id,
        tags=context.tags,
        attempt=run.attempts,
        hop=place.hop,
        retry=place.retry,
        round=place.round,
        requested_model=run.model,
        served_model=model.id,
        provider=deployment.provider,
        deployment=address(deployment),
        wire=wire.name,
        stream=request.stream,
        estimate_cost_p50=estimate.cost_p50,
        estimate_cost_p90=estimate.cost_p90,
        estimate_seconds_p50=estimate.seconds_p50,
        estimate_seconds_p90=estimate.seconds_p90,
        cache_state=run.cache_state,
        tools_offered=len(request.tools),
        temperature=parameters.temperature,
        max_tokens=parameters.max_tokens,
        parameters=sent_parameters(parameters),
        context_window=model.context_window,
    )
