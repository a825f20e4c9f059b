"""The playground served in this process, so that a test can look at the board behind the page, and at every byte."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from core.platform import Platform
from playground.mount import build


class Recorded:
    """Keeps what is sent: addresses, headers and bodies of everything that is not a static file, uncompressed."""

    def __init__(self, app) -> None:
        self.app = app
        self.told: list[str] = []

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or "/assets/" in scope["path"] or "/static/" in scope["path"]:
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        self.told.append(scope["path"])

        async def kept(message) -> None:
            if message["type"] == "http.response.start":
                self.told += [value.decode("latin-1") for _, value in message["headers"]]
            elif message["type"] == "http.response.body":
                self.told.append(message.get("body", b"").decode("utf-8", "replace"))
            await send(message)

        await self.app({**scope, "headers": plain}, receive, kept)


@contextmanager
def served(platform: Platform, recorders: list[Recorded] | None = None) -> Iterator[str]:
    """The door's address; a recorder is appended to `recorders`."""
    app = Recorded(build(platform))
    if recorders is not None:
        recorders.append(app)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = server.force_exit = True
    thread.join(10)
