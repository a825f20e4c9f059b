"""What is installed is what was chosen: pinned with hashes, in step with pyproject.toml, nothing self-starting."""

import re
import sysconfig
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from core import __version__

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LISTS = ("requirements.txt", "requirements-dev.txt")
STOLEN = {"litellm": {"1.82.7", "1.82.8"}}
KNOWN_PTH = {"distutils-precedence.pth", "_virtualenv.pth", "a1_coverage.pth"}


def pinned(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package -> version and hashes, as the lock says for this Python and system."""
    found: dict[str, tuple[str, list[str]]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").replace("\\\n", " ")):
        line = block.strip().splitlines()[0] if block.strip() else ""
        if not line or line.startswith("#"):
            continue
        need = Requirement(line.split(" --hash")[0].strip())
        (pin,) = need.specifier
        assert pin.operator == "==", f"not pinned: {line[:80]}"
        if need.marker is None or need.marker.evaluate():
            found[canonicalize_name(need.name)] = (pin.version, re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    return found


@pytest.mark.parametrize("name", LISTS)
def test_everything_is_pinned_with_hashes_and_no_place(name: str) -> None:
    lock = pinned(name)
    assert len(lock) > 50
    assert not [package for package, (_, hashes) in lock.items() if not hashes]
    assert not re.search(r"https?://|--index-url|--find-links|/work/|/tmp/", (ROOT / name).read_text("utf-8"))


def test_the_lists_agree_with_the_project() -> None:
    run, dev = (pinned(name) for name in LISTS)
    wanted = [(text, run) for text in PROJECT["project"]["dependencies"]]
    wanted += [(text, dev) for text in PROJECT["dependency-groups"]["dev"]]
    for text, lock in wanted:
        need = Requirement(text)
        version = lock[canonicalize_name(need.name)][0]
        assert need.specifier.contains(version), f"{text}, but {version} is pinned: run make lock"
    assert {name: dev[name][0] for name in run} == {name: version for name, (version, _) in run.items()}
    assert PROJECT["project"]["version"] == __version__


def test_no_stolen_release() -> None:
    for name in LISTS:
        for package, versions in STOLEN.items():
            assert pinned(name)[package][0] not in versions
    for one in distributions():
        assert one.version not in STOLEN.get(canonicalize_name(one.name), set())


def test_nothing_runs_at_every_start() -> None:
    """A line of a .pth file that begins with import is run by every Python: that is how the thief came in."""
    strange = [
        path.name
        for path in Path(sysconfig.get_path("purelib")).glob("*.pth")
        if path.name not in KNOWN_PTH
        and any(line.startswith(("import ", "import\t")) for line in path.read_text("utf-8", "replace").splitlines())
    ]
    assert not strange, f"look at these before you run anything: {strange}"


def test_what_is_installed_is_what_is_pinned() -> None:
    lock = pinned("requirements-dev.txt")
    other = {
        name: one.version
        for one in distributions()
        if (name := canonicalize_name(one.name)) in lock and Version(one.version) != Version(lock[name][0])
    }
    assert not other, f"installed in another version than pinned: {other}"
