"""The tools that exist here, by name: those that ship, those an administrator switched on or added."""

from collections.abc import Iterable, Sequence

from core.messages import Tool
from core.settings import Settings
from core.tools.addresses import Hosts
from core.tools.calculator import calculator
from core.tools.clock import add_to_date, date_and_time, days_between
from core.tools.function import FunctionTool
from core.tools.own import own_tools
from core.tools.units import convert_units
from core.tools.usage import Report, usage_tool
from core.tools.web import web_tool

FOLDER = "tools"


class Tools:
    """`named` leaves out names that are no longer there, so that an old assistant still answers."""

    def __init__(self, tools: Iterable[Tool] = (), problems: Sequence[str] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self._tools.setdefault(tool.name, tool)
        self.problems = tuple(problems)
        """One sentence for each own tool that could not be used."""

    @classmethod
    def open(cls, settings: Settings, usage: Report | None = None) -> "Tools":
        """What ships, the web page reader when `http_tool_hosts` lists hosts, and the files in `data_dir`/tools."""
        functions = (calculator, date_and_time, days_between, add_to_date, convert_units)
        tools: list[Tool] = [FunctionTool(function) for function in functions]
        if usage is not None:
            tools.append(usage_tool(usage))
        if settings.http_tool_hosts:
            tools.append(web_tool(Hosts(settings.http_tool_hosts)))
        own, problems = own_tools(settings.data_dir / FOLDER)
        return cls((*tools, *own), problems)

    def all(self) -> tuple[Tool, ...]:
        return tuple(self._tools.values())

    def named(self, names: Sequence[str]) -> tuple[Tool, ...]:
        return tuple(self._tools[name] for name in names if name in self._tools)
