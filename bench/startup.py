"""From `python app.py` to the first page and the first answer: seconds, and the memory of the idle process."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench._served import ROOT, environment, served

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ASK = """
import sys, time
begun = time.monotonic()
from core.platform import open_platform
from core.settings import load_settings
imported = time.monotonic()
with open_platform(load_settings()) as platform:
    answer = platform.ai.chat_completion("Hello")
    assert answer.receipt is not None and answer.receipt.logged
    print(imported - begun, time.monotonic() - begun)
"""


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench startup")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=3, help="the best of so many")
    asked = parser.parse_args(argv)
    runs = [measure() for _ in range(asked.runs)]
    best = {name: min(run[name] for run in runs) for name in runs[0]}
    if asked.json:
        print(json.dumps(best))
        return
    print(f"{'':>24}" + "".join(f"{f'run {at + 1}':>10}" for at in range(len(runs))) + f"{'best':>10}")
    for name in best:
        print(f"{name:>24}" + "".join(f"{run[name]:>10.2f}" for run in runs) + f"{best[name]:>10.2f}")


def measure() -> dict[str, float]:
    """One cold process: import and first answered request in a script, then pages and memory of the server."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        import_s, first_request_s = script(home)
        with served(home) as (url, process, listening_s):
            pages = first_pages(url)
            rss_mb = resident_mb(process.pid)
    return {
        "import_s": import_s,
        "first_request_s": first_request_s,
        "listening_s": listening_s,
        **pages,
        "rss_mb": rss_mb,
    }


def script(home: Path) -> tuple[float, float]:
    """Seconds until the engine is imported, and until its first demo answer has a receipt."""
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=environment(home / "script"),
        capture_output=True,
        text=True,
        check=True,
    )
    imported, answered = told.stdout.split()
    return round(float(imported), 3), round(float(answered), 3)


def first_pages(url: str) -> dict[str, float]:
    """Seconds in Chromium from asking for each door to its first usable content, in a fresh profile each."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        found = {}
        for name, door, content in (
            ("first_page_s", "/", "[data-testid=stChatInput] textarea"),
            ("second_page_s", "/", "[data-testid=stChatInput] textarea"),
            ("first_playground_s", "/playground/", "#question textarea"),
            ("second_playground_s", "/playground/", "#question textarea"),
        ):
            page = chromium.new_context().new_page()
            begun = time.monotonic()
            page.goto(url + door, wait_until="commit")
            page.wait_for_selector(content, state="visible", timeout=60_000)
            found[name] = round(time.monotonic() - begun, 3)
            page.context.close()
        chromium.close()
    time.sleep(12)  # idle memory, not the peak of the last page
    return found


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise RuntimeError("this system does not tell the memory of a process")


if __name__ == "__main__":
    main(sys.argv[1:])
