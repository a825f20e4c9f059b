"""Asking a wire in tests: deployments on the loopback server, and what came back, collected."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from core.errors import ModelError
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
    Wire,
    WireRequest,
)
from core.messages import Message, Parameters
from tests.upstreams.server import Upstream

KEY = "sk-canary-0123456789abcdef"
PREFIX = {
    "openai": "openai",
    "anthropic": "anthropic",
    "ollama": "hosted_vllm",
    "lm_studio": "lm_studio",
    "vllm": "hosted_vllm",
}


def deployment(upstream: Upstream | str, model: str, provider: str = "openai", key: str | None = KEY) -> Deployment:
    url = upstream if isinstance(upstream, str) else upstream.url
    return Deployment(
        provider=provider,
        model=model,
        dialect="anthropic" if provider == "anthropic" else "openai",
        litellm_model=f"{PREFIX[provider]}/{model}",
        base_url=url if provider == "anthropic" else f"{url}/v1",
        api_key=key,
    )


def request(place: Deployment, text: str = "hello there", **changes: Any) -> WireRequest:
    given: dict[str, Any] = {
        "messages": (Message.of("user", text),),
        "parameters": Parameters(max_tokens=500),
        "first_token_s": 5.0,
        "idle_s": 5.0,
        "total_s": 20.0,
        **changes,
    }
    return WireRequest(deployment=place, **given)


@dataclass
class Heard:
    text: str = ""
    reasoning: str = ""
    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    thinking: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] | None = None
    finish: str | None = None
    identity: Identity | None = None
    opened: Opened | None = None
    error: ModelError | None = None
    chunks: list[Chunk] = field(default_factory=list)

    def take(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)
        match chunk:
            case Text(text):
                self.text += text
            case Reasoning(text):
                self.reasoning += text
            case Thinking(block):
                self.thinking.append(dict(block))
            case ToolDelta(index, call_id, name, arguments):
                call = self.calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
                call["id"] = call["id"] or call_id or ""
                call["name"] = call["name"] or name or ""
                call["arguments"] += arguments
            case RawUsage(raw):
                self.usage = dict(raw)
            case Finish(reason):
                self.finish = reason
            case Identity():
                self.identity = chunk
            case Opened():
                self.opened = chunk


async def hear(wire: Wire, asked: WireRequest) -> Heard:
    heard = Heard()
    stream: AsyncIterator[Chunk] = wire.stream(asked)
    try:
        async with asyncio.timeout(asked.total_s + 10), aclosing(stream):  # type: ignore[type-var]
            async for chunk in stream:
                heard.take(chunk)
    except ModelError as error:
        heard.error = error
    return heard


BEAT_S = 0.02


class Stopwatch:
    """`async with Stopwatch() as watch:` and then `watch.seconds`: what it took, without the time in which a busy
    machine (or another thread of this process) did not let this loop's thread run. Its own work does count."""

    seconds = 0.0

    async def __aenter__(self) -> "Stopwatch":
        self._began, self._stalled = time.monotonic(), 0.0
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._beating.cancel()
        self.seconds = time.monotonic() - self._began - self._stalled

    async def _beat(self) -> None:
        while True:
            wall, worked = time.monotonic(), time.thread_time()
            await asyncio.sleep(BEAT_S)
            late = time.monotonic() - wall - BEAT_S
            self._stalled += max(0.0, late - (time.thread_time() - worked))
