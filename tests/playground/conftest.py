"""A running playground on a port of its own, over the real engine with its simulated models; one for all tests here."""

from collections.abc import Iterator

import pytest

from core.platform import Platform, open_platform
from core.settings import load_settings
from tests.playground.door import served


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with open_platform(load_settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"))) as opened:
        yield opened


@pytest.fixture(scope="session")
def playground(platform: Platform) -> Iterator[str]:
    """The door's address."""
    with served(platform) as address:
        yield address
