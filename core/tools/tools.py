"""The tools that exist here, by name."""

from collections.abc import Iterable, Sequence

from core.messages import Tool


class Tools:
    """`named` leaves out names that are no longer there, so that an old assistant still answers."""

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools = {tool.name: tool for tool in tools}

    def all(self) -> tuple[Tool, ...]:
        return tuple(self._tools.values())

    def named(self, names: Sequence[str]) -> tuple[Tool, ...]:
        return tuple(self._tools[name] for name in names if name in self._tools)
