"""A workspace of some thousand turns: seconds to search it, to list it, to open a long conversation and to ask."""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.workspace.message_tree import NewMessage
from core.workspace.workspace import Workspace

WORDS = Path(__file__).resolve().parent.parent.joinpath("README.md")
LONG = 600


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench workspace")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--turns", type=int, default=2_000)
    parser.add_argument("--url", default="", help="a PostgreSQL address; SQLite in an empty folder without it")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        workspace = Workspace.open(asked.url or folder, Path(folder) / "files")
        opened_s = time.perf_counter() - begun
        try:
            figures = {"turns": asked.turns, "open_ms": round(opened_s * 1000, 1), **measure(workspace, asked.turns)}
        finally:
            workspace.close()
    if asked.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>28} {value:>10}")


def measure(workspace: Workspace, turns: int) -> dict[str, float]:
    long_id = fill(workspace, turns)
    store = workspace.conversations
    newest = store.path(long_id, limit=30)
    return {
        **timed("search_rare", lambda: store.search("needle")),
        **timed("search_common", lambda: store.search("the")),
        **timed("search_two_words", lambda: store.search("model calls")),
        **timed("search_two_letters", lambda: store.search("qz")),
        **timed("list_50", lambda: store.list(limit=50)),
        **timed("open_newest_30_of_600", lambda: store.path(long_id, limit=30)),
        **timed("open_30_further_up", lambda: store.path(long_id, limit=30, before=newest[0].id)),
        **timed("open_all_600", lambda: store.path(long_id)),
        **timed("add_a_question_and_answer", lambda: ask(workspace, long_id)),
    }


def fill(workspace: Workspace, turns: int) -> str:
    """Conversations of 20 messages and one of 600, of about 1,500 characters a message; returns the long one's id."""
    dice = random.Random(7)
    words = WORDS.read_text("utf-8").split()
    left = turns * 2 - LONG

    def said(role: str) -> NewMessage:
        return NewMessage(role=role, text=" ".join(dice.choices(words, k=230)))

    while left > 0:
        some = [said("user" if number % 2 == 0 else "assistant") for number in range(min(20, left))]
        left -= len(some)
        workspace.conversations.add(workspace.conversations.create(first_message=some[0].text).id, *some)
    long = workspace.conversations.create("A long one")
    halves = [said("user" if number % 2 == 0 else "assistant") for number in range(LONG)]
    workspace.conversations.add(long.id, *halves[:10], NewMessage(role="user", text="a needle in it"), *halves[11:])
    return long.id


def ask(workspace: Workspace, id: str) -> None:
    end = workspace.conversations.get(id).leaf_id
    new = (NewMessage(role="user", text="x" * 200), NewMessage(role="assistant", status="running"))
    workspace.conversations.add(id, *new, parent_id=end)


def timed(name: str, act: Callable[[], object], times: int = 30) -> dict[str, float]:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return {
        f"{name}_p50_ms": round(statistics.median(taken), 2),
        f"{name}_p95_ms": round(taken[int(len(taken) * 0.95)], 2),
    }
