"""Reads a web page for a model: listed hosts only, every address and redirect checked, size and time capped."""

import html
import ipaddress
from urllib.parse import urljoin, urlsplit

import aiohttp

from core.errors import InvalidError
from core.tools.addresses import CheckedResolver, Hosts
from core.tools.function import FunctionTool

LARGEST = 1024 * 1024
LONGEST_TEXT = 50_000
TOTAL_S = 15.0
MOST_REDIRECTS = 5
READABLE = ("text/", "application/json", "application/xml", "application/xhtml+xml", "application/ld+json")


def web_tool(hosts: Hosts, resolver: CheckedResolver | None = None) -> FunctionTool:
    async def read_web_page(url: str) -> str:
        """Read a page or a JSON document from the web and return its text. Only hosts an administrator listed.

        url: the full address, beginning with https:// or http://
        """
        connector = aiohttp.TCPConnector(resolver=resolver or CheckedResolver(hosts), ttl_dns_cache=0, force_close=True)
        timeout = aiohttp.ClientTimeout(total=TOTAL_S)
        try:
            async with aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            ) as session:
                return await _read(session, hosts, url)
        except TimeoutError:
            raise InvalidError(f"The page did not come within {TOTAL_S:.0f} seconds.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise InvalidError(f"The page could not be read ({type(error).__name__}).") from None

    return FunctionTool(read_web_page)


async def _read(session: aiohttp.ClientSession, hosts: Hosts, url: str) -> str:
    for _ in range(MOST_REDIRECTS + 1):
        _check(hosts, url)
        headers = {"Accept-Encoding": "identity", "User-Agent": "Plainsight"}
        async with session.get(url, allow_redirects=False, headers=headers) as response:
            if response.status in (301, 302, 303, 307, 308):
                url = urljoin(url, response.headers.get("Location", ""))
                continue
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise InvalidError("The page came packed, which was not asked for.")
            if not response.content_type.startswith(READABLE):
                raise InvalidError(f"The page is {response.content_type[:60]}, which is not text.")
            body, cut = await _body(response)
            text = _text(body.decode(response.charset or "utf-8", "replace"), response.content_type)
            note = "\n[cut: the page is longer]" if cut or len(text) > LONGEST_TEXT else ""
            return f"HTTP {response.status}\n\n{text[:LONGEST_TEXT]}{note}"
    raise InvalidError("The page sends from one address to the next without end.")


def _check(hosts: Hosts, url: str) -> None:
    hosts.check_url(url)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if not hosts.allows(host, port, str(address)):
        raise InvalidError(f"{host} is an address inside a private network, which is not read.")


async def _body(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    body = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > LARGEST:
            return bytes(body[:LARGEST]), True
    return bytes(body), False


def _text(text: str, content_type: str) -> str:
    """HTML without its tags, scripts and styles, in one pass; anything else as it is."""
    if "html" not in content_type:
        return text
    lower, pieces, at = text.lower(), [], 0
    while at < len(text):
        start = text.find("<", at)
        if start < 0:
            pieces.append(text[at:])
            break
        pieces.append(text[at:start])
        end = _after_element(lower, start)
        pieces.append("\n" if lower.startswith(("<p", "<br", "<li", "<h", "<tr", "<div"), start) else " ")
        at = end
    lines = (" ".join(line.split()) for line in html.unescape("".join(pieces)).splitlines())
    return "\n".join(line for line in lines if line)


def _after_element(lower: str, start: int) -> int:
    for opening, closing in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
        if lower.startswith(opening, start):
            end = lower.find(closing, start)
            if end < 0:
                return len(lower)
            start = end
            break
    end = lower.find(">", start)
    return len(lower) if end < 0 else end + 1
