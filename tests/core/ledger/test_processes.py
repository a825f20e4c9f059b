"""One process owns the log; a second one is told so in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import LedgerInUse
from core.ledger.ledger import Ledger

ROOT = Path(__file__).parents[3]


def in_another_process(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )


def test_a_second_process_is_told_the_pid_and_what_to_do(ledger, tmp_path: Path):
    code = f"""
from pathlib import Path
from core.errors import LedgerInUse
from core.ledger.ledger import Ledger
try:
    Ledger.open(Path({str(tmp_path / "data")!r}))
except LedgerInUse as error:
    print(error.pid, error)
"""
    done = in_another_process(code)
    pid, _, sentence = done.stdout.strip().partition(" ")
    assert int(pid) == os.getpid()
    assert f"in use by process {pid}" in sentence
    assert "DATA_DIR" in sentence
    assert "\n" not in sentence
    assert ledger.health().state == "ok"


def test_a_second_opening_in_this_process_is_refused_as_well(ledger, tmp_path: Path):
    with pytest.raises(LedgerInUse, match="this process"):
        Ledger.open(tmp_path / "data")
    assert ledger.health().state == "ok"


@pytest.mark.parametrize("command", ["verify", "backup", "restore", "rebuild-rollups", "stats"])
def test_operators_commands(tmp_path: Path, ended, command):
    ledger = Ledger.open(tmp_path)
    for number in range(5):
        ledger.submit(ended(f"question {number}")).result(5)
    ledger.close()
    done = subprocess.run(
        [sys.executable, "-m", "core.ledger", command, "--data", str(tmp_path)],
        capture_output=True, text=True, timeout=60, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    again = Ledger.open(tmp_path)
    again.settle()
    assert again.rows("select count(*) from calls") == [(5,)]
    again.close()


def test_operators_command_beside_a_running_platform_is_one_sentence(ledger, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "core.ledger", "stats", "--data", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=60, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"process {os.getpid()}" in done.stderr
    assert "Traceback" not in done.stderr
