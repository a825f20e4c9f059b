"""How many answers at 50 tokens a second one process carries, no pause above 250 ms at p99, every row in the ledger."""

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench._upstream import service, upstream
from core.events import Ended, TextDelta
from core.ledger.ledger import Ledger
from core.llm.service import AIService

RATE = 50
LIMIT_MS = 250.0


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench streams", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each answer lasts")
    parser.add_argument("--steps", nargs="*", type=int, default=[25, 50, 100, 150, 200, 250, 300, 400, 500])
    asked = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory() as folder,
        upstream() as url,
        service(url, Path(folder), direct=True) as (ai, ledger),
    ):
        best = None
        for line in measure(ai, ledger, asked.steps, round(asked.seconds * RATE)):
            held = line["gap_p99_ms"] <= LIMIT_MS and line["rows"] == line["streams"]
            if held:
                best = line
            if not asked.json:
                print(f"{line} {'held' if held else 'too many'}", flush=True)
            elif held:
                print(json.dumps(line), flush=True)
            if not held:
                break
        if not asked.json:
            print(f"largest that held: {best['streams'] if best else 'none'}")


def measure(ai: AIService, ledger: Ledger, steps: list[int], tokens: int) -> Iterator[dict[str, Any]]:
    asyncio.run(_answers(ai, 5, 20))
    for streams in steps:
        ledger.settle(30.0)
        before = _rows(ledger)
        cpu, wall = time.process_time(), time.perf_counter()
        gaps = asyncio.run(_answers(ai, streams, tokens))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        ledger.settle(30.0)
        yield {
            "streams": streams,
            "gap_p99_ms": round(gaps[int(0.99 * (len(gaps) - 1))] * 1e3, 1),
            "rows": _rows(ledger) - before,
            "gap_p50_ms": round(gaps[len(gaps) // 2] * 1e3, 1),
            "gap_max_ms": round(gaps[-1] * 1e3, 1),
            "cpu_share": round(cpu / wall, 2),
        }


def _rows(ledger: Ledger) -> int:
    return int(ledger.rows("select count(*) from calls where status = 'ok'")[0][0])


async def _answers(ai: AIService, streams: int, tokens: int) -> list[float]:
    """All gaps between pieces of text as the watchers saw them, ascending. Starts are spread over one second."""
    gaps: list[float] = []

    async def watch(number: int) -> None:
        await asyncio.sleep(number / streams)
        last, seen = 0.0, 0
        async for event in ai.run("Say something.", f"openai/tokens-{tokens}-rate-{RATE}"):
            now = time.perf_counter()
            if isinstance(event, TextDelta):
                if last:
                    gaps.append(now - last)
                last = now
                seen += event.text.count(" ")
            elif isinstance(event, Ended):
                assert event.status == "ok", event.error
        assert seen == tokens

    await asyncio.gather(*(watch(number) for number in range(streams)))
    return sorted(gaps)
