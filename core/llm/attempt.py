"""One request to one provider: sent, read to its end, recorded, whatever happens on the way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any, cast

from core.errors import CancelledError, ModelError, ProviderError, TimedOutError
from core.events import ReasoningDelta
from core.ledger.facts import Call
from core.llm.answer import Answer
from core.llm.billing import Billing
from core.llm.models import ModelInfo
from core.llm.opening import opening
from core.llm.receipts import attempt_receipt
from core.llm.record import Recorder, Said, answered, said, timings
from core.llm.run import Ask, Run
from core.llm.wire.seam import Chunk, Deployment, Reasoning, Text, Wire, WireRequest


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: until the first content, between contents, and for all attempts of a turn."""

    first_token_s: float
    idle_s: float
    total_s: float


class Attempts:
    def __init__(self, recorder: Recorder, billing: Billing, limits: Limits) -> None:
        self._recorder, self._billing, self._limits = recorder, billing, limits

    async def make(
        self, run: Run, ask: Ask, wire: Wire, deployment: Deployment, model: ModelInfo, retry: int
    ) -> Answer:
        """The whole answer. Raises ModelError after its row was handed in; `run.answer` then holds the partial one.

        Raises LedgerFull before anything is sent when the row could not be kept, BudgetError when there is no money.
        """
        run.before_call(run, ask, model.id)
        began = perf_counter()
        request = self._request(run, ask, deployment)
        run.attempts += 1
        known = opening(run, ask, wire.name, deployment, model, retry)
        request_said = said(ask.messages)
        run.acknowledgements.append(self._recorder.started(Call(**known), request_said))
        run.turn.sent()
        answer = run.answer = Answer(quiet=ask.quiet)
        changes: dict[str, Any] = {"overhead_s": answer.sent - began}
        if run.attempts == 1:
            changes["queue_s"] = began - run.accepted
        error: ModelError | None = None
        try:
            await _read(run, wire, request, answer)
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
            changes |= timings(answer, perf_counter())
            self._close(run, known | changes, model, ask, request_said, answer, error)
        return answer

    def _request(self, run: Run, ask: Ask, deployment: Deployment) -> WireRequest:
        left = run.left_s
        if left <= 0:
            raise TimedOutError("The total time allowed for this answer is over; ask again.")
        return WireRequest(
            deployment,
            ask.messages,
            ask.parameters,
            run.request.tools,
            run.request.stream,
            min(self._limits.first_token_s, left),
            self._limits.idle_s,
            left,
        )

    def _close(
        self,
        run: Run,
        columns: dict[str, Any],
        model: ModelInfo,
        ask: Ask,
        request: Said,
        answer: Answer,
        error: ModelError | None,
    ) -> None:
        """`columns`: of its row, but what it used and cost."""
        if error is not None:
            columns["status"] = "cancelled" if isinstance(error, CancelledError) else "error"
            columns["error_kind"], columns["error_text"] = error.kind, str(error)
            columns["http_status"] = error.http_status or columns["http_status"]
        bill = self._billing.of(error, columns["total_s"], model, ask.messages, answer)
        run.price_source = bill.price_source or run.price_source
        for doubt in bill.doubts:
            run.notice("estimate", doubt)
        if bill.cut:
            run.notice("truncated", bill.cut)
        call = Call(**columns, **bill.columns)
        run.acknowledgements.append(self._recorder.ended(call, request, answered(answer)))
        run.receipts.append(attempt_receipt(call, bill.usage))
        run.ended = monotonic()


async def _read(run: Run, wire: Wire, request: WireRequest, answer: Answer) -> None:
    """The hot path: a list append or two per chunk."""
    turn, quiet, stamps, texts, reasonings = run.turn, answer.quiet, answer.stamps, answer.texts, answer.reasonings
    async with aclosing(cast(AsyncGenerator[Chunk, None], wire.stream(request))) as stream:
        async for chunk in stream:
            kind = type(chunk)
            if kind is Text:
                stamps.append(perf_counter())
                texts.append(chunk.text)  # type: ignore[union-attr]
                if not quiet:
                    turn.text(chunk.text)  # type: ignore[union-attr]
            elif kind is Reasoning:
                stamps.append(perf_counter())
                reasonings.append(chunk.text)  # type: ignore[union-attr]
                if not quiet:
                    turn.emit(ReasoningDelta(chunk.text))  # type: ignore[union-attr]
            else:
                answer.take(chunk)
