"""Frames sent at a steady rate, at so little cost that one server can feed hundreds of streams."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import web

STAMP = "@stamp"
"""Stands in a frame for the moment it is sent, and is replaced by it: no longer, no shorter."""
_PLACE = STAMP.encode()
WRAP = 1 << 24


def moment() -> int:
    """Milliseconds of the machine's monotonic clock, which all its processes share, modulo WRAP: six hex digits."""
    return int(time.monotonic() * 1000) % WRAP


async def pace(
    request: web.Request, response: web.StreamResponse, frames: list[bytes], rate: float, sent: Callable[[], None]
) -> None:
    """The first frame at once, then `rate` a second, each due by the clock and not by the one before."""
    transport = request.transport
    assert transport is not None
    await response.write(frames[0])  # aiohttp sends its headers with the first piece
    sent()
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    began = loop.time()
    timer: asyncio.TimerHandle | None = None
    stamp = moment()

    def tick(number: int) -> None:
        nonlocal timer, stamp
        if over.done():
            return
        if number == len(frames) or transport.is_closing():
            over.set_result(None)
            return
        frame = frames[number]
        if _PLACE in frame:
            stamp = max(moment(), stamp + 1)  # no two alike
            frame = frame.replace(_PLACE, b"%06x" % stamp)
        transport.write(
            b"%x\r\n%s\r\n" % (len(frame), frame)
        )  # straight to the socket: a coroutine each would cost more
        sent()
        timer = loop.call_at(began + (number + 1) / rate, tick, number + 1)

    tick(1)
    try:
        await over
    finally:
        if timer is not None:
            timer.cancel()
