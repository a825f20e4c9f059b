"""What a call and a streamed chunk cost in CPU and time: raw HTTP, OpenAI SDK, LiteLLM, our service on each wire.

All paths take turns within one run, against one upstream in its own process, the ledger on. `cpu` is this process's
CPU, all threads; a batch is over when its rows are in the ledger's tables, so that no path pays for another's.
path "service" is AIService.run over LiteLLM, "direct" AIService.run over the direct wire; "litellm" is the call that
"service" makes, as LiteLLM makes it by itself, with the books it keeps.
"""

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from openai import AsyncOpenAI

from bench._upstream import KEY, service, upstream
from core.events import Ended, TextDelta
from core.ledger.ledger import Ledger
from core.llm.service import AIService
from core.llm.wire import library

CHUNKS = 500
STREAM, CALL = f"tokens-{CHUNKS}", "echo"
PATHS = ("raw", "sdk", "litellm", "service", "direct")
BATCHES = {("call", 1): 200, ("call", 50): 400, ("stream", 1): 4, ("stream", 50): 50}

Ask = Callable[[bool], Awaitable[float]]
"""Asks once, streamed or not; returns seconds to the first text."""


@dataclass
class Measured:
    cpu_s: float = 0.0
    wall_s: float = 0.0
    seconds: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench overhead", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--paths", nargs="*", default=list(PATHS), choices=PATHS)
    parser.add_argument("--kinds", nargs="*", default=["call", "stream"], choices=["call", "stream"])
    parser.add_argument("--concurrency", nargs="*", type=int, default=[1, 50], choices=[1, 50])
    asked = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)  # LiteLLM's worker complains of a second loop
    shapes = [shape for shape in BATCHES if shape[0] in asked.kinds and shape[1] in asked.concurrency]
    with tempfile.TemporaryDirectory() as folder, upstream() as url, ExitStack() as opened:
        services = {
            name: opened.enter_context(service(url, Path(folder) / name, direct=name == "direct"))
            for name in ("service", "direct")
            if name in asked.paths
        }
        found = asyncio.run(measure(url, services, asked.paths, shapes, asked.rounds))
    show(found, asked.json)


async def measure(
    url: str,
    services: Mapping[str, tuple[AIService, Ledger]],
    paths: list[str],
    shapes: list[tuple[str, int]],
    rounds: int,
) -> dict[tuple[str, str, int], Measured]:
    found = {(path, *shape): Measured() for shape in shapes for path in paths}
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        sdk = await stack.enter_async_context(AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0))
        asks: dict[str, Ask] = {"raw": _raw(session, url), "sdk": _sdk(sdk), "litellm": _litellm(url)}
        asks |= {name: _service(ai) for name, (ai, _) in services.items()}
        ledgers = [ledger for _, ledger in services.values()]
        for path in paths:
            for _ in range(5):
                await asks[path](False)
                await asks[path](True)
        for _ in range(rounds):
            for kind, concurrency in shapes:
                for path in paths:
                    await _batch(
                        asks[path],
                        ledgers,
                        kind == "stream",
                        concurrency,
                        BATCHES[kind, concurrency],
                        found[path, kind, concurrency],
                    )
        await library.close_clients()
    return found


async def _batch(ask: Ask, ledgers: list[Ledger], stream: bool, concurrency: int, count: int, into: Measured) -> None:
    """`count` requests by `concurrency` askers; what they cost is added to `into`."""
    left = iter(range(count))

    async def asker() -> None:
        for _ in left:
            began = time.perf_counter()
            into.first.append(await ask(stream))
            into.seconds.append(time.perf_counter() - began)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(asker() for _ in range(concurrency)))
    into.wall_s += time.perf_counter() - wall
    for ledger in ledgers:
        ledger.settle(60)
    into.cpu_s += time.process_time() - cpu


def _body(stream: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": STREAM if stream else CALL,
        "messages": [{"role": "user", "content": "Say something."}],
        "stream": stream,
    }
    return {**body, "stream_options": {"include_usage": True}} if stream else body


def _raw(session: aiohttp.ClientSession, url: str) -> Ask:
    async def ask(stream: bool) -> float:
        began, first, chunks = time.perf_counter(), 0.0, 0
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        async with session.post(
            f"{url}/v1/chat/completions", data=orjson.dumps(_body(stream)), headers=headers
        ) as answer:
            if not stream:
                assert orjson.loads(await answer.read())["choices"]
                return time.perf_counter() - began
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    choices = orjson.loads(line[6:])["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        first = first or time.perf_counter() - began
                        chunks += 1
        assert chunks == CHUNKS
        return first

    return ask


async def _texts(began: float, stream: AsyncIterator[Any]) -> float:
    first, chunks = 0.0, 0
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            first = first or time.perf_counter() - began
            chunks += 1
    assert chunks == CHUNKS
    return first


def _sdk(client: AsyncOpenAI) -> Ask:
    async def ask(stream: bool) -> float:
        began = time.perf_counter()
        answer: Any = await client.chat.completions.create(**_body(stream))
        return await _texts(began, answer) if stream else time.perf_counter() - began

    return ask


def _litellm(url: str) -> Ask:
    litellm = library.load()

    async def ask(stream: bool) -> float:
        began = time.perf_counter()
        body = _body(stream)
        body["model"] = f"openai/{body['model']}"
        answer = await litellm.acompletion(
            **body, api_base=f"{url}/v1", api_key=KEY, max_retries=0, num_retries=0, timeout=60, _skip_mcp_handler=True
        )
        return await _texts(began, answer) if stream else time.perf_counter() - began

    return ask


def _service(ai: AIService) -> Ask:
    async def ask(stream: bool) -> float:
        began, first, text, ended = time.perf_counter(), 0.0, 0, None
        async for event in ai.run("Say something.", f"openai/{STREAM if stream else CALL}", stream=stream):
            if isinstance(event, TextDelta):
                first = first or time.perf_counter() - began
                text += event.text.count(" ")
            elif isinstance(event, Ended):
                ended = event
        assert ended is not None
        assert ended.status == "ok", ended.error
        assert not stream or text == CHUNKS
        return first

    return ask


def show(found: Mapping[tuple[str, str, int], Measured], as_json: bool) -> None:
    widths = (8, 7, 12, 16, 17, 9, 9, 12, 8)
    if not as_json:
        names = next(_line(*shape, measured) for shape, measured in found.items())
        print("".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=False)))
    for shape, measured in found.items():
        line = _line(*shape, measured)
        cells = ("–" if value is None else str(value) for value in line.values())
        print(json.dumps(line) if as_json else "".join(f"{c:>{w}}" for c, w in zip(cells, widths, strict=False)))


def _line(path: str, kind: str, concurrency: int, measured: Measured) -> dict[str, Any]:
    count = len(measured.seconds)
    ordered = sorted(measured.seconds)
    return {
        "path": path,
        "kind": kind,
        "concurrency": concurrency,
        "cpu_ms_per_call": round(measured.cpu_s / count * 1e3, 3),
        "cpu_us_per_chunk": round(measured.cpu_s / count / CHUNKS * 1e6, 2) if kind == "stream" else None,
        "p50_ms": round(statistics.median(ordered) * 1e3, 3),
        "p95_ms": round(ordered[int(0.95 * (count - 1))] * 1e3, 3),
        "ttft_p50_ms": round(statistics.median(measured.first) * 1e3, 3),
        "per_s": round(count / measured.wall_s, 2),
        "count": count,
    }
