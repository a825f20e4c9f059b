"""Which hosts the platform may ask on a model's behalf: listed by an administrator, checked address by address."""

import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from core.errors import InvalidError

INSIDE = "inside:"


class Hosts:
    """Entries: `example.com`, `*.example.com`, `example.com:8443`, and `inside:wiki.corp` for a host with a private
    address. Every address of any other host must be public, whatever its name promises."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._public = tuple(entry.lower() for entry in entries if not entry.startswith(INSIDE))
        self._inside = tuple(entry.removeprefix(INSIDE).lower() for entry in entries if entry.startswith(INSIDE))

    def check_url(self, url: str) -> str:
        """The URL as it will be asked. Raises InvalidError."""
        if len(url) > 2_000 or any(ord(character) <= 32 or character in '\\"<>^`{|}\x7f' for character in url):
            raise InvalidError("This is not a web address.")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise InvalidError("This is not a web address.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidError("Only http and https addresses can be read.")
        if parts.username is not None or parts.password is not None:
            raise InvalidError("An address with a user name in it is not read.")
        default = 443 if parts.scheme == "https" else 80
        if not self._listed(parts.hostname, port or default, default, self._public + self._inside):
            raise InvalidError(f"{parts.hostname} is not on the list of hosts that an administrator allowed.")
        return url

    def allows(self, host: str, port: int, address: str) -> bool:
        """Whether this address may be connected to for that listed host."""
        if self._listed(host, port, port, self._inside):
            return True
        return is_public(address)

    def _listed(self, host: str, port: int, default: int, entries: Sequence[str]) -> bool:
        host = host.lower().rstrip(".")
        for entry in entries:
            name, _, wanted = entry.partition(":") if entry.count(":") == 1 else (entry.strip("[]"), "", "")
            if str(port) != (wanted or str(default)):
                continue
            if host == name or (name.startswith("*.") and host.endswith(name[1:]) and host != name[2:]):
                return True
        return False


def is_public(address: str) -> bool:
    """By value, so that every spelling counts alike; IPv6 that carries an IPv4 address counts as that one."""
    try:
        found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


class CheckedResolver(AbstractResolver):
    """Hands out only addresses that were checked; the connection goes to one of them and nowhere else."""

    def __init__(self, hosts: Hosts, inner: AbstractResolver | None = None) -> None:
        self._hosts = hosts
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found or not all(self._hosts.allows(host, port, str(entry["host"])) for entry in found):
            raise InvalidError(f"{host} leads to an address inside a private network, which is not read.")
        return found

    async def close(self) -> None:
        await self._inner.close()
