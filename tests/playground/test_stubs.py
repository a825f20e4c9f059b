"""The playground is built without Gradio's type stubs being written."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CODE = """
import ast, sys
parsed = []
read = ast.parse
ast.parse = lambda source, *more, **named: parsed.append(source) or read(source, *more, **named)
import playground.mount
import gradio.component_meta
components = [source for source in parsed if "(FormComponent)" in str(source) or "(Component)" in str(source)]
print(len(components), sum(type(finder).__name__ == "Unwritten" for finder in sys.meta_path))
"""


def test_no_stub_is_written_when_the_playground_is_imported() -> None:
    told = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["0", "0"]
