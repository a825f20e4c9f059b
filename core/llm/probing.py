"""One short, bounded question to a server: what does it answer at this address."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from core.llm.wire.retry_after import retry_after_s

LIMIT_S = 2.0
STEP_S = 0.1
"""A limit is waited out in steps of this length, each begun when the loop is free: a server is not called slow for what
this process did meanwhile. LiteLLM's first import and first call hold the loop for longer than the whole limit."""
LONGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """`problem`: refused, unknown_host, timeout, tls, not_json, too_long or other; empty when an answer came."""

    status: int | None = None
    data: Any = None
    problem: str = ""
    retry_after_s: float | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and self.status < 300 and not self.problem


async def probe(
    url: str, headers: Mapping[str, str], *, body: Mapping[str, Any] | None = None, limit_s: float = LIMIT_S
) -> Reply:
    """GET, or POST when there is a body. Follows no redirect, so that a key goes nowhere else."""
    asked = asyncio.ensure_future(_ask(url, headers, body))
    try:
        for _ in range(max(1, round(limit_s / STEP_S))):
            if (await asyncio.wait((asked,), timeout=STEP_S))[0]:
                return asked.result()
    finally:
        asked.cancel()
    return Reply(problem="timeout")


async def _ask(url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None) -> Reply:
    method = "GET" if body is None else "POST"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), trust_env=False) as session,
            session.request(method, url, headers=dict(headers), json=body, allow_redirects=False) as response,
        ):
            raw = bytearray()
            async for piece in response.content.iter_chunked(65_536):
                raw += piece
                if len(raw) > LONGEST:
                    return Reply(response.status, None, "too_long")
    except aiohttp.ClientConnectorDNSError:
        return Reply(problem="unknown_host")
    except aiohttp.ClientConnectorCertificateError:
        return Reply(problem="tls")
    except aiohttp.ClientConnectorError:
        return Reply(problem="refused")
    except (aiohttp.ClientError, ValueError, OSError, asyncio.IncompleteReadError):
        return Reply(problem="other")
    wish = retry_after_s({name.lower(): value for name, value in response.headers.items()})
    try:
        return Reply(response.status, orjson.loads(bytes(raw)), retry_after_s=wish)
    except orjson.JSONDecodeError:
        return Reply(response.status, None, "not_json", wish)
