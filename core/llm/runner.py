"""A turn from admission to receipt: rounds of asking and tools, then the rows, then the end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from time import monotonic

from core.errors import LedgerError, ModelError, PlatformError, RefusedError, SettingsError
from core.events import Ended, Status
from core.llm.cache.answers import AnswerCache
from core.llm.chain import Chain
from core.llm.estimate import Estimate
from core.llm.guard import Guard
from core.llm.leave import Leave
from core.llm.receipts import receipt_of, total_cost
from core.llm.replay import Replay
from core.llm.run import Ask, Run
from core.llm.toolbox import Toolbox
from core.llm.turn import Turn
from core.messages import ToolCall, TurnRequest

log = logging.getLogger(__name__)


class Runner:
    def __init__(
        self,
        chain: Chain,
        cache: AnswerCache,
        replay: Replay,
        toolbox: Toolbox,
        guard: Guard | None,
        foretell: Callable[[TurnRequest, str], Estimate],
        fallbacks: Sequence[str],
        total_s: float,
        done: Callable[[Future[int]], Awaitable[None]],
    ) -> None:
        """`fallbacks` hold for requests that name none. `total_s` covers all attempts of a turn.

        `done` waits for a future of another thread.
        """
        self._done = done
        self._chain, self._toolbox, self._guard, self._foretell = chain, toolbox, guard, foretell
        self._cache, self._replay = cache, replay
        self._fallbacks, self._total_s = tuple(fallbacks), total_s

    async def run(self, turn: Turn) -> None:
        """Never raises, except when the loop itself is taken down."""
        request = turn.request
        fallbacks = request.fallbacks if request.fallbacks is not None else self._fallbacks
        chain = tuple(dict.fromkeys((request.model, *fallbacks)))
        run = Run(turn, request, request.model, chain, monotonic() + self._total_s)
        leave: Leave | None = None
        status: Status = "ok"
        error: PlatformError | None = None
        try:
            if turn.cancelled:
                raise asyncio.CancelledError
            run.estimate = self._foretell(request, run.asked)
            leave = self._admit(run)
            await self._answer(run)
        except asyncio.CancelledError:
            status = "cancelled"
        except (RefusedError, LedgerError, SettingsError) as refusal:
            status, error = "refused", refusal
        except PlatformError as failure:
            status, error = "error", failure
        except Exception as slip:  # whatever goes wrong in here, the watchers must see an end
            log.exception("turn %s failed inside the platform", turn.id)
            status, error = "error", PlatformError(f"The platform itself failed ({type(slip).__name__}); see its log.")
        finally:
            await self._finish(run, status, error, leave)

    def _admit(self, run: Run) -> Leave | None:
        if self._guard is None:
            return None
        admission = self._guard.admit(run.request, run.estimate)
        for notice in admission.notices:
            run.turn.emit(notice)
        if admission.model and admission.model != run.asked:
            run.chain = (admission.model, *(name for name in run.chain if name != admission.model))
        leave = Leave(self._guard, admission, run.asked, self._foretell)
        run.before_call = leave.before_call
        return leave

    async def _answer(self, run: Run) -> None:
        """From the cache where that is wanted and possible, else by asking."""
        model = run.chain[0]
        if not self._cache.applies(run.request):
            await self._rounds(run)
            return
        hit = await self._cache.find(run.request, model)
        if hit is not None:
            self._replay.play(run, model, hit)
            return
        run.cache_state = "miss"
        await self._rounds(run)
        if run.answer is not None and run.hop == 0 and len(run.receipts) == 1:
            await self._cache.keep(run.request, model, run.answer, total_cost(run.receipts))

    async def _rounds(self, run: Run) -> None:
        request, messages = run.request, list(run.request.messages)
        for round_ in range(request.max_tool_rounds + 1):
            parameters = request.parameters
            if round_ and round_ == request.max_tool_rounds:
                run.notice("limit", f"After {round_} rounds of tools the model was asked to answer without more.")
                parameters = replace(parameters, tool_choice="none")
            answer = await self._chain.ask(run, Ask(tuple(messages), parameters, round_, request.held))
            calls = _with_own_ids(answer.tool_calls, run.call_ids)
            if not calls or not request.tools or round_ == request.max_tool_rounds:
                return
            results = await self._toolbox.run(run, calls)
            messages += [replace(answer.message(), tool_calls=calls), *results]
            if answer.texts:
                run.turn.text("\n\n")

    async def _finish(self, run: Run, status: Status, error: PlatformError | None, leave: Leave | None) -> None:
        run.turn.ending = True
        if leave is not None:
            leave.end(run)
        for acknowledgement in reversed(run.acknowledgements):  # the last comes with those before it
            if not acknowledgement.done():
                await self._done(acknowledgement)
            if (failure := acknowledgement.exception()) is not None:
                run.logged = False
                log.error("a call's row could not be written: %s", failure)
        if not run.logged:
            run.notice("limit", "This answer could not be written to the log; its row is kept in memory only.")
        if isinstance(error, ModelError) and run.answer is not None and run.answer.seen:
            run.notice(
                "truncated", "The answer broke off; what had arrived is kept. Continue it, or ask another model."
            )
        kind = getattr(error, "kind", None) or ("cancelled" if status == "cancelled" else None)
        ended = Ended(status, receipt_of(run, status), str(error) if error else None, kind)
        if run.request.on_end is not None:
            try:
                final = run.turn.final_view(ended)
                await asyncio.get_running_loop().run_in_executor(None, run.request.on_end, final)
            except Exception:  # the caller's own hook: the turn has ended all the same
                log.exception("on_end of turn %s failed", run.turn.id)
        run.turn.error = error
        run.turn.tool_calls = run.answer.tool_calls if run.answer else ()
        run.turn.end(ended)


def _with_own_ids(calls: Sequence[ToolCall], taken: set[str]) -> tuple[ToolCall, ...]:
    """Some servers number the calls of every answer from zero; within a turn each needs an id of its own."""
    unique = []
    for call in calls:
        id_, number = call.id, 1
        while id_ in taken:
            number += 1
            id_ = f"{call.id}-{number}"
        taken.add(id_)
        unique.append(call if id_ == call.id else replace(call, id=id_))
    return tuple(unique)
