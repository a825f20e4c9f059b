"""A running playground on a port of its own, over the real engine with its simulated models; one for all tests here."""

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from core.platform import Platform, open_platform
from core.settings import load_settings
from playground.mount import build


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with open_platform(load_settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"))) as opened:
        yield opened


@pytest.fixture(scope="session")
def playground(platform: Platform) -> Iterator[str]:
    """The door's address."""
    server = uvicorn.Server(uvicorn.Config(build(platform), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = server.force_exit = True
    thread.join(10)
