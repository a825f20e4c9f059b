"""Power cuts at moments of a recorded history and of the recovery from it: everything acknowledged comes back."""

from pathlib import Path

import pytest

from bench._trace import Reader, available
from bench.power import run


@pytest.mark.slow
@pytest.mark.skipif(not available(), reason="strace is not installed or may not trace here")
def test_what_was_acknowledged_comes_back_by_itself_after_a_power_cut(tmp_path: Path):
    outcome = run(5, tmp_path, seed=11, rounds=4, recoveries=1)
    assert outcome.acked > 100
    assert outcome.again
    assert outcome.faults == []
    assert outcome.well


def test_a_descriptor_that_another_thread_gets_while_it_is_still_being_closed_is_followed(tmp_path: Path):
    def shown(text: str) -> str:
        return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'

    flags = "O_RDWR|O_CREAT|O_CLOEXEC, 0666"
    told = [
        f"1 openat(AT_FDCWD, {shown('/data/a')}, {flags}) = 5",
        "1 close(5 <unfinished ...>",
        f"2 openat(AT_FDCWD, {shown('/data/b')}, {flags}) = 5",
        "1 <... close resumed>) = 0",
        f"2 write(5, {shown('kept')}, 4) = 4",
        "2 close(5) = 0",
    ]
    output = tmp_path / "trace"
    output.write_text("\n".join(told) + "\n")
    reader = Reader("/data")
    reader.read(output)
    assert [act.data for act in reader.trace.acts if act.name == "write"] == [b"kept"]
