"""Tools of MCP servers over HTTP, by an administrator's settings alone; the official client does the talking."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from core.errors import InvalidError, SettingsError
from core.messages import Json

LIST_S = 15.0
CALL_S = 45.0
MOST_TOOLS = 100
LONGEST_DESCRIPTION = 2_000
LARGEST_SCHEMA = 50_000
LONGEST_RESULT = 100_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")


@dataclass(frozen=True, slots=True)
class McpServer:
    name: str
    url: str
    token: str | None = field(default=None, repr=False)


class McpTool:
    """A server's tool, named `server_tool`. Unless the server says that it only reads, people are asked first."""

    def __init__(self, server: McpServer, tool: Any) -> None:
        self._server = server
        self._name = str(tool.name)
        self.name = f"{server.name}_{re.sub('[^a-z0-9_]', '_', self._name.lower())}"[:64]
        self.description = str(tool.description or tool.title or self._name)[:LONGEST_DESCRIPTION]
        self.parameters: Json = {"type": "object", "properties": {}, **dict(tool.input_schema or {})}
        self.side_effects = not (tool.annotations and tool.annotations.read_only_hint)
        self.source = server.name

    async def call(self, arguments: str) -> str:
        try:
            given = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            raise InvalidError(f"{self.name}: the arguments must be a JSON object.")
        try:
            async with asyncio.timeout(CALL_S), connected(self._server) as client:
                result = await client.call_tool(self._name, given)
        except TimeoutError:
            raise InvalidError(f"{self._server.name} did not answer within {CALL_S:.0f} seconds.") from None
        except Exception as error:
            # the client raises groups of whatever its transport, its parser or the server came up with
            raise InvalidError(f"{self._server.name} could not be asked ({_kind(error)}).") from error
        text = "\n".join(_text(block) for block in result.content)[:LONGEST_RESULT]
        if result.is_error:
            raise InvalidError(f"{self.name}: {text[:500] or 'the tool failed'}")
        return text


def servers_of(entries: Sequence[str], tokens: str) -> tuple[McpServer, ...]:
    """`name=url` entries, and "name=token,name=token". Raises SettingsError."""
    known = dict(pair.strip().split("=", 1) for pair in tokens.split(",") if "=" in pair)
    servers = []
    for entry in entries:
        name, _, url = entry.partition("=")
        parts = urlsplit(url)
        if not _NAME.fullmatch(name) or parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise SettingsError(
                "MCP_SERVERS lists servers as name=https://host/path, separated by commas; correct it and start again.",
                variable="MCP_SERVERS",
            )
        servers.append(McpServer(name, url, known.get(name)))
    return tuple(servers)


async def tools_of(server: McpServer) -> list[McpTool]:
    """Raises InvalidError when the server does not answer."""
    try:
        async with asyncio.timeout(LIST_S), connected(server) as client:
            found = (await client.list_tools()).tools[:MOST_TOOLS]
    except Exception as error:
        # as above: groups of anything
        raise InvalidError(f"The MCP server {server.name} could not be asked ({_kind(error)}).") from error
    tools = [McpTool(server, tool) for tool in found]
    return [tool for tool in tools if len(json.dumps(dict(tool.parameters))) <= LARGEST_SCHEMA]


@asynccontextmanager
async def connected(server: McpServer) -> AsyncIterator[Any]:
    from httpx2 import AsyncClient, Timeout  # the client's own; slow to import, and few installations have a server
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": f"Bearer {server.token}"} if server.token else None
    async with (
        AsyncClient(headers=headers, timeout=Timeout(CALL_S), trust_env=False) as http,
        Client(streamable_http_client(server.url, http_client=http), read_timeout_seconds=CALL_S) as client,
    ):
        yield client


def _kind(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


def _text(block: Any) -> str:
    text = getattr(block, "text", None)
    return text if isinstance(text, str) else f"[{block.type}]"
