"""A turn from admission to receipt: rounds of asking and tools, then the rows, then the end."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from core.errors import LedgerError, ModelError, PlatformError, RefusedError, SettingsError
from core.events import Ended, Status
from core.llm.chain import Chain
from core.llm.estimate import Estimate
from core.llm.guard import Admission, Guard
from core.llm.receipts import receipt_of
from core.llm.run import Run
from core.llm.toolbox import Toolbox
from core.llm.turn import Turn
from core.messages import Message, TurnRequest

log = logging.getLogger(__name__)


class Runner:
    def __init__(self, chain: Chain, toolbox: Toolbox, guard: Guard | None, total_s: float) -> None:
        self._chain, self._toolbox, self._guard, self._total_s = chain, toolbox, guard, total_s

    async def run(self, turn: Turn, chain: tuple[str, ...], estimate: Estimate) -> None:
        """Never raises, except when the loop itself is taken down."""
        request = turn.request
        run = Run(turn, request, chain[0], chain, monotonic() + self._total_s, estimate)
        admission: Admission | None = None
        status: Status = "ok"
        error: PlatformError | None = None
        try:
            admission = self._admit(run)
            await self._rounds(run)
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
            await self._finish(run, status, error, admission)

    def _admit(self, run: Run) -> Admission | None:
        if self._guard is None:
            return None
        admission = self._guard.admit(run.request, run.estimate)
        for notice in admission.notices:
            run.turn.emit(notice)
        if admission.model and admission.model != run.model:
            run.chain = (admission.model, *(name for name in run.chain if name != admission.model))
        return admission

    async def _rounds(self, run: Run) -> None:
        request, messages = run.request, list(run.request.messages)
        for round_ in range(request.max_tool_rounds + 1):
            parameters = request.parameters
            if round_ and round_ == request.max_tool_rounds:
                run.notice("limit", f"After {round_} rounds of tools the model was asked to answer without more.")
                parameters = replace(parameters, tool_choice="none")
            answer = await self._chain.ask(run, messages, parameters, round_)
            calls = answer.tool_calls
            if not calls or not request.tools or round_ == request.max_tool_rounds:
                return
            results = await self._toolbox.run(run, calls)
            messages += [answer.message(), *results]
            if answer.texts:
                run.turn.text("\n\n")

    async def _finish(self, run: Run, status: Status, error: PlatformError | None, admission: Admission | None) -> None:
        if admission is not None and self._guard is not None:
            receipt = receipt_of(run, status)
            used = (receipt.usage.input_tokens or 0) + (receipt.usage.output_tokens or 0)
            self._guard.settle(admission, receipt.cost, used or None)
        for acknowledgement in run.acknowledgements:
            try:
                await asyncio.wrap_future(acknowledgement)
            except (LedgerError, OSError) as failure:
                run.logged = False
                log.error("a call's row could not be written: %s", failure)
        if not run.logged:
            run.notice("limit", "This answer could not be written to the log; its row is kept in memory only.")
        if isinstance(error, ModelError) and run.answer is not None and run.answer.visible:
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


def chain_for(request: TurnRequest, model: str, defaults: Sequence[str]) -> tuple[str, ...]:
    fallbacks = request.fallbacks if request.fallbacks is not None else tuple(defaults)
    return tuple(dict.fromkeys((model, *fallbacks)))


def as_messages(asked: str | Sequence[Message | dict[str, str]]) -> tuple[Message, ...]:
    """A question as text, as messages, or as plain {"role", "content"} dictionaries."""
    if isinstance(asked, str):
        return (Message.of("user", asked),)
    return tuple(
        said if isinstance(said, Message) else Message.of(said["role"], said["content"])  # type: ignore[arg-type]
        for said in asked
    )
