"""Side by side against alone: the wall time of N panes over their slowest single call, and each pane's first token."""

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bench._upstream import service, upstream
from core.compare.compare import Compare
from core.compare.panes import MOST, PaneSpec, Setup
from core.events import TurnView
from core.llm.service import AIService
from core.messages import Message, TurnRequest
from core.tools.tools import Tools
from core.workspace.workspace import Workspace

PER_SECOND = 60
Singles = dict[str, list[tuple[float, float]]]
"""Model name -> (seconds to the end, to the first text) of each call alone."""
QUESTION = Message.of("user", "What is a receipt?")


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench panes", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--panes", nargs="*", type=int, default=[2, 4, 6, MOST])
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory() as folder,
        upstream() as url,
        service(url, Path(folder), direct=True) as (ai, ledger),
    ):
        workspace = Workspace.open(Path(folder))
        compare = Compare(ai, ledger, workspace, Tools())
        single: Singles = {}
        for count in asked.panes:
            line = asyncio.run(measure(ai, compare, models(count), asked.rounds, single))
            print(json.dumps(line) if asked.json else line, flush=True)
        workspace.close()


def models(count: int) -> list[str]:
    """As many answers of different length and speed, the last one the slowest: from 1 s to 2 s."""
    return [f"openai/tokens-{60 + 6 * place}-rate-{60 - place}+slow-{20 * place}" for place in range(count)]


async def measure(ai: AIService, compare: Compare, names: list[str], rounds: int, single: Singles) -> dict[str, Any]:
    """`single` keeps what was measured of each model alone, for the next and longer list of them."""
    if not single:
        await alone(ai, names[0])  # warm
    for name in names:
        if name not in single:
            single[name] = [await alone(ai, name) for _ in range(rounds)]
    together = [await side_by_side(compare, names) for _ in range(rounds)]
    walls = [wall for wall, _ in together]
    slowest = max(statistics.median(wall for wall, _ in single[name]) for name in names)
    gaps = [
        statistics.median(firsts[place] for _, firsts in together)
        - statistics.median(first for _, first in single[name])
        for place, name in enumerate(names)
    ]
    return {
        "panes": len(names),
        "wall_ratio": round(statistics.median(walls) / slowest, 3),
        "first_token_gap_ms": round(max(gaps) * 1e3, 1),
    }


async def alone(ai: AIService, name: str) -> tuple[float, float]:
    """Seconds to the end and to the first text, as a watcher sees them."""
    started = time.perf_counter()
    turn = ai.start(TurnRequest(name, (QUESTION,), fallbacks=()))
    first = 0.0
    views: AsyncIterator[TurnView] = turn.views(PER_SECOND)
    async for view in views:
        if view.text and not first:
            first = time.perf_counter() - started
    return time.perf_counter() - started, first


async def side_by_side(compare: Compare, names: list[str]) -> tuple[float, list[float]]:
    board = compare.board(Setup(tuple(PaneSpec(model=name) for name in names)))
    firsts: dict[str, float] = {}
    started = time.perf_counter()
    board.ask(QUESTION)
    async for view in board.views(PER_SECOND):
        for pane in view.panes:
            if pane.last is not None and pane.last.text:
                firsts.setdefault(pane.key, time.perf_counter() - started)
    wall = time.perf_counter() - started
    return wall, [firsts[pane.key] for pane in board.panes]
