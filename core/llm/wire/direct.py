"""The direct wire: LiteLLM translates the request, our own socket carries it; for the two dialects most speak."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import aiohttp

from core import errors
from core.errors import ModelError
from core.llm.wire import faults, library
from core.llm.wire.connection import BODY_CAP, EMBEDDINGS_CAP, Connection, failure_of, proxy_for
from core.llm.wire.embeddings import read_embeddings
from core.llm.wire.places import address
from core.llm.wire.seam import Chunk, Deployment, Opened, Reasoning, Text, Thinking, ToolDelta, Wire, WireRequest
from core.llm.wire.sse import loads
from core.llm.wire.translate import Letter, MovedError, authorised, encoded, translate, usable_key

_log = logging.getLogger(__name__)
_AFTER_FINISH_S = 3.0
_DRAIN_S = 1.0
_HEAD_START_S = 0.001
"""For whoever waits for the first token: not contending for the interpreter, they have it two milliseconds earlier."""
_CONTENT = (Text, Reasoning, ToolDelta, Thinking)


class DirectWire:
    """Satisfies seam.Wire. One session per engine loop; keys travel with each request, never in the session."""

    name = "direct"

    def __init__(self, fallback: Wire | None = None) -> None:
        self._fallback = fallback
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drains: set[asyncio.Task[None]] = set()
        self._warned: set[str] = set()

    async def stream(self, request: WireRequest) -> AsyncIterator[Chunk]:
        letter = await self._letter(request)
        if letter is None:
            async with aclosing(self._general(request)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        ends = began + request.total_s
        due = min(ends, began + request.first_token_s)
        connection = await self._open(letter.url, letter.headers, letter.body, request.deployment, due)
        try:
            yield Opened(connection.status, connection.headers)
            if not request.stream or connection.kind == "application/json":
                for chunk in await self._whole(connection, letter, due):
                    yield chunk
                return
            parser = letter.parser(request.deployment)
            shown = False
            while not parser.done:
                data = await connection.read(due, quietly=parser.finished)
                if not data:
                    break
                content = False
                for chunk in parser.feed(data) if connection.plain else connection.unpacked(data, parser.feed):
                    content = content or chunk.__class__ in _CONTENT
                    yield chunk
                    if content and not shown:
                        shown = True
                        await asyncio.sleep(
                            _HEAD_START_S
                        )  # whoever waits for the first token sees it before a burst is read
                if content:
                    due = min(ends, loop.time() + request.idle_s)
                if parser.finished:
                    due = min(due, loop.time() + _AFTER_FINISH_S)
            if not parser.rows and connection.kind != "text/event-stream":
                raise faults.error(errors.ProtocolError, request.deployment, http_status=connection.status)
            connection.ending = parser.done
            for chunk in parser.end():
                yield chunk
        finally:
            self._let_go(connection)

    async def embed(
        self, deployment: Deployment, texts: list[str], timeout_s: float
    ) -> tuple[list[list[float]], Mapping[str, Any]]:
        if deployment.dialect != "openai" or address(deployment) is None:
            return await self._other(deployment).embed(deployment, texts, timeout_s)
        due = asyncio.get_running_loop().time() + timeout_s
        body = encoded({"model": deployment.model, "input": texts, "encoding_format": "float"})
        headers = authorised(deployment, usable_key(deployment))
        connection = await self._open(f"{address(deployment)}/embeddings", headers, body, deployment, due)
        try:
            answer = await connection.body(due, EMBEDDINGS_CAP)
        finally:
            self._let_go(connection)
        return read_embeddings(answer, len(texts), deployment)

    async def close(self) -> None:
        for task in tuple(self._drains):
            task.cancel()
        if self._session is not None:
            await self._session.close()
            self._session = None
            await asyncio.sleep(0)

    async def _letter(self, request: WireRequest) -> Letter | None:
        """None when only LiteLLM itself can still make the request."""
        if not library.loaded():
            await asyncio.to_thread(library.load)
        try:
            return translate(request)
        except MovedError as moved:
            self._warn(request.deployment, moved)
            return None

    async def _open(
        self, url: str, headers: Mapping[str, str], body: bytes, deployment: Deployment, due: float
    ) -> Connection:
        """The answer's headers are in and good. Raises the tree's error, outside any handler: theirs quote the key."""
        failure: ModelError | None = None
        response: aiohttp.ClientResponse | None = None
        try:
            async with asyncio.timeout_at(due):
                response = await self._live_session().post(
                    url, headers=headers, data=body, allow_redirects=False, proxy=proxy_for(url)
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
            failure = failure_of(error, deployment, begun=False)
        if failure is not None or response is None:
            raise failure or faults.error(errors.ConnectionFailedError, deployment)
        connection = Connection(response, deployment)
        if response.status // 100 != 2:
            try:
                failure = await connection.refusal(due)
            finally:
                self._let_go(connection)
            raise failure
        return connection

    async def _whole(self, connection: Connection, letter: Letter, due: float) -> list[Chunk]:
        body = await connection.body(due, BODY_CAP)
        try:
            parsed: object = loads(body)
        except ValueError:
            parsed = body[:2_000].decode("utf-8", "replace")
        deployment = connection.deployment
        if isinstance(parsed, str) and body.lstrip()[:1] == b"{" and body.rstrip()[-1:] != b"}":
            raise faults.error(errors.TruncatedError, deployment, http_status=connection.status)
        return list(letter.parser(deployment).whole(parsed))

    def _live_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._loop = loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30.0),
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept-Encoding"),
                max_line_size=16_384,
                max_field_size=16_384,
            )
        return self._session

    def _let_go(self, connection: Connection) -> None:
        """Back to the pool when its body is over or about to be; closed otherwise, which stops the provider's work."""
        if connection.over or not connection.ending:
            connection.close()
            return
        task = asyncio.ensure_future(connection.drain(_DRAIN_S))
        self._drains.add(task)
        task.add_done_callback(self._drains.discard)

    def _warn(self, deployment: Deployment, moved: MovedError) -> None:
        if deployment.provider not in self._warned:
            self._warned.add(deployment.provider)
            _log.warning("LiteLLM's configuration of %s moved (%s): using the general wire", deployment.provider, moved)

    def _general(self, request: WireRequest) -> Any:
        return self._other(request.deployment).stream(request)

    def _other(self, deployment: Deployment) -> Wire:
        if self._fallback is None:
            raise faults.error(errors.UnsupportedError, deployment)
        return self._fallback
