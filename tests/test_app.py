"""The process as it is put together, before anybody has come to a door."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STILL = """
import sys
import app
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path
before = list(sys.path)
with modified_sys_path(str(app.HERE / "pages" / "navigation.py")):
    assert sys.path == before
assert sys.path == before
"""


def test_no_run_of_a_page_moves_the_import_path(tmp_path: Path) -> None:
    """A thread that imports meanwhile would step over a folder, and miss a package that is installed."""
    told = subprocess.run(
        [sys.executable, "-c", STILL], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
