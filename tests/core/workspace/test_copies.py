"""Copies of the workspace's file: whole while people write, put back on request, never over a file in use."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import ConflictError, PlatformError
from core.workspace.copies import KEPT, bring_back, copies, copy_out
from core.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]


def titles(workspace: Workspace) -> set[str]:
    return {one.title for one in workspace.conversations.list(limit=1000)}


def test_a_copy_made_while_people_write_is_whole_and_comes_back(tmp_path: Path):
    workspace = Workspace.open(tmp_path)
    workspace.conversations.create(title="first")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            workspace.conversations.create(title="another")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = copy_out(tmp_path / "workspace.db", tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    assert made is not None
    with pytest.raises(ConflictError, match="in use"):
        bring_back(tmp_path / "workspace.db", tmp_path / "backups")
    workspace.close()
    (tmp_path / "workspace.db").write_bytes(b"rotten" * 1000)
    assert bring_back(tmp_path / "workspace.db", tmp_path / "backups") == made
    again = Workspace.open(tmp_path)
    assert "first" in titles(again)
    again.close()


def test_nothing_new_is_not_copied_and_old_copies_go(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "workspace.db")) as file:
        for number in range(KEPT + 2):
            file.execute(f"create table t{number} (x)")
            file.commit()
            assert copy_out(tmp_path / "workspace.db", tmp_path / "backups") is not None
    assert copy_out(tmp_path / "workspace.db", tmp_path / "backups") is None
    assert len(copies(tmp_path / "backups")) == KEPT
    assert copy_out(tmp_path / "missing.db", tmp_path / "backups") is None


def test_a_copy_that_rotted_is_passed_over(tmp_path: Path):
    workspace = Workspace.open(tmp_path)
    workspace.conversations.create(title="first")
    workspace.close()
    made = copy_out(tmp_path / "workspace.db", tmp_path / "backups")
    assert made is not None
    shutil.copy(made, made.with_name("workspace-9.db"))
    made.with_name("workspace-9.db").write_bytes(b"rotten" * 1000)
    assert bring_back(tmp_path / "workspace.db", tmp_path / "backups") == made
    made.unlink()
    with pytest.raises(PlatformError, match="no sound copy"):
        bring_back(tmp_path / "workspace.db", tmp_path / "backups")


def operator(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core.workspace", command, "--data", str(folder)],
        capture_output=True, text=True, timeout=60, cwd=ROOT, check=False,
    )  # fmt: skip


def test_operators_commands(tmp_path: Path):
    workspace = Workspace.open(tmp_path)
    kept = workspace.files.put(b"# Notes", "notes.md")
    workspace.close()
    done = operator("backup", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Copied to")
    assert done.stdout.endswith("Attached files copied: 1.\n")
    assert operator("backup", tmp_path).stdout == "There is nothing new to back up.\n"
    shutil.rmtree(tmp_path / "files")
    (tmp_path / "workspace.db").write_bytes(b"rotten" * 1000)
    done = operator("restore", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Attached files put back: 1.\n")
    again = Workspace.open(tmp_path)
    assert again.files.read(kept.sha256) == b"# Notes"
    again.close()
