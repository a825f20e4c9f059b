"""Kills a writing process again and again, and looks whether anything that was acknowledged is missing or doubled."""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from core.errors import PlatformError
from core.ledger.facts import Call, CallEnded, CallStarted, Payload
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger

_PRODUCERS = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """`lost`: acknowledged calls that are gone, or whose payload is not what was written.

    `untraced`: calls that had been let go and left no row at all, neither ended nor interrupted.
    """

    kills: int
    acked: int
    lost: int
    untraced: int
    doubled: int
    reopen_p99_ms: float


def words(call_id: str) -> str:
    """What a call says: some 4 KB that anybody can work out from its id."""
    return hashlib.sha256(call_id.encode()).hexdigest() * 60


def call_of(call_id: str, origin: str) -> Call:
    now = datetime.now(UTC).replace(tzinfo=None)
    return Call(
        call_id=call_id, turn_id=call_id, started_at=now, ended_at=now, origin=origin, requested_model="demo/swift",
        served_model="demo/swift", provider="demo", input_tokens=900, output_tokens=30, total_s=1.25, ttft_s=0.2,
        cost_total=Decimal("0.000123"),
    )  # fmt: skip


def child(folder: Path) -> None:
    """Writes calls as fast as it can be acknowledged and prints each id, begun and acknowledged, until it is killed."""
    ledger = Ledger.open(folder)
    print("ready", flush=True)
    for number in range(_PRODUCERS):
        threading.Thread(target=_produce, args=(ledger, number), daemon=True).start()
    chores = (
        ledger.roll, ledger.checkpoint, ledger.backup, lambda: ledger.remove("import"), lambda: _read(ledger),
        lambda: ledger.retain("calls", days=1), lambda: ledger.retain("payloads", days=1, origin="import"),
    )  # fmt: skip
    while True:
        time.sleep(random.uniform(0.0, 0.1))
        try:
            random.choice(chores)()
        except PlatformError as error:
            print(error, file=sys.stderr)


def _read(ledger: Ledger) -> None:
    ledger.frame("select served_model, sum(cost_total), quantile_cont(total_s, 0.95) from calls group by all")


def _produce(ledger: Ledger, number: int) -> None:
    history = [{"role": "user", "content": [{"type": "text", "text": f"history {number} " * 40}]}]
    while True:
        call_id = uuid7()
        origin = "import" if random.random() < 0.2 else "live"
        call = call_of(call_id, origin)
        request = (*history, {"role": "user", "content": [{"type": "text", "text": call_id}]})
        ledger.submit(CallStarted(call, Payload(request)))
        if origin == "live":
            os.write(1, f"+{call_id}\n".encode())
        if random.random() < 0.05:
            continue  # this one never ends
        ended = ledger.submit(CallEnded(call, Payload(request, {"text": words(call_id)})))
        ended.result()
        if origin == "live":
            os.write(1, f"{call_id}\n".encode())


def one_kill(folder: Path, pick: random.Random) -> tuple[list[str], list[str]]:
    """Start a writer, kill it at a random moment. Returns the ids it had begun, and those it had seen acknowledged."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from bench.crash import child; from pathlib import Path; child(Path({str(folder)!r}))",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    lines: list[bytes] = []
    early = pick.random() < 0.2
    if not early and not process.stdout.readline():
        raise RuntimeError(f"the writer could not open {folder}")
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
    reader.start()
    time.sleep(pick.uniform(0.3, 1.0) if early else pick.uniform(0.0, 1.2))  # early: while it still opens the log
    process.send_signal(signal.SIGKILL)
    process.wait()
    reader.join()
    process.stdout.close()
    told = [line.decode().strip() for line in lines if line.endswith(b"\n") and line != b"ready\n"]
    return [line[1:] for line in told if line[0] == "+"], [line for line in told if line[0] != "+"]


def run(kills: int, folder: Path, seed: int = 1) -> Outcome:
    pick = random.Random(seed)
    acked: set[str] = set()
    missing: set[str] = set()
    untraced = doubled = 0
    reopened: list[float] = []
    for _ in range(kills):
        begun, fresh = one_kill(folder, pick)
        acked.update(fresh)
        began = time.perf_counter()
        ledger = Ledger.open(folder)
        reopened.append((time.perf_counter() - began) * 1000)
        try:
            ledger.settle(60)
            rows = ledger.rows("select call_id, status from calls", max_rows=10**8)
            missing |= acked - {call_id for call_id, status in rows if status == "ok"}
            untraced += len(set(begun) - {call_id for call_id, _ in rows})
            missing |= {call_id for call_id in pick.sample(fresh, min(40, len(fresh))) if not _intact(ledger, call_id)}
            doubled = max(doubled, _doubled(ledger))
        finally:
            ledger.close()
    reopened.sort()
    p99 = reopened[min(len(reopened) - 1, int(len(reopened) * 0.99))] if reopened else 0.0
    return Outcome(kills, len(acked), len(missing), untraced, doubled, round(p99, 1))


def _doubled(ledger: Ledger) -> int:
    sql = "select count(*) - count(distinct call_id) + count(*) - count(distinct seq) from calls"
    return int(ledger.rows(sql)[0][0])


def _intact(ledger: Ledger, call_id: str) -> bool:
    payload = ledger.payload(call_id)
    return (
        payload is not None
        and payload.response == {"text": words(call_id)}
        and len(payload.request) == 2
        and payload.request[1]["content"][0]["text"] == call_id
    )


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="ledger-crash-"))
    try:
        outcome = run(given.kills, folder, given.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if given.json:
        print(json.dumps(asdict(outcome)))
    else:
        print(f"{outcome.kills} kills, {outcome.acked:,} calls acknowledged, {outcome.lost} lost, {outcome.untraced} "
              f"untraced, {outcome.doubled} doubled; reopened in {outcome.reopen_p99_ms} ms at p99")  # fmt: skip
    if outcome.lost or outcome.untraced or outcome.doubled:
        raise SystemExit(1)
