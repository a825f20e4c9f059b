"""Cuts the power of a machine that logs calls, at any moment: whatever was acknowledged must come back by itself."""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench._disk import Disk
from bench._trace import available, record
from bench.crash import call_of
from core.ledger.facts import CallEnded, CallStarted, Payload
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger

_PRODUCERS = 3


@dataclass(slots=True)
class Outcome:
    """`lost`: acknowledged, but not there or not as it was said. `refused`: cuts after which the log did not open.

    `false_alarms`: cuts after which the log said that something was lost.
    """

    cuts: int = 0
    acts: int = 0
    acked: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    refused: int = 0
    false_alarms: int = 0
    repaired: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.wrong or self.refused or self.false_alarms)


def words(call_id: str) -> str:
    return f"answer to {call_id} " * 25


def child(folder: Path, rounds: int) -> None:
    """Two lives of a log with everything it does to its files; prints each call that was acknowledged."""
    for life in range(2):
        ledger = Ledger.open(folder)
        for number in range(rounds):
            threads = [threading.Thread(target=_produce, args=(ledger, 6)) for _ in range(_PRODUCERS)]
            for thread in threads:
                thread.start()
            _chore(ledger, life, number)
            for thread in threads:
                thread.join()
        ledger.submit(CallStarted(call_of(uuid7(), "live"))).result()
        ledger.close()


def _chore(ledger: Ledger, life: int, number: int) -> None:
    match number % 5:
        case 0 | 3:
            ledger.checkpoint()
        case 1:
            ledger.roll()
        case 2:
            ledger.backup(full=life == 1)
        case 4:
            ledger.remove("import")  # compacts as well


def _produce(ledger: Ledger, calls: int) -> None:
    history = {"role": "user", "content": [{"type": "text", "text": "said before " * 20}]}
    for number in range(calls):
        call_id = uuid7()
        request = (history, {"role": "user", "content": [{"type": "text", "text": call_id}]})
        call = call_of(call_id, "import" if number == 3 else "live")
        ledger.submit(CallStarted(call, Payload(request)))
        ledger.submit(CallEnded(call, Payload(request, {"text": words(call_id)}))).result()
        if call.origin == "live":
            os.write(1, f"{call_id}\n".encode())


def run(cuts: int, folder: Path, seed: int = 1, rounds: int = 5) -> Outcome:
    """Record one history, then cut it `cuts` times. Raises RuntimeError when strace cannot record it."""
    data, root = folder / "data", Path(__file__).parent.parent
    code = f"from bench.power import child; from pathlib import Path; child(Path({str(data)!r}), {rounds})"
    trace = record([sys.executable, "-c", code], data, folder / "trace", root)
    (folder / "trace").unlink()
    disk, pick = Disk(trace), random.Random(seed)
    moments = [[act.at for act in trace.acts if name in ("", act.name)] for name in ("write", "write", "")]
    outcome = Outcome(acts=len(trace.acts), acked=len(trace.said))
    for number in range(cuts):
        cut = pick.choice(pick.choice(moments))
        left = folder / f"cut{number}"
        disk.after(cut, pick, left)
        _judge(
            left,
            {call_id for at, call_id in trace.said if at <= cut},
            f"cut {number} at {cut}",
            outcome,
            twice=number % 3 == 0,
        )
        shutil.rmtree(left, ignore_errors=True)
    return outcome


def _judge(folder: Path, acked: set[str], where: str, outcome: Outcome, *, twice: bool) -> None:
    """`twice`: once more from journal and backups alone, since the tables could be lost next."""
    outcome.cuts += 1
    for again in (False, True)[: 1 + twice]:
        if again:
            for name in ("ledger.duckdb", "ledger.duckdb.wal"):
                (folder / name).unlink(missing_ok=True)
            where += ", tables taken away"
        try:
            ledger = Ledger.open(folder)
        except Exception as error:  # noqa: BLE001 - whatever keeps the log from opening is what is looked for
            outcome.refused += 1
            outcome.faults.append(f"{where}: {error}")
            return
        try:
            ledger.settle(60)
            _compare(ledger, acked, where, outcome)
            later = uuid7()
            request = ({"role": "user", "content": [{"type": "text", "text": text}]} for text in ("then", later))
            answered = CallEnded(call_of(later, "live"), Payload(tuple(request), {"text": words(later)}))
            ledger.submit(answered).result(60)
            acked = {*acked, later}
        finally:
            ledger.close()


def _compare(ledger: Ledger, acked: set[str], where: str, outcome: Outcome) -> None:
    found = [row[0] for row in ledger.rows("select call_id from calls where status = 'ok'")]
    doubled = len(found) - len(set(found))
    wrong = {call_id for call_id in found if not _as_said(ledger, call_id)}
    lost = (acked - set(found)) | (acked & wrong)
    health = ledger.health()
    outcome.lost += len(lost)
    outcome.doubled += doubled
    outcome.wrong += len(wrong)
    outcome.false_alarms += bool(health.lost) and not lost
    outcome.repaired += bool(health.messages)
    if lost or doubled or wrong or health.lost:
        outcome.faults.append(
            f"{where}: {len(lost)} lost, {doubled} doubled, {len(wrong)} wrong, {health.lost} said to be lost;"
            f" {' '.join(health.messages)}"
        )


def _as_said(ledger: Ledger, call_id: str) -> bool:
    payload = ledger.payload(call_id)
    if payload is None or payload.response != {"text": words(call_id)}:
        return False
    return len(payload.request) == 2 and payload.request[1]["content"][0]["text"] == call_id


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench power", description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    if not available():
        sys.exit("strace records what the log does to its files; install it (apt-get install strace).")
    folder = Path(tempfile.mkdtemp(prefix="ledger-power-"))
    try:
        outcome = run(given.cuts, folder, given.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(asdict(outcome)) if given.json else outcome)
    if not outcome.well:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
