"""Cuts the power of a machine that logs calls, at any moment: whatever was acknowledged must come back by itself."""

import argparse
import json
import random
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench._disk import Disk
from bench._lives import opened, words
from bench._trace import Trace, available, record
from bench.crash import call_of
from core.errors import PlatformError
from core.ledger.facts import CallEnded, Payload
from core.ledger.ids import uuid7
from core.ledger.ledger import Ledger
from core.workspace.workspace import Workspace

_AGAIN = 4
"""How many second cuts a recorded recovery is good for."""


@dataclass(slots=True)
class Outcome:
    """`lost`: acknowledged, but not there or not as it was said. `refused`: cuts after which the log did not open.

    `again`: how many of the cuts fell into the recovery from another. `unsaid`: messages and files of the workspace
    that are gone or damaged. `false_alarms`: cuts after which the log said that something was lost.
    """

    cuts: int = 0
    again: int = 0
    acts: int = 0
    acked: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    unsaid: int = 0
    refused: int = 0
    false_alarms: int = 0
    repaired: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.wrong or self.unsaid or self.refused or self.false_alarms)


def run(cuts: int, folder: Path, seed: int = 1, rounds: int = 5, recoveries: int = 1) -> Outcome:
    """Record one history, then cut it `cuts` times, and so many `recoveries` from a cut `_AGAIN` times each.

    Raises RuntimeError when strace cannot record it.
    """
    pick = random.Random(seed)
    lives = [f"live(Path({str(folder / 'data')!r}), {rounds}, {life})" for life in range(2)]
    trace = _recorded(folder, lives, folder / "data")
    outcome = Outcome(acts=len(trace.acts), acked=len(trace.said))
    for number in range(cuts):
        _cut(trace, set(), folder, f"cut {number}", pick, outcome, twice=number % 3 == 0)
    for number in range(recoveries):
        left = folder / "left"
        acked, where = _lay_out(trace, set(), left, f"cut {cuts + number}", pick)
        try:
            recovery = _recorded(folder, [f"come_back(Path({str(left)!r}))"], left)
        except RuntimeError as error:
            outcome.refused += 1
            outcome.faults.append(f"{where}: {error}")
            continue
        finally:
            shutil.rmtree(left, ignore_errors=True)
        for again in range(_AGAIN):
            outcome.again += 1
            _cut(recovery, acked, folder, f"{where}, again {again}", pick, outcome, twice=again == 0)
    return outcome


def _recorded(folder: Path, acts: list[str], data: Path) -> Trace:
    code = "from bench._lives import come_back, live; from pathlib import Path; "
    commands = [[sys.executable, "-c", code + act] for act in acts]
    try:
        return record(commands, data, folder / "trace", Path(__file__).parent.parent)
    finally:
        (folder / "trace").unlink(missing_ok=True)


def _lay_out(trace: Trace, before: set[str], left: Path, where: str, pick: random.Random) -> tuple[set[str], str]:
    """What is left after a cut at a random moment, in `left`; returns what had been acknowledged by then."""
    kind = pick.choice(["write", "write", "name", ""])
    cut = pick.choice([act.at for act in trace.acts if act.at and kind in ("", act.name)])
    Disk(trace).after(cut, pick, left)
    return before | {said for at, said in trace.said if at <= cut}, f"{where} at {cut}"


def _cut(
    trace: Trace, before: set[str], folder: Path, where: str, pick: random.Random, outcome: Outcome, *, twice: bool
) -> None:
    left = folder / "left"
    acked, where = _lay_out(trace, before, left, where, pick)
    _judge(left, acked, where, outcome, twice=twice)
    shutil.rmtree(left, ignore_errors=True)


def _judge(folder: Path, acked: set[str], where: str, outcome: Outcome, *, twice: bool) -> None:
    """`twice`: once more from journal and backups alone, since the tables could be lost next."""
    outcome.cuts += 1
    for again in (False, True)[: 1 + twice]:
        if again:
            for name in ("ledger.duckdb", "ledger.duckdb.wal"):
                (folder / name).unlink(missing_ok=True)
            where += ", tables taken away"
        try:
            with opened(folder) as (ledger, workspace):
                ledger.settle(60)
                _compare(ledger, acked, where, outcome)
                _compare_workspace(workspace, folder, acked, where, outcome)
                later = uuid7()
                request = ({"role": "user", "content": [{"type": "text", "text": text}]} for text in ("then", later))
                answered = CallEnded(call_of(later, "live"), Payload(tuple(request), {"text": words(later)}))
                ledger.submit(answered).result(60)
                acked = {*acked, f"call {later}"}
        except Exception as error:  # noqa: BLE001 - whatever keeps the log from opening is what is looked for
            outcome.refused += 1
            outcome.faults.append(f"{where}: {type(error).__name__} {error}")
            return


def _compare(ledger: Ledger, acked: set[str], where: str, outcome: Outcome) -> None:
    found = [row[0] for row in ledger.rows("select call_id from calls where status = 'ok'")]
    doubled = len(found) - len(set(found))
    wrong = {call_id for call_id in found if not _as_said(ledger, call_id)}
    calls = _named("call", acked)
    lost = (calls - set(found)) | (calls & wrong)
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


def _compare_workspace(workspace: Workspace, folder: Path, acked: set[str], where: str, outcome: Outcome) -> None:
    with closing(sqlite3.connect(folder / "workspace.db")) as connection:
        found = {row[0] for row in connection.execute("select id from messages")}
        whole = connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    gone = len(_named("message", acked) - found)
    for sha256 in _named("file", acked):
        try:
            workspace.files.read(sha256)
        except PlatformError:
            gone += 1
    outcome.unsaid += gone + (not whole)
    if gone or not whole:
        outcome.faults.append(f"{where}: {gone} messages or files are gone; the workspace is whole: {whole}")


def _named(kind: str, acked: set[str]) -> set[str]:
    return {name for said, _, name in (line.partition(" ") for line in acked) if said == kind}


def _as_said(ledger: Ledger, call_id: str) -> bool:
    payload = ledger.payload(call_id)
    if payload is None or payload.response != {"text": words(call_id)}:
        return False
    return len(payload.request) == 2 and payload.request[1]["content"][0]["text"] == call_id


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench power", description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--recoveries", type=int, default=15, help="recoveries that are cut in turn")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    if not available():
        sys.exit("strace records what the log does to its files; install it (apt-get install strace).")
    folder = Path(tempfile.mkdtemp(prefix="ledger-power-"))
    try:
        outcome = run(given.cuts, folder, given.seed, recoveries=given.recoveries)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(asdict(outcome)) if given.json else outcome)
    if not outcome.well:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
