"""What every test may ask for: a platform of its own in an empty folder, and no key of the machine it runs on."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from core.platform import Platform, open_platform
from core.settings import Settings, load_settings

hypothesis.settings.register_profile("steady", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("steady")

PROVIDER_VARIABLES = ("OPENAI_", "ANTHROPIC_", "OLLAMA_", "LM_STUDIO_", "VLLM_", "GRADIO_", "STREAMLIT_")
OWN_VARIABLES = {name.upper() for name in Settings.model_fields}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser tests come last: Playwright keeps a loop on the main thread, which asyncio tests would trip over."""
    items.sort(key=lambda item: "/e2e/" in item.path.as_posix())


def pytest_itemcollected(item: pytest.Item) -> None:
    """All that ask for the 100,000 made calls share a worker, which makes them, and takes them into memory, once."""
    if "made" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.xdist_group("made"))


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
