"""SIGKILL at random moments, under writing, reading, rollups, checkpoints, backups and removals: nothing is lost."""

from pathlib import Path

import pytest

from bench.crash import run


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path: Path):
    outcome = run(8, tmp_path, seed=7)
    assert (outcome.lost, outcome.untraced, outcome.doubled) == (0, 0, 0)
    assert outcome.acked > 0
