"""The tools that exist here, by name: those that ship, those an administrator switched on or added."""

import asyncio
from collections.abc import Iterable, Sequence
from threading import Thread

from core.errors import InvalidError
from core.messages import Tool
from core.settings import Settings
from core.tools.addresses import Hosts
from core.tools.calculator import calculator
from core.tools.clock import add_to_date, date_and_time, days_between
from core.tools.function import FunctionTool
from core.tools.mcp_servers import McpServer, servers_of, tools_of
from core.tools.own import own_tools
from core.tools.units import convert_units
from core.tools.usage import Report, usage_tool
from core.tools.web import web_tool

FOLDER = "tools"
_IT_STAYS = "It is asked again by itself; if this stays, check its address in MCP_SERVERS."


class Tools:
    """`named` leaves out names that are no longer there, so that an old assistant still answers."""

    def __init__(self, tools: Iterable[Tool] = (), problems: Sequence[str] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self._tools.setdefault(tool.name, tool)
        self._problems = tuple(problems)
        self._silent: dict[str, str] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each own tool that cannot be used, and for each MCP server that has not answered."""
        return (*self._problems, *self._silent.values())

    @classmethod
    def open(cls, settings: Settings, usage: Report | None = None) -> "Tools":
        """What ships, the web reader when `http_tool_hosts` lists hosts, the files in `data_dir`/tools, MCP servers."""
        functions = (calculator, date_and_time, days_between, add_to_date, convert_units)
        tools: list[Tool] = [FunctionTool(function) for function in functions]
        if usage is not None:
            tools.append(usage_tool(usage))
        if settings.http_tool_hosts:
            tools.append(web_tool(Hosts(settings.http_tool_hosts)))
        own, problems = own_tools(settings.data_dir / FOLDER)
        opened = cls((*tools, *own), problems)
        servers = servers_of(settings.mcp_servers, settings.mcp_tokens.get_secret_value())
        if servers:
            opened.ask_servers(servers)
        return opened

    def ask_servers(self, servers: Sequence[McpServer], again_s: float = 5.0) -> Thread:
        """Learn in the background which tools MCP servers offer; they appear as each server answers.

        One that does not is asked again after `again_s`, then after twice as long each time, up to a minute.
        """

        async def learn(server: McpServer) -> None:
            pause = again_s
            while True:
                try:
                    found = await tools_of(server)
                except InvalidError as error:
                    self._silent = {**self._silent, server.name: f"{error} {_IT_STAYS}"}
                else:
                    break
                await asyncio.sleep(pause)
                pause = min(60.0, pause * 2)
            self._tools = {**{tool.name: tool for tool in found}, **self._tools}
            self._silent = {name: said for name, said in self._silent.items() if name != server.name}

        async def learn_all() -> None:
            await asyncio.gather(*(learn(server) for server in servers))

        thread = Thread(target=lambda: asyncio.run(learn_all()), name="mcp servers", daemon=True)
        thread.start()
        return thread

    def all(self) -> tuple[Tool, ...]:
        return tuple(self._tools.values())

    def named(self, names: Sequence[str]) -> tuple[Tool, ...]:
        return tuple(self._tools[name] for name in names if name in self._tools)
