"""A real MCP server on loopback: one tool that only reads, one that would change something and fails."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from starlette.applications import Starlette


def wiki() -> Starlette:
    server = MCPServer("wiki")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def look_up(word: str) -> str:
        """Look a word up."""
        return f"{word} means something"

    @server.tool()
    def Write_Page(title: str) -> str:  # noqa: N802
        """Write a page."""
        raise ValueError("the wiki is closed")

    return server.streamable_http_app(json_response=True, stateless_http=True)


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """Its address, for as long as it serves."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(wiki(), log_level="error", ws="none"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}/mcp"
        server.should_exit = True
        thread.join()
