"""One answer on its way in: headers kept or dropped, body read under deadlines and caps, failures told in our words."""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from core import errors
from core.errors import ModelError
from core.llm.wire import faults
from core.llm.wire.redaction import redact
from core.llm.wire.seam import Chunk, Deployment
from core.llm.wire.unpacking import Unpacker, UnpackError
from core.llm.wire.watch import Watch

BODY_CAP = 8 * 2**20
EMBEDDINGS_CAP = 32 * 2**20
_ERROR_CAP = 65_536
_REFUSAL_S = 5.0
_FLOOD = 16_384
_KEPT = ("retry-after", "content-type", "request-id", "x-request-id", "openai-processing-ms", "cf-ray")
_KEPT_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-", "retry-after-")


def kept_headers(headers: Mapping[str, str], key: str | None) -> dict[str, str]:
    """The few headers worth keeping, names in lower case, without a key that the server may echo."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in _KEPT or lower.startswith(_KEPT_PREFIXES):
            kept[lower] = value if key is None or key not in value else redact(value, key, cap=200)
    return kept


@lru_cache(maxsize=64)
def proxy_for(url: str) -> str | None:
    """The proxy that the environment asks for, if any. (aiohttp's own way would also read passwords from ~/.netrc.)"""
    parts = urlsplit(url)
    if parts.hostname in ("127.0.0.1", "localhost", "::1") or proxy_bypass(parts.netloc):
        return None
    return getproxies().get(parts.scheme)


def failure_of(error: BaseException, deployment: Deployment, *, begun: bool) -> ModelError:
    """Our error for one of the socket's. `begun`: headers were in, so what broke off was an answer."""
    if isinstance(error, TimeoutError):
        return faults.error(errors.TimedOutError, deployment)
    if isinstance(error, aiohttp.InvalidURL | ValueError) and not isinstance(error, ssl.SSLError):
        sentence = f"The address of {faults.label(deployment)} is not valid; correct {_base(deployment)}."
        return faults.error(errors.BadRequestError, deployment, sentence=sentence)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError | ssl.SSLError):
        who = faults.label(deployment)
        sentence = f"The certificate of {who} could not be verified; check {_base(deployment)} and the clock."
        return faults.error(errors.ConnectionFailedError, deployment, sentence=sentence, said=str(error))
    if isinstance(error, aiohttp.ClientResponseError):
        return faults.error(errors.ProtocolError, deployment, said=error.message[:2_000])
    if begun:
        return faults.error(errors.TruncatedError, deployment)
    return faults.error(errors.ConnectionFailedError, deployment, said=type(error).__name__)


def _base(deployment: Deployment) -> str:
    return faults.variable(deployment, "BASE_URL")


class Connection:
    """`over`: the body has been read to its end. `ending`: all was said, only the end itself is awaited."""

    def __init__(self, response: aiohttp.ClientResponse, deployment: Deployment) -> None:
        self._response = response
        self._content = response.content
        self._loop = asyncio.get_running_loop()
        self._watch = Watch(self._loop, self._expire)
        self._unpacker: Unpacker | None = None
        self.deployment = deployment
        self.status = response.status
        self.headers = kept_headers(response.headers, deployment.api_key)
        self.kind = response.content_type
        self.plain = response.headers.get("Content-Encoding", "identity") == "identity"
        self.ending = False
        self.over = False
        self._flooded = False

    async def read(self, due: float, *, quietly: bool = False) -> bytes:
        """The next bytes, b"" at the end. `quietly`: being too slow or cut now is an end, not an error."""
        self._watch.wait_until(due)
        if self._flooded:
            await asyncio.sleep(0)  # a server faster than we are must not starve the other streams, nor the deadlines
        failure: ModelError | None = None
        data = b""
        try:
            data = await self._content.readany()
            self._flooded = len(data) >= _FLOOD
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = failure_of(error, self.deployment, begun=True)
        finally:
            self._watch.rest()
        self.over = not data
        if failure is not None and not quietly:
            raise faults.error(errors.TimedOutError, self.deployment) if self._watch.expired else failure
        return data

    def unpacked(self, data: bytes, feed: Callable[[bytes], Iterator[Chunk]]) -> Iterator[Chunk]:
        for piece in self._pieces(data):
            yield from feed(piece)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        problem = ""
        try:
            if self._unpacker is None:
                self._unpacker = Unpacker(self._response.headers.get("Content-Encoding", ""))
            yield from self._unpacker.pieces(data)
        except UnpackError as error:
            problem = str(error)
        if problem:
            raise faults.error(errors.ProtocolError, self.deployment, said=problem)

    async def body(self, due: float, cap: int) -> bytes:
        """The whole body. Raises ProtocolError when it is longer than `cap`."""
        kept: list[bytes] = []
        size = 0
        while data := await self.read(due):
            for piece in (data,) if self.plain else self._pieces(data):
                size += len(piece)
                if size > cap:
                    said = "the answer is longer than is accepted"
                    raise faults.error(errors.ProtocolError, self.deployment, http_status=self.status, said=said)
                kept.append(piece)
        return b"".join(kept)

    async def refusal(self, due: float) -> ModelError:
        """The error for a failure status, with what could be read of its body in a short time."""
        due = min(due, self._loop.time() + _REFUSAL_S)
        kept = b""
        with suppress(ModelError):  # the status says enough
            while len(kept) < _ERROR_CAP and (data := await self.read(due)):
                for piece in self._pieces(data):
                    kept += piece[: _ERROR_CAP - len(kept)]
                    if len(kept) >= _ERROR_CAP:
                        break
        body = kept.decode("utf-8", "replace")
        if 300 <= self.status < 400:
            sentence = (
                f"{faults.label(self.deployment)} answers with a redirect, which is not followed; "
                f"set {_base(self.deployment)} to the final address."
            )
            return faults.error(
                errors.BadRequestError, self.deployment, http_status=self.status, said=body, sentence=sentence
            )
        return faults.from_status(self.deployment, self.status, body, self.headers)

    async def drain(self, seconds: float) -> None:
        """Wait a moment for the end that was announced, so that the connection can be used again."""
        try:
            due = self._loop.time() + seconds
            while not self.over:
                await self.read(due, quietly=True)
        finally:
            self.close()

    def close(self) -> None:
        self._watch.stop()
        self._response.close()  # a response read to its end has already gone back to the pool

    def _expire(self) -> None:
        self._content.set_exception(TimeoutError())
        self._response.close()
