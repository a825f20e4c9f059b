"""Whether logging a call and opening the Calls page cost the same with no rows and with ten million."""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench.ledger import fact
from core.ledger.ledger import Ledger

SIZES = (0, 100_000, 1_000_000, 10_000_000)
CALLS_PAGE = """
select seq, call_id, turn_id, started_at, served_model, requested_model, status, error_kind, input_tokens,
    output_tokens, cost_total, ttft_s, total_s, user_id, assistant_id, door
from calls order by started_at desc, seq desc limit 100
"""


def measure(ledger: Ledger, rounds: int) -> tuple[float, float]:
    """Milliseconds to log one call, and to read the newest hundred and open one of them; medians."""
    logging, opening = [], []
    for number in range(rounds):
        given = fact(number)
        began = time.perf_counter()
        ledger.submit(given).result(30)
        logging.append((time.perf_counter() - began) * 1000)
    ledger.settle(30)
    for _ in range(rounds):
        began = time.perf_counter()
        rows = ledger.rows(CALLS_PAGE)
        ledger.payload(rows[len(rows) // 2][1])
        opening.append((time.perf_counter() - began) * 1000)
    return statistics.median(logging), statistics.median(opening)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__)
    parser.add_argument("--rows", type=int, default=SIZES[-1], help="the largest size to go to")
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    for size in [size for size in SIZES if size <= given.rows]:
        folder = Path(tempfile.mkdtemp(prefix="ledger-growth-"))
        ledger = Ledger.open(folder)
        try:
            if size:
                ledger.load_sample(size)
                ledger.roll()
                ledger.checkpoint()
            measure(ledger, 120)  # the first calls fill what every page needs anyway
            log_ms, page_ms = measure(ledger, given.rounds)
        finally:
            ledger.close()
            shutil.rmtree(folder, ignore_errors=True)
        line = {"rows": size, "log_ms": round(log_ms, 3), "calls_page_ms": round(page_ms, 3)}
        print(json.dumps(line) if given.json else line, flush=True)
