"""What every request passes on its way in: host, size, headers, and a door that is still being built."""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("plainsight.doors")

# Model output may hold image beacons and scripts: a browser may load and contact this server alone. Streamlit and
# Gradio start by inline scripts, and Streamlit's tables and charts compile functions, hence the two 'unsafe' words.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
SAFE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=()",
}
UPLOADS = ("/_stcore/upload_file", "/playground/gradio_api/upload")
UPLOAD_CAP = 64 * 2**20
BODY_CAP = 16 * 2**20


class KnownHosts:
    """Refuses a Host that is neither local, an address, nor listed (DNS rebinding), and writes from other sites."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str] = ()) -> None:
        self.app = app
        self.allowed = {name.lower() for name in allowed} | {"localhost"}

    def known(self, netloc: str) -> bool:
        try:
            name = (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
        except ValueError:
            return False
        with suppress(ValueError):
            ipaddress.ip_address(name)
            return True
        return name in self.allowed or any(
            rule == "*" or (rule.startswith("*.") and name.endswith(rule[1:])) for rule in self.allowed
        )

    def same_site(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return True
        netloc = urlsplit(origin).netloc.lower()
        return netloc == headers.get("host", "").lower() or (
            (urlsplit(origin).hostname or "") in self.allowed - {"localhost", "*"}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        writes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if not self.known(headers.get("host", "")):
            await refuse(400, "This host name is not served here. Add it to ALLOWED_HOSTS.", scope, receive, send)
        elif writes and not self.same_site(headers):
            await refuse(403, "Requests from other sites are refused.", scope, receive, send)
        else:
            await self.app(scope, receive, send)


class SafeHeaders:
    """Puts the security headers on every response; a response that sets its own keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, marked if scope["type"] == "http" else send)


class BodyCap:
    """Refuses a body larger than its cap, announced or not, without reading past it."""

    def __init__(self, app: ASGIApp, cap: int = BODY_CAP, upload_cap: int = UPLOAD_CAP) -> None:
        self.app = app
        self.cap = cap
        self.upload_cap = upload_cap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cap = self.upload_cap if scope["path"].startswith(UPLOADS) else self.cap
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > cap:
            await refuse(413, f"This is larger than {cap // 2**20} MB.", scope, receive, send)
            return
        seen = 0
        answered = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > cap:
                raise BodyTooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            if seen > cap and not answered:
                raise BodyTooLarge  # whatever the app makes of a body cut short, the visitor is told why it was cut
            answered = True
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except BodyTooLarge:
            if not answered:
                await refuse(413, f"This is larger than {cap // 2**20} MB.", scope, receive, send)


class BodyTooLarge(Exception):
    pass


class Closing:
    """Tells open responses that the client has gone once the server is asked to stop, so that no stream holds it up."""

    def __init__(self, app: ASGIApp, closing: asyncio.Event) -> None:
        self.app = app
        self.closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def until_closing() -> Message:
            told = asyncio.ensure_future(receive())
            ended = asyncio.ensure_future(self.closing.wait())
            try:
                await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
                return told.result() if told.done() else {"type": "http.disconnect"}
            finally:
                told.cancel()
                ended.cancel()

        await self.app(scope, until_closing if scope["type"] == "http" else receive, send)


class LateDoor:
    """An app that takes seconds to build: built on a thread, entered when ready; early requests wait for it."""

    def __init__(self, build: Callable[[], Starlette], name: str) -> None:
        self.build = build
        self.name = name
        self.wanted = asyncio.Event()
        self.finished = asyncio.Event()
        self.app: Starlette | None = None

    async def run(self, start: Awaitable[object], stop: asyncio.Event) -> None:
        """Builds when `start` is over or a first request comes, then keeps the app's own lifespan until `stop`."""
        waiting = [asyncio.ensure_future(start), asyncio.ensure_future(self.wanted.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        try:
            app = await asyncio.to_thread(self.build)
            async with app.router.lifespan_context(app):
                self.app = app
                self.finished.set()
                await stop.wait()
        except Exception:  # one door that cannot be built must not take the others down; its visitors are told
            log.exception("%s could not be opened", self.name)
        finally:
            self.app = None
            self.finished.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.wanted.set()
        await self.finished.wait()
        if self.app is None:
            await refuse(503, f"{self.name} could not be opened; the server's log says why.", scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def refuse(status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": sentence})
    else:
        await PlainTextResponse(sentence + "\n", status)(scope, receive, send)
