"""The general wire, once the simulated models are known to LiteLLM."""

import asyncio
import importlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, cast

from core.llm.wire import library
from core.llm.wire.seam import Chunk, Deployment, Wire, WireRequest

_registering = threading.Lock()
_registered = False


def register() -> None:
    """Blocks for LiteLLM's import, seconds of CPU; cheap when it was done before."""
    global _registered
    with _registering:
        if not _registered:
            library.load()
            provider = importlib.import_module("core.llm.demo.provider")
            library.register_custom_provider("demo", provider.DemoProvider())
            _registered = True


class DemoWire:
    def __init__(self, general: Wire) -> None:
        self._general, self.name = general, general.name

    async def stream(self, request: WireRequest) -> AsyncIterator[Chunk]:
        if not _registered:
            await asyncio.to_thread(register)
        async with aclosing(cast(AsyncGenerator[Chunk, None], self._general.stream(request))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def embed(
        self, deployment: Deployment, texts: list[str], timeout_s: float
    ) -> tuple[list[list[float]], Mapping[str, Any]]:
        return await self._general.embed(deployment, texts, timeout_s)

    async def close(self) -> None:
        """The general wire is closed by whoever made it."""
