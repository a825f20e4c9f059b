"""A stream as LiteLLM gives it, read under deadlines, without its inventions: no made-up ending, no made-up usage."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator, Mapping
from time import perf_counter
from typing import Any

from core import errors
from core.llm.wire import faults
from core.llm.wire.litellm_faults import from_litellm
from core.llm.wire.seam import Chunk, Deployment, RawUsage, Reasoning, Text, Thinking, ToolDelta
from core.llm.wire.watch import Watch

_CLOSE_S = 2.0
_GIVE_WAY_S = 0.004
"""LiteLLM takes a third of a millisecond for a chunk and reads on as long as some have arrived: meanwhile nobody would
be told of the first, and no other turn would move."""
_CONTENT = (Text, Reasoning, ToolDelta, Thinking)


class LiteLLMStream:
    """One LiteLLM stream, read chunk by chunk; closing it cancels the read underneath, which closes the connection."""

    def __init__(self, answer: Any, deployment: Deployment) -> None:
        self._answer, self._deployment = answer, deployment
        self._loop = asyncio.get_running_loop()
        self._watch = Watch(self._loop, self._expire)
        self._reading: asyncio.Task[Any] | None = None
        self._identified = False
        self._ended = False
        self._thinking: list[str] = []
        self.finish: str | None = None
        """What the provider said of its end, once it has."""
        self.tier: str | None = None

    async def chunks(self, due: float, ends: float, idle_s: float) -> AsyncGenerator[Chunk, None]:
        """`due`: the first content's deadline, `ends` that of all, in loop time; `idle_s` between pieces of content."""
        gave_way = 0.0
        while (raw := await self._next(due)) is not None:
            content = False
            for chunk in self._chunks(raw):
                if chunk.__class__ in _CONTENT:
                    content, due = True, min(ends, self._loop.time() + idle_s)
                yield chunk
            self._forget()
            if content and (now := perf_counter()) - gave_way > _GIVE_WAY_S:
                gave_way = now
                await asyncio.sleep(0)

    async def _next(self, due: float) -> Any:
        """LiteLLM's next chunk, None at the end. Errors are raised outside the handler: LiteLLM's quote keys."""
        self._reading = asyncio.current_task()
        self._watch.wait_until(due)
        try:
            return await self._answer.__anext__()
        except StopAsyncIteration:
            self._ended = True
            return None
        except asyncio.CancelledError:
            if not self._watch.expired or self._reading is None or self._reading.uncancel():
                raise
            failure = faults.error(errors.TimedOutError, self._deployment)
        except Exception as error:  # noqa: BLE001  LiteLLM raises anything from KeyError to its own tree of 30 classes
            failure = from_litellm(error, self._deployment)
        finally:
            self._watch.rest()
        raise failure

    def _expire(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _chunks(self, raw: Any) -> Iterator[Chunk]:
        if not self._identified:
            self._identified = True
            yield faults.identity(self._deployment, raw.id, raw.model)
        choice = raw.choices[0] if raw.choices else None
        if choice is not None:
            yield from self._delta(choice.delta)
        self.tier = tier_of(raw) or self.tier
        counts = getattr(raw, "usage", None)
        if counts is not None and counted(usage := plain(counts)) and self._reported() and self._true_end():
            yield RawUsage(usage)
        if choice is not None and choice.finish_reason and self._true_end():
            self.finish = choice.finish_reason

    def _delta(self, delta: Any) -> Iterator[Chunk]:
        reasoning = getattr(delta, "reasoning_content", None)
        if reasoning:
            yield Reasoning(reasoning)
        for block in getattr(delta, "thinking_blocks", None) or ():
            yield from self._thought(dict(block or {}))
        if delta.content:
            yield Text(delta.content)
        for call in delta.tool_calls or ():
            function = call.function
            yield ToolDelta(call.index or 0, call.id or None, function.name or None, function.arguments or "")

    def _thought(self, block: dict[str, Any]) -> Iterator[Chunk]:
        """Pieces of a thinking block; its signature comes last and completes it."""
        text = str(block.get("thinking") or "")
        if block.get("data"):
            yield Thinking(block)
        elif not block.get("signature"):
            self._thinking.append(text)
        else:
            text = text or "".join(self._thinking)
            self._thinking.clear()
            yield Thinking({"type": "thinking", "thinking": text, "signature": block["signature"]})

    def _forget(self) -> None:
        """LiteLLM keeps every chunk to put the answer together once more at the end, a quarter of its CPU for a stream;
        what it takes from that is the usage alone."""
        kept = getattr(self._answer, "chunks", None)
        if kept and len(kept) > 1 and getattr(kept[-1], "usage", None) is None:
            kept.pop()

    def _reported(self) -> bool:
        """LiteLLM counts tokens itself when the provider was silent; only its raw chunks tell the two apart."""
        chunks = getattr(self._answer, "chunks", None) or []
        return any(getattr(chunk, "usage", None) is not None for chunk in chunks)

    def _true_end(self) -> bool:
        """LiteLLM says "stop" for a stream that was cut; what the provider said is kept beside it."""
        said = ("received_finish_reason", "intermittent_finish_reason")
        return any(getattr(self._answer, name, None) is not None for name in said)

    async def close(self) -> None:
        self._watch.stop()
        if not self._ended:
            self._ended = True
            await self._cancel_read()
        with contextlib.suppress(Exception):  # an upstream that fails while being closed is closed
            async with asyncio.timeout(_CLOSE_S):
                await self._answer.aclose()

    async def _cancel_read(self) -> None:
        """aclose() alone leaves Anthropic streams running; a cancelled read closes every kind."""
        for _ in range(100):
            task = asyncio.ensure_future(self._answer.__anext__())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task], timeout=_CLOSE_S)
            if not task.done() or task.cancelled() or task.exception() is not None:
                return


def counted(usage: Mapping[str, Any]) -> bool:
    """LiteLLM fills a missing usage with zeros; no call of anybody's has zero tokens both ways."""
    return bool(usage.get("prompt_tokens") or usage.get("completion_tokens"))


def tier_of(answer: Any) -> str | None:
    """The class of service, as OpenAI says it of the answer or Anthropic of its usage."""
    beside = getattr(getattr(answer, "usage", None), "service_tier", None)
    return faults.tier(getattr(answer, "service_tier", None)) or faults.tier(beside)


def plain(usage: Any) -> dict[str, Any]:
    if usage is None:
        return {}
    return dict(usage.model_dump(exclude_none=True)) if hasattr(usage, "model_dump") else dict(usage)
