"""Whether logging a call and opening the Calls page cost the same with no rows and with ten million."""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path

from bench.ledger import fact
from core.ledger.ledger import Ledger
from core.llm.engine import settle_collector

SIZES = (0, 100_000, 1_000_000, 10_000_000)
CALLS_PAGE = """
select seq, call_id, turn_id, started_at, served_model, requested_model, status, error_kind, input_tokens,
    output_tokens, cost_total, ttft_s, total_s, user_id, assistant_id, door
from calls order by started_at desc, seq desc limit 100
"""


def log_one(ledger: Ledger, number: int) -> float:
    """Milliseconds until one call is on disk."""
    given = fact(number)
    began = time.perf_counter()
    ledger.submit(given).result(30)
    return (time.perf_counter() - began) * 1000


def open_page(ledger: Ledger) -> float:
    """Milliseconds to read the newest hundred calls and what was said in one of them."""
    began = time.perf_counter()
    rows = ledger.rows(CALLS_PAGE)
    ledger.payload(rows[len(rows) // 2][1])
    return (time.perf_counter() - began) * 1000


def filled(folder: Path, size: int, ready: Path | None) -> Ledger:
    """`ready`: the folder of a log of that size, of which a copy is taken."""
    if ready is not None:
        shutil.copytree(ready, folder)
    ledger = Ledger.open(folder)
    if size and ready is None:
        ledger.load_sample(size)
        ledger.roll()
        ledger.checkpoint()
    for number in range(120):  # the first calls fill what every page needs anyway
        log_one(ledger, number)
    ledger.settle(30)
    return ledger


def main(argv: list[str]) -> None:
    """All sizes stay open and take turns, so that a noisy minute of the machine is noisy for each of them."""
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__)
    parser.add_argument("--rows", type=int, default=SIZES[-1], help="the largest size to go to")
    parser.add_argument("--ready", type=Path, help="the folder of a log of the largest size, to save making one")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    sizes = [size for size in SIZES if size <= given.rows]
    folder = Path(tempfile.mkdtemp(prefix="ledger-growth-"))
    try:
        with ExitStack() as opened:
            ledgers = {
                size: filled(folder / str(size), size, given.ready if size == sizes[-1] else None) for size in sizes
            }
            for ledger in ledgers.values():
                opened.callback(ledger.close)
            logged: dict[int, list[float]] = {size: [] for size in sizes}
            paged: dict[int, list[float]] = {size: [] for size in sizes}
            settle_collector()  # as the platform does once it is warm
            turns = deque(ledgers.items())
            for number in range(given.rounds):
                for size, ledger in turns:
                    logged[size].append(log_one(ledger, number))
                turns.rotate()  # nobody always comes after the same other, whose loader is about to wake
            for ledger in ledgers.values():
                ledger.settle(30)
            for _ in range(given.rounds):
                for size, ledger in ledgers.items():
                    paged[size].append(open_page(ledger))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for size in sizes:
        log_ms, page_ms = (round(statistics.median(times[size]), 3) for times in (logged, paged))
        line = {"rows": size, "log_ms": log_ms, "calls_page_ms": page_ms}
        print(json.dumps(line) if given.json else line, flush=True)
