"""What many open tabs cost: each a Streamlit session on the chat page that watches an answer of its own grow.

The product runs as people start it; the tabs speak Streamlit's protocol. Every word of the upstream says when it was
sent, so the delay is from the provider's socket to the tab's. `bytes_if_whole` is what an answer would have cost had
the whole Markdown been sent again with every token.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench._browser import Tab
from bench._served import served
from bench._upstream import KEY, upstream
from tests.upstreams.pacing import WRAP, moment

PAGE_DRAWN = ForwardMsg.FINISHED_SUCCESSFULLY
STAMPS = re.compile(r"\b[0-9a-f]{6}\b")


@dataclass
class Tally:
    """What one tab has received of its answer."""

    size: int = 0
    frames: int = 0
    last: int = -1
    words: int = 0
    delays_ms: list[int] = field(default_factory=list)
    asked: bool = False
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    """The whole answer has come, and the page has been drawn once more with it."""

    def heard(self, frame: ForwardMsg, size: int, wanted: int) -> None:
        now = moment()
        if not self.asked:
            return
        self.size += size
        self.frames += 1
        kind = frame.WhichOneof("type")
        if kind == "delta" and frame.delta.new_element.HasField("markdown"):
            self._read(frame.delta.new_element.markdown.body, now)
        elif self.words >= wanted and kind == "script_finished" and frame.script_finished == PAGE_DRAWN:
            self.complete.set()

    def _read(self, body: str, now: int) -> None:
        for stamp in STAMPS.findall(body):
            sent = int(stamp, 16)
            if self.last < 0 or 0 < (sent - self.last) % WRAP < WRAP // 2:
                self.last = sent
                self.words += 1
                delay = (now - sent) % WRAP
                self.delays_ms.append(delay if delay < WRAP // 2 else 0)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench watchers", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sessions", nargs="*", type=int, default=[1, 50])
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two people's questions")
    parser.add_argument("--rate", type=float, default=60.0)
    asked = parser.parse_args(argv)
    for sessions in asked.sessions:
        line = measure(sessions, asked.tokens, asked.rate, asked.pause)
        print(json.dumps(line) if asked.json else line, flush=True)


def measure(sessions: int, tokens: int, rate: float, pause_s: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, upstream() as base:
        settings = {
            "OPENAI_BASE_URL": f"{base}/v1",
            "OPENAI_API_KEY": KEY,
            "DEFAULT_AI_MODEL": f"openai/stamped-{tokens}-rate-{rate:g}",
        }
        with served(Path(folder), **settings) as (url, process, _):
            tallies, cpu_s, wall_s = asyncio.run(_watched(url, process, sessions, tokens, pause_s))
    delays = sorted(delay for tally in tallies for delay in tally.delays_ms)
    return {
        "sessions": sessions,
        "tokens": tokens,
        "cpu_share": round(cpu_s / wall_s, 2),
        "cpu_s_per_answer": round(cpu_s / sessions, 2),
        "bytes_per_answer": sum(tally.size for tally in tallies) // sessions,
        "bytes_if_whole": sum(7 * count for count in range(1, tokens + 1)),
        "frames_per_answer": sum(tally.frames for tally in tallies) // sessions,
        "delay_p50_ms": delays[len(delays) // 2],
        "delay_p95_ms": delays[int(0.95 * (len(delays) - 1))],
        "words": sum(tally.words for tally in tallies),
    }


async def _watched(
    url: str, process: "subprocess.Popen[bytes]", sessions: int, words: int, pause_s: float
) -> tuple[list[Tally], float, float]:
    """`words` of each answer, each asked for `pause_s` after the one before; the server's CPU, and the time it took."""
    tallies = [Tally() for _ in range(sessions)]
    async with aiohttp.ClientSession() as session:
        tabs, living = [], []
        for tally in tallies:
            socket = await session.ws_connect(
                f"{url.replace('http', 'ws')}/_stcore/stream", protocols=("streamlit",), max_msg_size=2**26
            )
            tab = Tab(socket, url, lambda frame, size, tally=tally: tally.heard(frame, size, words))  # type: ignore[misc]
            tabs.append(tab)
            living.append(asyncio.create_task(tab.live()))
            await asyncio.sleep(0.05)
        await _rested(process.pid)
        cpu, wall = cpu_s(process.pid), time.perf_counter()

        async def watch(number: int) -> None:
            await asyncio.sleep(number * pause_s)
            tallies[number].asked = True
            await tabs[number].ask("Say something.")
            await asyncio.wait_for(tallies[number].complete.wait(), 600)

        await asyncio.gather(*(watch(number) for number in range(sessions)))
        spent = cpu_s(process.pid) - cpu, time.perf_counter() - wall
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)
    return tallies, *spent


async def _rested(pid: int) -> None:
    """Until the pages are drawn, and what a new process imports in the background is imported."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        before = cpu_s(pid)
        await asyncio.sleep(2.0)
        if cpu_s(pid) - before < 0.4:
            return


def cpu_s(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
