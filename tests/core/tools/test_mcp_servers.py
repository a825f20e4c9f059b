"""MCP servers over HTTP: a real one on loopback, offered, asked, failing, and one that is not there."""

import json
import socket
import time
from collections.abc import Callable

import pytest

from core.errors import InvalidError, SettingsError
from core.settings import load_settings
from core.tools.mcp_servers import McpServer, servers_of, tools_of
from core.tools.tools import Tools
from tests.upstreams.wiki import serving


@pytest.fixture(scope="module")
def url():
    with serving() as address:
        yield address


async def test_what_a_server_offers_can_be_called(url):
    read, write = sorted(await tools_of(McpServer("wiki", url)), key=lambda tool: tool.name)
    assert (read.name, read.description, read.side_effects) == ("wiki_look_up", "Look a word up.", False)
    assert read.parameters["properties"]["word"]["type"] == "string"
    assert await read.call(json.dumps({"word": "turn"})) == "turn means something"
    assert (write.name, write.side_effects) == ("wiki_write_page", True)
    with pytest.raises(InvalidError, match="wiki_write_page"):
        await write.call('{"title": "x"}')
    for wrong in ("nonsense", "[]", "[" * 100_000):
        with pytest.raises(InvalidError):
            await read.call(wrong)


async def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(InvalidError, match="The MCP server gone could not be asked"):
        await tools_of(McpServer("gone", "http://127.0.0.1:9/mcp"))


def test_servers_come_from_the_settings_and_answer_in_the_background(tmp_path, url):
    settings = load_settings(
        _env_file=None,
        data_dir=tmp_path,
        mcp_servers=f"wiki={url},gone=http://127.0.0.1:9/mcp",
        mcp_tokens="wiki=canary",
    )
    tools = Tools.open(settings)
    until(lambda: tools.problems and tools.named(["wiki_look_up"]))
    assert [said.partition(" It is")[0] for said in tools.problems] == [
        "The MCP server gone could not be asked (ConnectError)."
    ]
    assert "canary" not in repr(settings)
    assert "canary" not in repr(servers_of(settings.mcp_servers, settings.mcp_tokens.get_secret_value()))


def test_a_server_that_comes_later_is_learnt_then():
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    tools = Tools()
    learning = tools.ask_servers([McpServer("wiki", f"http://127.0.0.1:{port}/mcp")], again_s=0.05)
    until(lambda: tools.problems)
    assert "check its address in MCP_SERVERS" in tools.problems[0]
    with serving(port):
        until(lambda: tools.named(["wiki_look_up"]))
        learning.join(20)
    assert tools.problems == ()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("entry", ["x", "x=ftp://a", "X=http://a", "../x=http://a", "x=http://u:p@a/", "=http://a"])
def test_a_wrong_entry_is_one_sentence(entry):
    with pytest.raises(SettingsError, match="MCP_SERVERS"):
        servers_of((entry,), "")
