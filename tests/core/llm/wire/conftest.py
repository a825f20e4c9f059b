"""The loopback server for the wires' tests, and LiteLLM imported before any deadline runs."""

import asyncio

import pytest

from core.llm.wire.general import GeneralWire
from tests.core.llm.wire.asking import deployment, hear, request
from tests.upstreams.fixture import _upstream_server, upstream  # noqa: F401


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    patient = {"first_token_s": 60.0, "idle_s": 60.0, "total_s": 60.0}
    asyncio.run(hear(GeneralWire(), request(deployment("http://127.0.0.1:9", "warm"), **patient)))
