"""Which wire carries a call, and what must be loaded before it can."""

from core.llm.wire.seam import Deployment, Wire


class Wires:
    def __init__(self, wires: dict[str, Wire], retries: int) -> None:
        """`wires`: by provider or dialect; "" is everybody else's."""
        self._wires, self.retries = wires, retries

    def of(self, deployment: Deployment) -> Wire:
        return self._wires.get(deployment.provider) or self._wires.get(deployment.dialect) or self._wires[""]

    async def close(self) -> None:
        for wire in {id(wire): wire for wire in self._wires.values()}.values():
            await wire.close()
