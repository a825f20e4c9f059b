"""The fixture `upstream`: one real server for the whole run, with a clean record for each test."""

from collections.abc import Iterator

import pytest

from tests.upstreams.server import Upstream


@pytest.fixture(scope="session")
def _upstream_server() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def upstream(_upstream_server: Upstream) -> Upstream:
    _upstream_server.reset()
    return _upstream_server
