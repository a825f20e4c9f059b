"""Which wire carries a call: the simulated models have their own door into the general one."""

from core.llm.demo.wire import DemoWire
from core.llm.wire.direct import DirectWire
from core.llm.wire.general import GeneralWire
from core.llm.wire.seam import Deployment, Wire

OWN_DIALECTS = ("openai", "anthropic")


class Wires:
    """`direct` False leaves only the general wire."""

    def __init__(self, direct: bool) -> None:
        self._general: Wire = GeneralWire()
        self._direct: Wire = DirectWire(fallback=self._general) if direct else self._general
        self._demo: Wire = DemoWire(self._general)

    def of(self, deployment: Deployment) -> Wire:
        if deployment.provider == "demo":
            return self._demo
        return self._direct if deployment.dialect in OWN_DIALECTS else self._general

    def own(self, dialect: str) -> bool:
        """Whether such a deployment is asked over our own socket, where a stream costs next to nothing."""
        return self._direct is not self._general and dialect in OWN_DIALECTS

    async def close(self) -> None:
        await self._direct.close()
        if self._direct is not self._general:
            await self._general.close()
