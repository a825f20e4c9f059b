"""The platform's side: hands a file to the child process and takes back its answer, or one sentence."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidError

ROOT = Path(__file__).resolve().parents[3]
WALL_S = 60.0
LARGEST_ANSWER = 40 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Extracted:
    """`data`: a picture's bytes or a document's text in UTF-8. `note`: one sentence on what was changed or left out."""

    data: bytes
    media_type: str
    note: str = ""


def extract(kind: str, data: bytes, shown: str) -> Extracted:
    """`kind`: picture, pdf, docx or xlsx. Raises InvalidError, one sentence that begins with `shown`, the name."""
    command = [sys.executable, "-s", "-E", "-m", "core.workspace.extraction", kind]
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, cwd=ROOT, env=environment, timeout=WALL_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise InvalidError(f"{shown} takes too long to read; attach a smaller part of it.") from None
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head or len(done.stdout) > LARGEST_ANSWER:
        raise InvalidError(f"{shown} needs more memory or time to read than a file may; attach a smaller part of it.")
    answer = json.loads(head)
    if answer["error"]:
        raise InvalidError(f"{shown} {answer['error']}")
    return Extracted(body, answer["media_type"], answer["note"])
