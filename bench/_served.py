"""The product as people start it, in a process of its own: `python app.py` on a free port, data in a fresh folder."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"DATA_DIR": str(data), "PYTHONPATH": str(ROOT)} | more


@contextmanager
def served(home: Path, **settings: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]", float]]:
    """Yields its URL, the process, and how many seconds it took until it answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, ROOT / "app.py"],
        cwd=home,
        env=environment(home / "data", PORT=str(port), **settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(url + "/healthz"):
            if process.poll() is not None or time.monotonic() - begun > 60:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        yield url, process, round(time.monotonic() - begun, 3)
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
