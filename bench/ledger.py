"""How quickly a call is on disk and visible, at several rates, with and without a dashboard asking all the time."""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.crash import call_of, words
from core.ledger.facts import CallEnded, Payload
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from core.llm.engine import settle_collector

RATES = (200, 1000, 3000)
_AHEAD = 4000
"""How many calls may wait for the disk at the largest rate."""
_DASHBOARD = """
select date_trunc('day', started_at) as day, served_model, sum(cost_total), quantile_cont(total_s, [0.5, 0.95, 0.99])
from calls group by all
"""


@dataclass(frozen=True, slots=True)
class Line:
    """`busy`: whether a dashboard query ran all the time. `cpu_share`: of one core, for this whole process."""

    rate: int
    busy: bool
    ack_p50_ms: float
    ack_p99_ms: float
    visible_p99_ms: float
    cpu_share: float


def fact(number: int) -> CallEnded:
    """A call with some 4 KB of words, none of them said before."""
    call_id = uuid7()
    request = ({"role": "user", "content": [{"type": "text", "text": f"question {number}"}]},)
    return CallEnded(call_of(call_id, "live"), Payload(request, {"text": words(call_id)}))


def at_rate(ledger: Ledger, rate: int, seconds: float, busy: bool) -> Line:
    acks: list[float] = []
    visible: list[float] = []
    newest: list[tuple[float, int]] = []
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(ledger, newest, visible, stop))
    dashboard = threading.Thread(target=_ask, args=(ledger, stop))
    watcher.start()
    if busy:
        dashboard.start()
    cpu, began = time.process_time(), time.perf_counter()
    sent = 0
    while (now := time.perf_counter() - began) < seconds:
        due = int(now * rate)
        while sent < due:
            _submit(ledger, fact(sent), acks, newest)
            sent += 1
        time.sleep(max(0.0, (sent + 1) / rate - (time.perf_counter() - began)))
    ledger.settle(60)
    share = (time.process_time() - cpu) / (time.perf_counter() - began)
    stop.set()
    watcher.join()
    if busy:
        dashboard.join()
    return Line(rate, busy, _at(acks, 0.5), _at(acks, 0.99), _at(visible, 0.99), round(share, 3))


def _submit(ledger: Ledger, given: CallEnded, acks: list[float], newest: list[tuple[float, int]]) -> None:
    began = time.perf_counter()

    def done(future: "Future[int]") -> None:
        acks.append((time.perf_counter() - began) * 1000)
        newest.append((began, future.result()))

    ledger.submit(given).add_done_callback(done)


def _watch(ledger: Ledger, newest: list[tuple[float, int]], visible: list[float], stop: threading.Event) -> None:
    """Now and then, look which of the calls submitted meanwhile can be read; not so often that looking is the load."""
    looked = 0
    while not stop.wait(0.025):
        found = ledger.rows("select coalesce(max(seq), 0) from calls")[0][0]
        now = time.perf_counter()
        while looked < len(newest) and newest[looked][1] <= found:
            visible.append((now - newest[looked][0]) * 1000)
            looked += 1


def _ask(ledger: Ledger, stop: threading.Event) -> None:
    while not stop.is_set():
        ledger.frame(_DASHBOARD)


def largest_rate(ledger: Ledger, calls: int) -> float:
    """Rows per second from the first submission until the last is on disk, as fast as it goes."""
    facts = [fact(number) for number in range(calls)]
    settle_collector()  # the pile of facts is this benchmark's own
    waiting: deque[Future[int]] = deque()
    began = time.perf_counter()
    for given in facts:
        waiting.append(ledger.submit(given))
        if len(waiting) > _AHEAD:
            waiting.popleft().result()
    for future in waiting:
        future.result()
    return calls / (time.perf_counter() - began)


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3) if ordered else float("nan")


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench ledger", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="per rate")
    parser.add_argument("--calls", type=int, default=60_000, help="for the largest rate")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="ledger-bench-"))
    ledger = Ledger.open(folder)
    try:
        ledger.load_sample(200_000)
        ledger.roll()
        ledger.checkpoint()
        settle_collector()  # as the platform does once it is warm
        at_rate(ledger, 200, 1.0, False)
        for busy in (False, True):
            for rate in RATES:
                line = at_rate(ledger, rate, given.seconds, busy)
                print(json.dumps(asdict(line)) if given.json else line, flush=True)
        largest = round(largest_rate(ledger, given.calls))
        print(json.dumps({"max_rows_per_s": largest}) if given.json else f"{largest:,} rows/s at most", flush=True)
    finally:
        ledger.close()
        shutil.rmtree(folder, ignore_errors=True)
