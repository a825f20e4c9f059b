"""A real server on loopback: OpenAI, Anthropic, Ollama; the name of the model says how it behaves (plan.py)."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import orjson
from aiohttp import web

from tests.upstreams import anthropic_frames, embeddings, openai_frames
from tests.upstreams.faults import Faulty, spoil
from tests.upstreams.pacing import pace
from tests.upstreams.plan import Plan, plan_for

MODELS = ("echo", "tools", "reasoning", "slow-500", "nousage")
CAPABILITIES = ("completion", "tools")


@dataclass
class Recorded:
    """One request as it arrived, and how it ended. Times are monotonic seconds."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    at: float
    model: str = ""
    frames_sent: int = 0
    ended_at: float | None = None
    disconnected_at: float | None = None
    """When the client hung up before the answer was complete; None when it did not."""


@dataclass
class Upstream:
    """`with Upstream() as upstream:` serves from a thread of its own. `requests` are in order of arrival."""

    port: int = 0
    models: tuple[str, ...] = MODELS
    requests: list[Recorded] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    required_key: str | None = None
    """When set, every other key gets a 401."""
    context_length: int | None = 8192
    capabilities: tuple[str, ...] = CAPABILITIES
    """What Ollama's /api/show says of every model."""
    service_tier: str | None = None
    """The class of service that every answer names."""
    busy: list[str] = field(default_factory=list)
    """A Retry-After for each of the next lists of models, which get a 503; "" says none."""

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="upstream", daemon=True)
        self._cache: dict[tuple[str, str, str], tuple[list[bytes], int]] = {}

    @property
    def url(self) -> str:
        """Without /v1: the base for Anthropic and Ollama."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"

    def __enter__(self) -> "Upstream":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def reset(self) -> None:
        self.requests.clear()
        self.seen.clear()
        self.models = MODELS
        self.required_key = None
        self.context_length = 8192
        self.capabilities = CAPABILITIES
        self.service_tier = None
        self.busy = []

    def chats(self) -> list[Recorded]:
        """Only requests for an answer, not for lists of models."""
        return [one for one in self.requests if one.path.endswith(("/chat/completions", "/messages"))]

    def wait_for(self, true: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Polls for up to `seconds`: what the server notices a moment after the client acted."""
        ends = time.monotonic() + seconds
        while not true():
            if time.monotonic() > ends:
                return False
            time.sleep(0.005)
        return True

    async def _start(self) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes(
            [
                web.post("/v1/chat/completions", self._openai),
                web.post("/v1/messages", self._anthropic),
                web.post("/v1/embeddings", self._embeddings),
                web.get("/v1/models", self._list),
                web.get("/api/tags", self._tags),
                web.post("/api/show", self._show),
                web.get("/api/version", self._version),
            ]
        )
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        await self._runner.cleanup()

    async def _record(self, request: web.Request) -> Recorded:
        raw = await request.read()
        try:
            body = orjson.loads(raw) if raw else None
        except orjson.JSONDecodeError:
            body = raw
        model = body.get("model", "") if isinstance(body, dict) else ""
        one = Recorded(request.method, request.path, dict(request.headers), body, time.monotonic(), model)
        self.requests.append(one)
        return one

    def _refused(self, one: Recorded) -> bool:
        if self.required_key is None:
            return False
        return self.required_key not in (one.headers.get("Authorization", "")[7:], one.headers.get("x-api-key", ""))

    async def _openai(self, request: web.Request) -> web.StreamResponse:
        return await self._chat(request, openai_frames)

    async def _anthropic(self, request: web.Request) -> web.StreamResponse:
        return await self._chat(request, anthropic_frames)

    async def _chat(self, request: web.Request, dialect: ModuleType) -> web.StreamResponse:
        one = await self._record(request)
        if not isinstance(one.body, dict):
            return web.Response(status=400, body=dialect.error_body("", 400, ""))
        model = one.model
        plan = plan_for(model, dialect.asked(one.body), self.seen[model])
        plan.service_tier = self.service_tier
        self.seen[model] += 1
        try:
            if plan.delay_s:
                await asyncio.sleep(plan.delay_s)
            response = await self._answer(request, one, plan, dialect)
            one.ended_at = time.monotonic()
            return response
        except (asyncio.CancelledError, ConnectionError):
            one.disconnected_at = time.monotonic()
            raise

    async def _answer(self, request: web.Request, one: Recorded, plan: Plan, dialect: ModuleType) -> web.StreamResponse:
        key = one.headers.get("Authorization", "")[7:] or one.headers.get("x-api-key", "")
        status = 401 if self._refused(one) else plan.status
        if plan.trouble == "redirect":
            return web.Response(status=307, headers={"Location": f"{self.url}/elsewhere"})
        if plan.trouble == "html-502":
            return web.Response(status=502, body=b"<html><h1>Bad gateway</h1></html>", content_type="text/html")
        if status != 200:
            body = dialect.error_body(plan.trouble, status, key)
            return web.Response(status=status, body=body, headers=plan.headers, content_type="application/json")
        streamed = bool(one.body.get("stream"))
        frames, endings = self._frames(one, plan, dialect) if streamed else ([], 0)
        whole = b"" if streamed and not plan.fault else dialect.whole(plan, one.model)
        if plan.fault:
            faulty = Faulty(request, frames, endings, whole, streamed, plan.number, dialect.error_frame)
            spoiled = await spoil(plan.fault, faulty)
            if spoiled is not None:
                return spoiled
            frames = faulty.frames
        if not streamed:
            return web.Response(body=whole, content_type="application/json", headers={"x-request-id": "req_1"})
        return await self._stream(request, one, frames, plan.rate)

    def _frames(self, one: Recorded, plan: Plan, dialect: ModuleType) -> tuple[list[bytes], int]:
        if one.model.startswith(("tokens-", "stamped-")) and not plan.fault:  # the same for everyone: render once
            place = (dialect.NAME, one.model, str(plan.input_tokens))
            if place not in self._cache:
                self._cache[place] = dialect.frames(plan, one.model)
            return self._cache[place]
        frames, endings = dialect.frames(plan, one.model)
        if dialect is openai_frames and plan.usage != "last" and not _wants_usage(one.body):
            frames = [frame for frame in frames if b'"choices": [], "usage"' not in frame]
        return frames, endings

    async def _stream(
        self, request: web.Request, one: Recorded, frames: list[bytes], rate: float
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "x-request-id": "req_1"})
        await response.prepare(request)

        def sent() -> None:
            one.frames_sent += 1

        if rate:
            await pace(request, response, frames, rate, sent)
        else:
            for frame in frames:
                await response.write(frame)
                sent()
        await response.write_eof()
        return response

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        one = await self._record(request)
        if self._refused(one):
            return web.Response(status=401, body=openai_frames.error_body("", 401, ""))
        return embeddings.answer(one.body)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        one = await self._record(request)
        if self._refused(one):
            return web.Response(status=401, body=openai_frames.error_body("", 401, ""))
        if self.busy:
            wish = self.busy.pop(0)
            return web.Response(status=503, headers={"Retry-After": wish} if wish else None)
        rows = [{"id": model, "object": "model", "type": "model", "display_name": model} for model in self.models]
        return web.json_response({"object": "list", "data": rows, "has_more": False})

    async def _tags(self, request: web.Request) -> web.StreamResponse:
        await self._record(request)
        return web.json_response({"models": [{"name": model, "model": model, "size": 1} for model in self.models]})

    async def _show(self, request: web.Request) -> web.StreamResponse:
        await self._record(request)
        info = {"llama.context_length": self.context_length} if self.context_length else {}
        return web.json_response({"model_info": info, "capabilities": list(self.capabilities), "parameters": ""})

    async def _version(self, request: web.Request) -> web.StreamResponse:
        await self._record(request)
        return web.json_response({"version": "0.12.0"})


def _wants_usage(body: dict[str, Any]) -> bool:
    return bool((body.get("stream_options") or {}).get("include_usage"))
