"""For operators: `python -m core.ledger verify | backup | restore | rebuild-rollups | stats | dictionary`."""

import argparse
import sys
from pathlib import Path

from core.errors import PlatformError
from core.ledger.dictionary import dictionary
from core.ledger.files import Files
from core.ledger.ledger import Ledger
from core.ledger.recovery import Recovery
from core.settings import load_settings

_STATS = """
select origin, count(*) as calls, count(distinct turn_id) as turns, sum(cost_total) as cost,
    count(*) filter (status = 'error') as errors, min(started_at) as oldest, max(started_at) as newest
from calls group by origin order by origin
"""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.ledger", description="Look after the log.")
    parser.add_argument(
        "command", choices=("verify", "backup", "restore", "rebuild-rollups", "stats", "dictionary"),
        help="verify: read and compare everything; backup: a full one of the log, now (conversations and settings:"
        " python -m core.workspace backup); restore: make it again from backup and journal;"
        " rebuild-rollups: from the rows; stats: what the log holds; dictionary: docs/ledger.md",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, help="the data folder (else DATA_DIR)")
    given = parser.parse_args(argv)
    if given.command == "dictionary":
        sys.stdout.write(dictionary())
        return 0
    try:
        folder = given.data or load_settings().data_dir
        if given.command == "restore":
            recovery = Recovery(folder, Files())
            recovery.restore()
            print(*recovery.messages, sep="\n")
        ledger = Ledger.open(folder)
        try:
            ledger.settle(600)
            return _run(given.command, ledger)
        finally:
            ledger.close()
    except PlatformError as error:
        print(error, file=sys.stderr)
        return 2


def _run(command: str, ledger: Ledger) -> int:
    if command == "backup":
        print(
            "The log is backed up; conversations and settings: python -m core.workspace backup."
            if ledger.backup(full=True)
            else "There is nothing to back up yet."
        )
    elif command == "rebuild-rollups":
        rebuilt = ledger.rebuild_rollups()
        for name, rows in rebuilt.rows.items():
            print(f"{name}: {rows:,} rows; {rebuilt.differing[name]:,} hours differed")
        return 0 if rebuilt.equal else 1
    elif command == "stats":
        print(ledger.frame(_STATS, timeout_s=600).to_string(index=False))
        health = ledger.health()
        print(f"{health.rows or 0:,} calls in {health.path} ({health.path.stat().st_size / 1e6:,.1f} MB)")
    else:
        verification = ledger.verify()
        print(*verification.notes, sep="\n")
        print(*(f"FAULT {fault}" for fault in verification.faults), sep="\n")
        print("All is well." if verification.ok else "The log is damaged; see above, then run restore.")
        return 0 if verification.ok else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
