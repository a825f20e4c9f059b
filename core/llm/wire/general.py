"""The general wire: litellm.acompletion for any provider LiteLLM knows, with its inventions kept out."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from core import errors
from core.llm.wire import faults, library
from core.llm.wire.litellm_faults import from_litellm
from core.llm.wire.places import address
from core.llm.wire.seam import (
    Chunk,
    Deployment,
    Finish,
    Identity,
    Opened,
    RawUsage,
    Reasoning,
    Text,
    Thinking,
    ToolDelta,
    WireRequest,
)
from core.llm.wire.spelling import spelled_messages, spelled_options

_CLOSE_S = 2.0


class GeneralWire:
    """Satisfies seam.Wire. Status codes and headers of successes are LiteLLM's to know, so Opened carries None."""

    name = "general"

    async def stream(self, request: WireRequest) -> AsyncIterator[Chunk]:
        deployment = request.deployment
        litellm = library.load() if library.loaded() else await asyncio.to_thread(library.load)
        arguments = {
            **_addressed(deployment),
            **spelled_options(request),
            "messages": spelled_messages(request.messages, deployment),
            "timeout": min(request.total_s, max(request.first_token_s, request.idle_s)),
        }
        ends = time.monotonic() + request.total_s
        first_ends = min(ends, time.monotonic() + request.first_token_s)
        answer = await _within(litellm.acompletion(**arguments), first_ends, deployment)
        yield Opened(None, {})
        if not request.stream:
            for chunk in _whole(answer):
                yield chunk
            return
        reader = _Reader(answer)
        try:
            due = first_ends
            while not reader.ended:
                chunks = await _within(reader.read(), due, deployment)
                for chunk in chunks:
                    if isinstance(chunk, Text | Reasoning | ToolDelta | Thinking):
                        due = min(ends, time.monotonic() + request.idle_s)
                    yield chunk
        finally:
            await reader.close()
        if reader.finish is None:
            raise faults.error(errors.TruncatedError, deployment)
        yield Finish(reader.finish)

    async def embed(
        self, deployment: Deployment, texts: list[str], timeout_s: float
    ) -> tuple[list[list[float]], Mapping[str, Any]]:
        asked = library.load().aembedding(**_addressed(deployment), input=texts, timeout=timeout_s)
        answer = await _within(asked, time.monotonic() + timeout_s, deployment)
        rows = sorted(answer.data, key=lambda row: int(row["index"]))
        if len(rows) != len(texts):
            raise faults.error(errors.ProtocolError, deployment)
        return [[float(value) for value in row["embedding"]] for row in rows], _plain(answer.usage)

    async def close(self) -> None:
        await library.close_clients()


def _addressed(deployment: Deployment) -> dict[str, Any]:
    return {
        "model": deployment.litellm_model,
        "api_base": address(deployment),
        "api_key": deployment.api_key or (None if deployment.base_url is None else "none"),
        "max_retries": 0,
        "num_retries": 0,
        "_skip_mcp_handler": True,
    }


async def _within(awaited: Any, due: float, deployment: Deployment) -> Any:
    """The result, or the tree's error. Raised outside the handler: LiteLLM's own error quotes keys and requests."""
    try:
        async with asyncio.timeout(max(0.001, due - time.monotonic())):
            return await awaited
    except TimeoutError:
        failure = faults.error(errors.TimedOutError, deployment)
    except Exception as error:  # noqa: BLE001  LiteLLM raises anything from KeyError to its own tree of 30 classes
        failure = from_litellm(error, deployment)
    raise failure


class _Reader:
    """One LiteLLM stream, read chunk by chunk; closing it cancels the read underneath, which closes the connection."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.ended = False
        self.finish: str | None = None
        self._identified = False
        self._thinking: list[str] = []

    async def read(self) -> list[Chunk]:
        try:
            raw = await self._answer.__anext__()
        except StopAsyncIteration:
            self.ended = True
            return []
        return list(self._chunks(raw))

    def _chunks(self, raw: Any) -> Iterator[Chunk]:
        if not self._identified:
            self._identified = True
            yield Identity(raw.id, raw.model)
        choice = raw.choices[0] if raw.choices else None
        if choice is not None:
            yield from self._delta(choice.delta)
        usage = _plain(getattr(raw, "usage", None))
        if _counted(usage) and self._reported() and self._true_end():
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

    def _reported(self) -> bool:
        """LiteLLM counts tokens itself when the provider was silent; only its raw chunks tell the two apart."""
        chunks = getattr(self._answer, "chunks", None) or []
        return any(getattr(chunk, "usage", None) is not None for chunk in chunks)

    def _true_end(self) -> bool:
        """LiteLLM says "stop" for a stream that was cut; what the provider said is kept beside it."""
        said = ("received_finish_reason", "intermittent_finish_reason")
        return any(getattr(self._answer, name, None) is not None for name in said)

    async def close(self) -> None:
        if not self.ended:
            self.ended = True
            await self._cancel_read()
        with contextlib.suppress(Exception):  # an upstream that fails while being closed is closed
            await asyncio.wait_for(self._answer.aclose(), _CLOSE_S)

    async def _cancel_read(self) -> None:
        """aclose() alone leaves Anthropic streams running; a cancelled read closes every kind."""
        for _ in range(100):
            task = asyncio.ensure_future(self._answer.__anext__())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task], timeout=_CLOSE_S)
            if not task.done() or task.cancelled() or task.exception() is not None:
                return


def _whole(answer: Any) -> Iterator[Chunk]:
    yield Identity(answer.id, answer.model)
    choice = answer.choices[0]
    message = choice.message
    reasoning = getattr(message, "reasoning_content", None)
    if reasoning:
        yield Reasoning(reasoning)
    for block in getattr(message, "thinking_blocks", None) or ():
        yield Thinking(dict(block))
    if message.content:
        yield Text(message.content)
    for index, call in enumerate(message.tool_calls or ()):
        yield ToolDelta(index, call.id or None, call.function.name or None, call.function.arguments or "")
    usage = _plain(getattr(answer, "usage", None))
    if _counted(usage):
        yield RawUsage(usage)
    if choice.finish_reason:
        yield Finish(choice.finish_reason)


def _counted(usage: Mapping[str, Any]) -> bool:
    """LiteLLM fills a missing usage with zeros; no call of anybody's has zero tokens both ways."""
    return bool(usage.get("prompt_tokens") or usage.get("completion_tokens"))


def _plain(usage: Any) -> dict[str, Any]:
    if usage is None:
        return {}
    return dict(usage.model_dump(exclude_none=True)) if hasattr(usage, "model_dump") else dict(usage)
