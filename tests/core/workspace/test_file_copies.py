"""Copies of attached files: each once, sound or not at all, put back where they are missing or rotten."""

from pathlib import Path

import pytest

from core.errors import PlatformError
from core.platform import open_platform
from core.workspace.file_copies import Copied, bring_files_back, copy_files_out
from core.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path):
    opened = Workspace.open(tmp_path)
    yield opened
    opened.close()


def test_what_was_lost_or_rotted_comes_back(workspace, tmp_path):
    files, backups = tmp_path / "files", tmp_path / "backups"
    kept = [workspace.files.put(text, "a.txt").sha256 for text in (b"one", b"two", b"three")]
    assert copy_files_out(files, backups) == Copied(3)
    assert copy_files_out(files, backups) == Copied(0)
    workspace.files.path(kept[0]).unlink()
    workspace.files.path(kept[1]).write_bytes(b"owt")
    assert bring_files_back(files, backups) == Copied(2)
    assert [workspace.files.read(one) for one in kept] == [b"one", b"two", b"three"]


def test_what_rotted_is_told_of_and_does_not_travel(workspace, tmp_path):
    files, backups = tmp_path / "files", tmp_path / "backups"
    kept = workspace.files.put(b"one", "a.txt").sha256
    copy_files_out(files, backups)
    (backups / "files" / kept[:2] / kept).write_bytes(b"eno")
    workspace.files.path(kept).unlink()
    assert bring_files_back(files, backups) == Copied(0, (kept,))
    assert not workspace.files.path(kept).exists()
    rotten = workspace.files.put(b"two", "a.txt").sha256
    workspace.files.path(rotten).write_bytes(b"owt")
    assert copy_files_out(files, backups) == Copied(0, (rotten,))
    assert not (backups / "files" / rotten[:2] / rotten).exists()


def test_only_kept_files_are_copied(workspace, tmp_path):
    files, backups = tmp_path / "files", tmp_path / "backups"
    assert copy_files_out(files, backups) == Copied(0)
    drawer = workspace.files.path(workspace.files.put(b"one", "a.txt").sha256).parent
    (drawer / ".draft").write_bytes(b"half")
    (drawer / "notes.txt").write_bytes(b"mine")
    (files / "stray").write_bytes(b"mine")
    assert copy_files_out(files, backups) == Copied(1)
    assert len(list((backups / "files").rglob("*"))) == 2


def test_a_copy_that_cannot_be_written_is_one_sentence(workspace, tmp_path):
    workspace.files.put(b"one", "a.txt")
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "files").write_bytes(b"in the way")
    with pytest.raises(PlatformError, match="could not be copied"):
        copy_files_out(tmp_path / "files", tmp_path / "backups")


def test_they_go_along_with_the_logs_own_backup(settings):
    with open_platform(settings) as platform:
        kept = platform.workspace.files.put(b"# Notes", "notes.md").sha256
        platform.ledger.backup()
    backups = settings.data_dir / "backups"
    assert (backups / "files" / kept[:2] / kept).read_bytes() == b"# Notes"
    assert len(list(backups.glob("workspace-*.db"))) == 1
