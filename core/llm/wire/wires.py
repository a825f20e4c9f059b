"""Which wire carries a request: direct for the dialects we speak, general for everything else LiteLLM knows."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from core.llm.wire.direct import DirectWire
from core.llm.wire.general import GeneralWire
from core.llm.wire.seam import Chunk, Deployment, Wire, WireRequest


class Wires:
    """Both wires behind the one interface. `direct=False` (settings.direct_wire) leaves only the general one."""

    name = "wires"

    def __init__(self, *, direct: bool = True) -> None:
        self.general: Wire = GeneralWire()
        self.direct: Wire | None = DirectWire(fallback=self.general) if direct else None

    def chosen(self, deployment: Deployment) -> Wire:
        spoken = deployment.dialect in ("openai", "anthropic")
        placed = deployment.base_url is not None or deployment.provider in ("openai", "anthropic")
        return self.direct if self.direct is not None and spoken and placed else self.general

    def stream(self, request: WireRequest) -> AsyncIterator[Chunk]:
        return self.chosen(request.deployment).stream(request)

    async def embed(
        self, deployment: Deployment, texts: list[str], timeout_s: float
    ) -> tuple[list[list[float]], Mapping[str, Any]]:
        return await self.chosen(deployment).embed(deployment, texts, timeout_s)

    async def close(self) -> None:
        if self.direct is not None:
            await self.direct.close()
        await self.general.close()
