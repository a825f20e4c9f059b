"""A conversation of 500 messages in Chromium: seconds to its newest answer, from the list and by its address.

Beside it, in the same run, what a first visit costs before anything of ours is drawn: one line on Streamlit alone,
and the empty chat.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bench._served import answers, environment, served
from bench.startup import FLAGS
from core.workspace.message_tree import NewMessage
from core.workspace.workspace import Workspace

ONE_LINE = "One line of text."
SAID = """Percentiles of **averages** are no percentiles: `p95` is read from all calls of the time shown.

| model | p95 | tokens/s |
|---|---:|---:|
| one | 1.2 s | 71 |
| two | 0.8 s | 45 |

```python
answer = platform.ai.chat_completion("What is a turn?")
```

"""


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench conversation")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        conversation_id = fill(Path(folder) / "data", asked.messages)
        with served(Path(folder)) as (url, _, _), bare(Path(folder)) as bare_url:
            figures = measure(url, bare_url, conversation_id, asked.runs)
    if asked.json:
        print(json.dumps({"messages": asked.messages, **figures}))
        return
    for name, value in figures.items():
        print(f"{name:>28} {value:>8.2f}")


def fill(data: Path, messages: int) -> str:
    """The long conversation's id; a short one stands beside it."""
    data.mkdir()
    workspace = Workspace.open(data, data / "files")
    try:
        short = workspace.conversations.create("A short one")
        workspace.conversations.add(short.id, NewMessage(role="user", text="Hi"), NewMessage(role="assistant"))
        long = workspace.conversations.create("A long one")
        roles = ("user", "assistant")
        said = [NewMessage(role=roles[at % 2], text=f"message-{at}\n\n{SAID * (at % 2)}") for at in range(messages)]
        workspace.conversations.add(long.id, *said)
        return long.id
    finally:
        workspace.close()


@contextmanager
def bare(home: Path) -> Iterator[str]:
    """Streamlit by itself, with one line of text."""
    script = home / "bare.py"
    script.write_text(f'import streamlit as st\nst.write("{ONE_LINE}")\n', "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", script, *flags, "--server.fileWatcherType", "none"],
        cwd=home,
        env=environment(home / "bare"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}/_stcore/health"):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("Streamlit did not start")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def measure(url: str, bare_url: str, conversation_id: str, runs: int) -> dict[str, float]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = chromium.new_context().new_page()
        page.goto(url)
        page.get_by_role("button", name="A long one").wait_for()
        clicked = [from_the_list(page) for _ in range(runs)]
        loaded, empty, alone = [], [], []
        for _ in range(runs):  # in turns, so that what else the machine does falls on all three
            loaded.append(by_address(chromium, f"{url}/?conversation={conversation_id}", newest))
            empty.append(by_address(chromium, url, lambda page: page.get_by_test_id("stChatInputTextArea")))
            alone.append(by_address(chromium, bare_url, lambda page: page.get_by_text(ONE_LINE)))
        again = [anew(page) for _ in range(runs)]
        figures = {
            "clicked_median_s": statistics.median(clicked),
            "clicked_worst_s": max(clicked),
            "loaded_anew_median_s": statistics.median(again),
            "first_visit_median_s": statistics.median(loaded),
            "first_visit_empty_chat_median_s": statistics.median(empty),
            "first_visit_streamlit_alone_median_s": statistics.median(alone),
            "drawn_messages": float(page.get_by_test_id("stChatMessage").count()),
        }
        chromium.close()
    return {name: round(value, 3) for name, value in figures.items()}


def from_the_list(page: Page) -> float:
    page.get_by_role("button", name="A short one").click()
    page.get_by_test_id("stChatMessage").get_by_text("Hi", exact=True).wait_for()
    begun = time.monotonic()
    page.get_by_role("button", name="A long one").click()
    return seen(page, begun)


def by_address(chromium: Browser, address: str, awaited: Callable[[Page], Locator]) -> float:
    """In a fresh profile: everything comes over the wire once more."""
    page = chromium.new_context().new_page()
    begun = time.monotonic()
    page.goto(address, wait_until="commit")
    awaited(page).wait_for()
    taken = time.monotonic() - begun
    page.context.close()
    return taken


def anew(page: Page) -> float:
    begun = time.monotonic()
    page.reload(wait_until="commit")
    return seen(page, begun)


def seen(page: Page, begun: float) -> float:
    newest(page).wait_for()
    return time.monotonic() - begun


def newest(page: Page) -> Locator:
    """The newest answer's table: it stands on the page, and can be read."""
    return page.get_by_test_id("stChatMessage").filter(has_text="message-").last.locator("table").first


if __name__ == "__main__":
    main(sys.argv[1:])
