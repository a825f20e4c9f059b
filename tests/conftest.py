"""What every test may ask for: a platform of its own in an empty folder, and no key of the machine it runs on."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from core.platform import Platform, open_platform
from core.settings import Settings, load_settings

hypothesis.settings.register_profile("steady", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("steady")

PROVIDER_VARIABLES = ("OPENAI_", "ANTHROPIC_", "OLLAMA_", "LM_STUDIO_", "VLLM_", "GRADIO_", "STREAMLIT_")
OWN_VARIABLES = {name.upper() for name in Settings.model_fields}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser tests come last: Playwright keeps a loop on the main thread, which asyncio tests would trip over."""
    items.sort(key=lambda item: "/e2e/" in item.path.as_posix())


class Together(LoadScopeScheduling):
    """Each test goes to whoever is free; all that read the 100,000 made calls to one worker, which makes them, and
    takes them into memory, once. (xdist 3.8 does not hear of groups that are marked on the items of pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        return "made" if nodeid.startswith(("tests/core/analytics/", "tests/pages/test_every_figure.py")) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session", autouse=True)
def no_key_of_this_machine() -> Iterator[None]:
    taken = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name.startswith(PROVIDER_VARIABLES) or name in OWN_VARIABLES
    }
    yield
    os.environ.update(taken)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(_env_file=None, data_dir=tmp_path / "data")


@pytest.fixture
def platform(settings: Settings) -> Iterator[Platform]:
    """The whole engine in an empty folder, with the demo models only."""
    with open_platform(settings) as opened:
        yield opened
