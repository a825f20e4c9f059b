"""Power cuts at moments of a recorded history and of the recovery from it: everything acknowledged comes back."""

from pathlib import Path

import pytest

from bench._trace import available
from bench.power import run


@pytest.mark.slow
@pytest.mark.skipif(not available(), reason="strace is not installed or may not trace here")
def test_what_was_acknowledged_comes_back_by_itself_after_a_power_cut(tmp_path: Path):
    outcome = run(5, tmp_path, seed=11, rounds=4, recoveries=1)
    assert outcome.acked > 100
    assert outcome.again
    assert outcome.faults == []
    assert outcome.well
