"""The one process: builds the ASGI app, mounts the three doors, owns start and stop."""

import asyncio
import ctypes
import errno
import faulthandler
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import FrameType

import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from streamlit.runtime.scriptrunner import StopException

from core import __version__
from core.errors import PlatformError, SettingsError
from core.platform import close_shared_platform, first_page_drawn, shared_platform, wait_for_first_page
from core.settings import Settings, load_settings
from doors import BodyCap, Closing, KnownHosts, LateDoor, SafeHeaders
from sessions import lose_nothing

HERE = Path(__file__).resolve().parent
MOST_FILES = 65_536
closing = asyncio.Event()


def read_settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(str(error))


def build_playground() -> Starlette:
    """Gradio takes seconds to import, and only this door needs it.

    It takes along the whole MCP kit, 13 MB, to offer itself as an MCP server, and the colours of command lines, 6 MB;
    neither is ever used here. Both are looked for politely, so they are shown as missing, the kit only unless our own
    tools speak MCP.
    """
    unwanted = ("httpx._main", "rich") if settings.mcp_servers else ("httpx._main", "rich", "mcp")
    spared = [name for name in unwanted if name not in sys.modules]
    for name in spared:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own word for "cannot be imported"
    try:
        from playground.mount import build
    finally:
        for name in spared:
            del sys.modules[name]

    async def built_on_a_loop() -> Starlette:
        return build(shared_platform())

    built = asyncio.run(built_on_a_loop())  # without one Gradio makes a loop for each of its locks and closes none
    gc.collect()
    gc.freeze()  # what was imported stays for good; later collections need not look at it again
    return built


playground = LateDoor(build_playground, "The playground")


async def healthz(request: Request) -> Response:
    """What a monitor asks: is it up, and is every call on disk? 503 when calls can no longer be logged."""
    health = shared_platform().ledger.health()
    ledger = {"path": str(health.path), "rows": health.rows, "queued": health.queued, "lost": health.lost}
    answer = {"status": health.state, "version": __version__, "ledger": ledger, "messages": list(health.messages)}
    return JSONResponse(answer, 503 if health.state == "refusing" else 200)


async def exported(request: Request) -> Response:
    """A finished export of calls, sent from its file: it may be larger than memory."""
    try:
        job = shared_platform().analytics.exports.get(request.path_params["id"])
    except PlatformError as error:
        return PlainTextResponse(str(error), 404)
    if not job.finished or not job.path.exists():
        return PlainTextResponse("This export is not there (yet); look at the Calls page.", 404)
    return FileResponse(job.path, filename=f"calls.{job.format}", headers={"Cache-Control": "no-store"})


async def favicon(request: Request) -> Response:
    return FileResponse(HERE / "static" / "favicon.png", headers={"Cache-Control": "max-age=86400"})


async def to_playground(request: Request) -> Response:
    """A mount answers below its folder only; without the slash, Streamlit would look for a page of that name."""
    query = request.url.query
    return RedirectResponse(f"/playground/?{query}" if query else "/playground/")


def use_few_arenas() -> None:
    """The C library keeps freed memory per thread; two pools instead of eight per core keep an idle process small."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(-8, 2)


def allow_many_files() -> None:
    """A page that is or lately was open holds four files, and many systems let a program have 256 or 1,024 until it
    asks for more."""
    with suppress(ImportError, ValueError, OSError):  # Windows; a system that counts "unlimited" otherwise
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def keep_import_path_still() -> None:
    """Streamlit puts the pages' folder on the import path for each run of a page and takes it off again; an import on
    another thread that walks the path at that moment steps over a folder and finds nothing where something is. A
    folder that stands there already, at the end, is left alone."""
    folder = str(HERE / "pages")
    if folder not in sys.path:
        sys.path.append(folder)


def end_placeholders_quietly() -> None:
    """A placeholder whose time has come just when its page is asked to stop ends its timer's thread with Streamlit's
    word for that, and Python would print it as a crash."""
    before = threading.excepthook

    def tell_crash(crash: threading.ExceptHookArgs) -> None:
        if not issubclass(crash.exc_type, StopException):
            before(crash)

    threading.excepthook = tell_crash


async def give_memory_back() -> None:
    """Now and then instead of after every run of a page, where it would cost more than the page itself."""
    while True:
        await asyncio.sleep(10)
        await asyncio.to_thread(gc.collect)
        with suppress(AttributeError, OSError):  # another C library
            await asyncio.to_thread(ctypes.CDLL(None).malloc_trim, 0)


def stop_streams_on_signals() -> None:
    """The server waits for open responses before it stops; an event stream would hold it up for ever."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def close(received: int, frame: FrameType | None, before: object = before) -> None:
            loop.call_soon_threadsafe(closing.set)
            if callable(before):
                before(received, frame)

        signal.signal(number, close)


def tell_threads_on_demand() -> None:
    """`kill -USR1` writes into the log where every thread stands: the evidence that a server that hangs can give."""
    if hasattr(faulthandler, "register") and sys.__stderr__ is not None:  # Windows has no such signal
        faulthandler.register(signal.SIGUSR1, sys.__stderr__)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    try:
        shared_platform()
    except PlatformError as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(1)  # nothing is open yet, and the server would print a traceback where one sentence is enough
    tell_threads_on_demand()
    if threading.current_thread() is threading.main_thread():
        stop_streams_on_signals()
    stop = asyncio.Event()
    building = asyncio.create_task(playground.run(asyncio.to_thread(wait_for_first_page), stop))
    thrift = asyncio.create_task(give_memory_back())
    try:
        yield
    finally:
        stop.set()
        first_page_drawn()  # no thread waits for it any more
        thrift.cancel()
        await building
        await asyncio.to_thread(close_shared_platform)


def tell(error: Exception) -> bool:
    """One sentence instead of a traceback on the page."""
    sentence = str(error) if isinstance(error, PlatformError) else "Something went wrong; the server's log says what."
    st.error(sentence)
    return True


use_few_arenas()
allow_many_files()
keep_import_path_still()
lose_nothing()
end_placeholders_quietly()
settings = read_settings()
app = st.App(
    HERE / "pages" / "navigation.py",
    routes=[
        Route("/healthz", healthz),
        Route("/favicon.png", favicon),
        Route("/exports/{id}", exported),
        Mount("/assets", StaticFiles(directory=HERE / "static")),
        Route("/playground", to_playground),
        Mount("/playground", playground),
    ],
    middleware=[
        Middleware(SafeHeaders),
        Middleware(KnownHosts, allowed=(*settings.allowed_hosts, settings.host)),
        Middleware(BodyCap),
        Middleware(Closing, closing=closing),
    ],
    lifespan=lifespan,
    on_script_error=tell,
)


def taken(host: str, port: int) -> bool:
    """Whether another program listens there; any other trouble is told when the server binds."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return False
    except OSError as error:
        return error.errno == errno.EADDRINUSE


def main() -> None:
    if taken(settings.host, settings.port):
        sys.exit(f"Port {settings.port} is in use by another program; stop that, or set PORT to another number.")
    try:
        shared_platform()
    except PlatformError as error:
        sys.exit(str(error))
    with suppress(KeyboardInterrupt):  # the server has stopped in good order and raises Ctrl-C once more
        app.run(config={"server.address": settings.host, "server.port": settings.port})


if __name__ == "__main__":
    main()
