"""Faults on the wire itself, by name, each with its default number; they act on frames of either dialect."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

FAULTS: dict[str, float] = {
    "cut-after": 3,  # the connection is reset after N frames
    "eof-after": 3,  # a clean end of the body after N frames
    "eof-no-finish": 0,  # every frame but those that say it is over
    "done-without-finish": 0,  # [DONE] or message_stop, but no reason was ever given
    "finish-then-hang": 0,  # all said, but the connection stays open
    "stall": 2,  # silence after N frames
    "stall-headers": 0,  # accepts, never answers
    "stall-first": 0,  # headers, then silence
    "dribble": 0.05,  # one byte every N seconds
    "keepalive-forever": 0.05,  # a comment every N seconds, no content
    "reset": 0,  # reset before any answer
    "html-200": 0,
    "empty-200": 0,
    "empty-object": 0,
    "null-choices": 0,
    "json-for-stream": 0,  # a whole JSON answer although a stream was asked for
    "text-200": 0,
    "bad-json": 2,
    "bad-utf8": 2,
    "error-event": 2,
    "error-event-rate": 2,
    "error-200": 0,  # an error object with status 200
    "endless-line": 0,  # a line that never ends, as fast as it can be sent
    "endless-stream": 0,  # frames for ever
    "long-line": 3_000_000,  # one line of N bytes, otherwise fine
    "gzip-bomb": 300,  # N MB of zeros in a few kB
    "gzip": 0,  # honestly compressed, unasked
    "brotli-claim": 0,  # says br, is not
    "deep-json": 100_000,
    "huge-header": 0,
    "lying-length": 0,  # Content-Length larger than the body
    "bad-chunking": 0,
    "split": 1,  # N bytes per write
    "crlf-bom": 0,
    "comments": 0,
    "multi-data": 0,
    "no-done": 0,
    "surrogates": 0,  # lone surrogate escapes in the text
    "nul": 0,
}


@dataclass
class Faulty:
    """What a fault needs: the request, the frames it may spoil, and the whole JSON body."""

    request: web.Request
    frames: list[bytes]
    endings: int
    """How many frames at the end say that it is over (finish, usage, done)."""
    whole: bytes
    streamed: bool
    number: float
    error_frame: Callable[[str], bytes]


async def spoil(name: str, faulty: Faulty) -> web.StreamResponse | None:
    """Answer with the fault. None means: `faulty.frames` were changed, send them as usual."""
    if name in _FRAMES and faulty.streamed:
        faulty.frames[:] = _FRAMES[name](faulty)
        return None
    if name in _ANSWERS:
        return await _ANSWERS[name](faulty)
    return None


def _split_data(frame: bytes) -> bytes:
    """One event's data over several data lines, cut where JSON allows a line feed."""
    return frame.replace(b'{"', b'{\ndata: "', 1) if frame.startswith(b"data: {") else frame


def _with(frames: list[bytes], at: int, *extra: bytes) -> list[bytes]:
    return [*frames[:at], *extra, *frames[at:]]


_FRAMES: dict[str, Callable[[Faulty], list[bytes]]] = {
    "eof-after": lambda f: f.frames[: int(f.number)],
    "eof-no-finish": lambda f: f.frames[: -f.endings],
    "done-without-finish": lambda f: [*f.frames[: -f.endings], f.frames[-1]],
    "no-done": lambda f: f.frames[:-1],
    "bad-json": lambda f: _with(f.frames, int(f.number), b'data: {"choices": [{"delta": {"content": "x"\n\n'),
    "bad-utf8": lambda f: [
        frame.replace(b"e", b"\xff\xfe", 1) if i >= 1 else frame for i, frame in enumerate(f.frames)
    ],
    "error-event": lambda f: [*f.frames[: int(f.number)], f.error_frame("server")],
    "error-event-rate": lambda f: [*f.frames[: int(f.number)], f.error_frame("rate")],
    "long-line": lambda f: _with(f.frames, 1, b": " + b"x" * int(f.number) + b"\n\n"),
    "crlf-bom": lambda f: [b"\xef\xbb\xbf", *(frame.replace(b"\n", b"\r\n") for frame in f.frames)],
    "comments": lambda f: [b": hello\n\nid: 1\nretry: 5\n" + frame + b": PROCESSING\n\n" for frame in f.frames],
    "multi-data": lambda f: [_split_data(frame) for frame in f.frames],
    "deep-json": lambda f: _with(f.frames, 1, b"data: " + b"[" * int(f.number) + b"]" * int(f.number) + b"\n\n"),
    "split": lambda f: [bytes([byte]) for byte in b"".join(f.frames)],
    "surrogates": lambda f: [f.frames[0], *(x.replace(b"You", rb"You\ud83d") for x in f.frames[1:])],
    "nul": lambda f: [f.frames[0], *(frame.replace(b"You", rb"You\u0000") for frame in f.frames[1:])],
}


async def _stream(faulty: Faulty, **headers: str) -> web.StreamResponse:
    kind = "text/event-stream" if faulty.streamed else "application/json"
    response = web.StreamResponse(headers={"Content-Type": kind, **headers})
    await response.prepare(faulty.request)
    return response


def _abort(faulty: Faulty) -> None:
    assert faulty.request.transport is not None
    faulty.request.transport.abort()


async def _cut(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty)
    frames = faulty.frames[: int(faulty.number)] if faulty.streamed else [faulty.whole[:40]]
    for frame in frames:
        await response.write(frame)
    await asyncio.sleep(0.05)
    _abort(faulty)
    return response


async def _silence(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty)
    for frame in faulty.frames[: int(faulty.number)] if faulty.streamed else ():
        await response.write(frame)
    await asyncio.sleep(600)
    return response


async def _silent_from_the_start(faulty: Faulty) -> web.StreamResponse:
    await asyncio.sleep(600)
    return web.Response()


async def _hang(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty)
    await response.write(b"".join(faulty.frames[:-1]) if faulty.streamed else faulty.whole)
    await asyncio.sleep(600)
    return response


async def _dribble(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty)
    if faulty.streamed:
        await response.write(b"".join(faulty.frames[:3]))
    for byte in b": " + b"slow " * 10_000:
        await response.write(bytes([byte]))
        await asyncio.sleep(faulty.number)
    return response


async def _keepalive(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty)
    for _ in range(10_000):
        await response.write(b": still here\n\n" if faulty.streamed else b" ")
        await asyncio.sleep(faulty.number)
    return response


async def _reset(faulty: Faulty) -> web.StreamResponse:
    _abort(faulty)
    await asyncio.sleep(0.05)
    return web.Response()


def _plain(body: bytes, kind: str, **headers: str) -> Callable[[Faulty], Awaitable[web.StreamResponse]]:
    async def answer(faulty: Faulty) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Type": kind, **headers})

    return answer


async def _json_for_stream(faulty: Faulty) -> web.StreamResponse:
    return web.Response(body=faulty.whole, content_type="application/json")


async def _error_200(faulty: Faulty) -> web.StreamResponse:
    body = b'{"error": {"message": "The engine fell over", "type": "server_error", "code": "internal"}}'
    return web.Response(body=body, content_type="application/json")


async def _endless_line(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty)
    await response.write(b'data: {"choices": [{"delta": {"content": "' if faulty.streamed else b'{"choices": "')
    for _ in range(20_000):
        await response.write(b"x" * 65_536)
    return response


async def _endless_stream(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty)
    middle = faulty.frames[4] if faulty.streamed else b" " * 65_536
    await response.write(b"".join(faulty.frames[:4]) if faulty.streamed else b"{")
    many = middle * (1 + 65_536 // len(middle))
    for _ in range(20_000):
        await response.write(many)
    return response


def _bomb(megabytes: float) -> bytes:
    packer = zlib.compressobj(wbits=31)
    zeros = bytes(1_000_000)
    return b"".join(packer.compress(zeros) for _ in range(int(megabytes))) + packer.flush()


async def _gzip_bomb(faulty: Faulty) -> web.StreamResponse:
    body = await asyncio.get_running_loop().run_in_executor(None, _bomb, faulty.number)
    response = await _stream(faulty, **{"Content-Encoding": "gzip"})
    await response.write(body)
    return response


async def _gzip(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty, **{"Content-Encoding": "gzip"})
    packed = gzip.compress(b"".join(faulty.frames) if faulty.streamed else faulty.whole)
    for start in range(0, len(packed), 50):
        await response.write(packed[start : start + 50])
    return response


async def _brotli_claim(faulty: Faulty) -> web.StreamResponse:
    response = await _stream(faulty, **{"Content-Encoding": "br"})
    await response.write(faulty.whole)
    return response


async def _raw(faulty: Faulty, answer: bytes) -> web.StreamResponse:
    transport = faulty.request.transport
    assert transport is not None
    transport.write(answer)
    await asyncio.sleep(0.1)
    transport.close()
    await asyncio.sleep(0.1)
    return web.Response()


def _raw_answer(head: bytes) -> Callable[[Faulty], Awaitable[web.StreamResponse]]:
    async def answer(faulty: Faulty) -> web.StreamResponse:
        kind = b"text/event-stream" if faulty.streamed else b"application/json"
        return await _raw(faulty, head.replace(b"KIND", kind) + faulty.whole[:30])

    return answer


async def _deep(faulty: Faulty) -> web.StreamResponse:
    depth = int(faulty.number)
    return web.Response(body=b"[" * depth + b"]" * depth, content_type="application/json")


_ANSWERS: dict[str, Callable[[Faulty], Awaitable[web.StreamResponse]]] = {
    "cut-after": _cut,
    "eof-after": _raw_answer(b"HTTP/1.1 200 OK\r\nContent-Type: KIND\r\nConnection: close\r\n\r\n"),
    "eof-no-finish": _raw_answer(b"HTTP/1.1 200 OK\r\nContent-Type: KIND\r\nConnection: close\r\n\r\n"),
    "finish-then-hang": _hang,
    "stall": _silence,
    "stall-headers": _silent_from_the_start,
    "stall-first": _silence,
    "dribble": _dribble,
    "keepalive-forever": _keepalive,
    "reset": _reset,
    "html-200": _plain(b"<!doctype html><h1>Welcome to the router</h1>", "text/html"),
    "empty-200": _plain(b"", "application/json"),
    "empty-object": _plain(b"{}", "application/json"),
    "null-choices": _plain(b'{"id": "x", "model": "m", "choices": null, "content": null}', "application/json"),
    "json-for-stream": _json_for_stream,
    "text-200": _plain(b"OK", "text/plain"),
    "bad-json": _plain(b'{"choices": [{"message": {"content": "x"', "application/json"),
    "error-200": _error_200,
    "error-event": _error_200,
    "error-event-rate": _error_200,
    "endless-line": _endless_line,
    "endless-stream": _endless_stream,
    "gzip-bomb": _gzip_bomb,
    "gzip": _gzip,
    "brotli-claim": _brotli_claim,
    "deep-json": _deep,
    "huge-header": _raw_answer(b"HTTP/1.1 200 OK\r\nContent-Type: KIND\r\nX-Big: " + b"x" * 200_000 + b"\r\n\r\n"),
    "lying-length": _raw_answer(b"HTTP/1.1 200 OK\r\nContent-Type: KIND\r\nContent-Length: 100000\r\n\r\n"),
    "bad-chunking": _raw_answer(b"HTTP/1.1 200 OK\r\nContent-Type: KIND\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
}
