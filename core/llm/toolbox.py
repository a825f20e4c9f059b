"""A round of tool calls: asked for leave where they change something, run side by side, answered one message each."""

import asyncio
import json
from collections.abc import Sequence
from time import perf_counter

from core.errors import PlatformError
from core.events import ToolEnded, ToolStarted
from core.llm.run import Run
from core.messages import Message, TextPart, Tool, ToolCall

LARGEST_ARGUMENTS = 100_000
LARGEST_RESULT = 200_000
TOOL_S = 60.0


class Toolbox:
    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], asyncio.Future[bool]] = {}

    def approve(self, turn_id: str, tool_call_id: str, yes: bool) -> None:
        """On the engine loop. Nothing happens when nobody waits for it."""
        waiting = self._waiting.get((turn_id, tool_call_id))
        if waiting is not None and not waiting.done():
            waiting.set_result(yes)

    async def run(self, run: Run, calls: Sequence[ToolCall]) -> list[Message]:
        """Results in the order of the calls. A tool's failure is a result; only cancelling ends the round."""
        known = {tool.name: tool for tool in run.request.tools}
        results = await asyncio.gather(*(self._one(run, call, known.get(call.name)) for call in calls))
        return [
            Message("tool", (TextPart(result),), tool_call_id=call.id)
            for call, result in zip(calls, results, strict=True)
        ]

    async def _one(self, run: Run, call: ToolCall, tool: Tool | None) -> str:
        wrong = _wrong(call, tool)
        asks = tool is not None and tool.side_effects and not wrong
        run.turn.emit(ToolStarted(call.id, call.name, call.arguments[:LARGEST_ARGUMENTS], needs_approval=asks))
        began = perf_counter()
        error: str | None = wrong or None
        result = ""
        if not error and asks and not await self._allowed(run, call):
            error = "The person did not allow this call."
        if not error and tool is not None:
            if asks:
                run.turn.emit(ToolStarted(call.id, call.name, call.arguments))
            began = perf_counter()
            try:
                async with asyncio.timeout(TOOL_S):
                    result = (await tool.call(call.arguments))[:LARGEST_RESULT]
            except PlatformError as failure:
                error = str(failure)
            except TimeoutError:
                error = f"The tool did not answer within {TOOL_S:.0f} s."
            except Exception as failure:  # noqa: BLE001 - a tool is a plug-in: its slip becomes a result the model can react to
                error = f"The tool failed ({type(failure).__name__})."
        run.turn.emit(ToolEnded(call.id, call.name, result, perf_counter() - began, error))
        return f"Error: {error}" if error else result

    async def _allowed(self, run: Run, call: ToolCall) -> bool:
        """Either door answers: the request's own `approve`, or Turn.approve from a page."""
        if run.request.approve is None:
            return False
        pressed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[run.turn.id, call.id] = pressed
        asked = asyncio.ensure_future(run.request.approve(call))
        try:
            done, _ = await asyncio.wait({pressed, asked}, return_when=asyncio.FIRST_COMPLETED)
            return all(future.exception() is None and future.result() for future in done)
        finally:
            asked.cancel()
            del self._waiting[run.turn.id, call.id]


def _wrong(call: ToolCall, tool: Tool | None) -> str:
    if tool is None:
        return f"There is no tool named {call.name[:80]!r}."
    if len(call.arguments) > LARGEST_ARGUMENTS:
        return f"The arguments are too long ({len(call.arguments):,} characters; at most {LARGEST_ARGUMENTS:,})."
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return "The arguments are not valid JSON."
    return "" if isinstance(arguments, dict) else "The arguments must be a JSON object."
