"""The general wire: litellm.acompletion for any provider LiteLLM knows, with its inventions kept out."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from math import ceil
from typing import Any

from core import errors
from core.llm.wire import faults, library
from core.llm.wire.litellm_faults import from_litellm
from core.llm.wire.litellm_stream import LiteLLMStream, counted, plain, tier_of
from core.llm.wire.places import address
from core.llm.wire.seam import (
    Chunk,
    Deployment,
    Finish,
    Opened,
    RawUsage,
    Reasoning,
    Text,
    Thinking,
    ToolDelta,
    WireRequest,
)
from core.llm.wire.spelling import spelled_messages, spelled_options


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
            "timeout": ceil(
                min(request.total_s, max(request.first_token_s, request.idle_s))
            ),  # a client for each value
        }
        began = asyncio.get_running_loop().time()
        ends = began + request.total_s
        first_ends = min(ends, began + request.first_token_s)
        answer = await _within(_asked(litellm, "acompletion", arguments), first_ends, deployment)
        yield Opened(None, {})
        if not request.stream:
            for chunk in _whole(answer, deployment):
                yield chunk
            return
        reader = LiteLLMStream(answer, deployment)
        try:
            async with aclosing(reader.chunks(first_ends, ends, request.idle_s)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            await reader.close()
        if reader.finish is None:
            raise faults.error(errors.TruncatedError, deployment)
        yield Finish(reader.finish, reader.tier)

    async def embed(
        self, deployment: Deployment, texts: list[str], timeout_s: float
    ) -> tuple[list[list[float]], Mapping[str, Any]]:
        arguments = {**_addressed(deployment), "input": texts, "timeout": timeout_s}
        asked = _asked(library.load(), "aembedding", arguments)
        answer = await _within(asked, asyncio.get_running_loop().time() + timeout_s, deployment)
        rows = sorted(answer.data, key=lambda row: int(row["index"]))
        if len(rows) != len(texts):
            raise faults.error(errors.ProtocolError, deployment)
        return [[float(value) for value in row["embedding"]] for row in rows], plain(answer.usage)

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


async def _asked(litellm: Any, function: str, arguments: dict[str, Any]) -> Any:
    """The call and what goes before it, in one place where whatever LiteLLM raises is put into words."""
    return await getattr(litellm, function)(**library.unlogged(function, **arguments))


async def _within(awaited: Any, due: float, deployment: Deployment) -> Any:
    """The result, or the tree's error. Raised outside the handler: LiteLLM's own error quotes keys and requests."""
    try:
        async with asyncio.timeout_at(due):
            return await awaited
    except TimeoutError:
        failure = faults.error(errors.TimedOutError, deployment)
    except Exception as error:  # noqa: BLE001  LiteLLM raises anything from KeyError to its own tree of 30 classes
        failure = from_litellm(error, deployment)
    raise failure


def _whole(answer: Any, deployment: Deployment) -> Iterator[Chunk]:
    yield faults.identity(deployment, answer.id, answer.model)
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
    usage = plain(getattr(answer, "usage", None))
    if counted(usage):
        yield RawUsage(usage)
    if choice.finish_reason:
        yield Finish(choice.finish_reason, tier_of(answer))
