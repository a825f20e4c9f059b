"""The examples of docs/api.md run, in order, against the simulated models."""

import re
import textwrap
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_the_examples_run(platform, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    first, rest = blocks[0], blocks[1:]
    assert first.startswith("from core.platform import open_platform")
    inside = textwrap.dedent(first.partition("with open_platform() as platform:\n")[2])
    names = {"platform": platform}
    for block in (inside, *rest):
        exec(compile(block, str(PAGE), "exec"), names)
