"""The web page reader against real servers on loopback: lists, addresses, redirects, size, time, packing."""

import gzip
import json
import socket

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver

from core.errors import InvalidError
from core.settings import load_settings
from core.tools.addresses import CheckedResolver, Hosts, is_public
from core.tools.tools import Tools
from core.tools.web import web_tool

PAGE = "<title>T</title><script>evil()</script><p>Good <b>day</b> &amp; more"


class Names(AbstractResolver):
    """A name server that gives each question the next of its answers, so that names can change between two looks."""

    def __init__(self, port, **answers):
        self.port = port
        self.answers = {name.replace("_", "."): list(addresses) for name, addresses in answers.items()}

    async def resolve(self, host, port=0, family=socket.AF_INET):
        known = self.answers[host]
        address = known.pop(0) if len(known) > 1 else known[0]
        entry = {"hostname": host, "host": address, "port": self.port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [entry]

    async def close(self):
        pass


@pytest.fixture
async def server():
    async def page(request):
        return web.Response(text=PAGE, content_type="text/html")

    async def away(request):
        raise web.HTTPFound(request.query["to"])

    async def circle(request):
        raise web.HTTPFound("/circle")

    async def large(request):
        return web.Response(text="x" * (3 * 2**20))

    async def packed(request):
        body = gzip.compress(b"\0" * 10**7)
        return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})

    async def picture(request):
        return web.Response(body=b"\x89PNG", content_type="image/png")

    app = web.Application()
    for name, handler in {
        "page": page,
        "away": away,
        "large": large,
        "packed": packed,
        "picture": picture,
        "circle": circle,
    }.items():
        app.router.add_get(f"/{name}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def read(tool, url):
    return await tool.call(json.dumps({"url": url}))


async def test_a_listed_page_is_read_as_text(server):
    tool = web_tool(Hosts((f"inside:127.0.0.1:{server}",)))
    assert await read(tool, f"http://127.0.0.1:{server}/page") == "HTTP 200\n\nT\nGood day & more"


async def test_what_is_large_packed_or_no_text(server):
    tool = web_tool(Hosts((f"inside:127.0.0.1:{server}",)))
    assert (await read(tool, f"http://127.0.0.1:{server}/large")).endswith("[cut: the page is longer]")
    for path in ("packed", "picture"):
        with pytest.raises(InvalidError):
            await read(tool, f"http://127.0.0.1:{server}/{path}")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "file:///etc/passwd",
        "http://other.example/",
        "//x",
        "/circle",
    ],
)
async def test_redirects_are_checked_again(server, target):
    tool = web_tool(Hosts((f"inside:127.0.0.1:{server}",)))
    with pytest.raises(InvalidError):
        await read(tool, f"http://127.0.0.1:{server}/away?to={target}")


async def test_a_public_name_that_leads_inside_is_refused_also_when_it_changes_its_mind(server):
    hosts = Hosts((f"public.example:{server}",))
    inside = CheckedResolver(hosts, Names(server, public_example=["127.0.0.1"]))
    with pytest.raises(InvalidError, match="private network"):
        await read(web_tool(hosts, inside), f"http://public.example:{server}/page")
    turning = Names(server, public_example=["93.184.216.34", "127.0.0.1"])
    resolver = CheckedResolver(hosts, turning)
    assert (await resolver.resolve("public.example", server))[0]["host"] == "93.184.216.34"
    with pytest.raises(InvalidError):
        await resolver.resolve("public.example", server)


async def test_the_connection_goes_to_the_address_that_was_checked(server):
    hosts = Hosts((f"inside:wiki.example:{server}",))
    resolver = CheckedResolver(hosts, Names(server, wiki_example=["127.0.0.1"]))
    assert "Good day" in await read(web_tool(hosts, resolver), f"http://wiki.example:{server}/page")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://example.com@127.0.0.1/",
        "http://user:pw@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com:99999/",
        "http://example.com:8080/",
        "https://example.com.evil.net/",
        "https://evilexample.com/",
        "gopher://example.com/",
        "javascript:alert(1)",
        "http://exa mple.com/",
        "http:///x",
        "",
        "x" * 50_000,
    ],
)
async def test_addresses_that_are_not_listed(url):
    tool = web_tool(Hosts(("example.com", "*.example.com")))
    with pytest.raises(InvalidError):
        await read(tool, url)


def test_lists_of_hosts():
    hosts = Hosts(("docs.example.com", "*.wiki.org", "api.example.com:8443"))
    for url in (
        "https://docs.example.com/a?b#c",
        "http://de.wiki.org",
        "https://api.example.com:8443/x",
        "https://DOCS.example.com./",
    ):
        assert hosts.check_url(url) == url
    for url in ("https://wiki.org/", "https://api.example.com/", "https://docs.example.com:444/"):
        with pytest.raises(InvalidError):
            hosts.check_url(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.1.1",
        "172.16.0.1",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:a00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "nonsense",
        "ff02::1",
    ],
)
def test_addresses_inside(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::", "8.8.8.8"])
def test_addresses_outside(address):
    assert is_public(address)


def test_the_reader_is_off_until_hosts_are_listed(tmp_path):
    off = load_settings(_env_file=None, data_dir=tmp_path)
    on = load_settings(_env_file=None, data_dir=tmp_path, http_tool_hosts="example.com")
    assert "read_web_page" not in {tool.name for tool in Tools.open(off).all()}
    assert "read_web_page" in {tool.name for tool in Tools.open(on).all()}
