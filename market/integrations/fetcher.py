"""Fetching files from addresses that people write down: implements catalog.gateway.Fetcher.

The address is resolved once, every answer of the name service must be public, and the connection goes to exactly the
address that was checked: a name that answers differently the second time (rebinding) gains nothing. Redirects are
followed by hand, each checked anew. No proxies, no cookies, no passwords; time and size are capped.
"""

import http.client
import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from market.catalog.gateway import Fetched, FetchFault
from market.kit.i18n import _

CONNECT_SECONDS = 10.0
WHOLE_SECONDS = 60.0
MAX_BYTES = 20 * 1024 * 1024
MAX_REDIRECTS = 4
CHUNK = 64 * 1024
PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Every address that the name service gives for a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address is out in the world: not this machine, not this network, not a disguise of either."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if hidden is None and ip in _NAT64:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden))
        if int(ip) >> 32 == 0:  # ::127.0.0.1 and its like
            return False
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class _Target:
    """An address taken apart, with the one place to connect to."""

    scheme: str
    host: str
    port: int
    path: str
    place: str


class PublicFetcher:
    """Fetches from public addresses; `resolver` and `allowed` are replaced in tests alone."""

    def __init__(self, *, resolver: Resolver = resolve, allowed: Callable[[str], bool] = is_public) -> None:
        self._resolve, self._allowed = resolver, allowed

    def fetch(self, address: str, *, etag: str = "", modified: str = "") -> Fetched:
        """Fetch a file of at most MAX_BYTES within WHOLE_SECONDS; raises FetchFault with a sentence for the institution."""
        until = time.monotonic() + WHOLE_SECONDS
        asked = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in asked.items() if value}
        for _hop in range(MAX_REDIRECTS + 1):
            target = self._target(address)
            connection = _connect(target)
            try:
                response = _ask(connection, target, headers)
                if response.status in (301, 302, 303, 307, 308):
                    onwards = urljoin(address, response.getheader("Location", ""))
                    if urlsplit(address).scheme == "https" and urlsplit(onwards).scheme != "https":
                        raise FetchFault("downgrade", _("The address sends us on to one that is not encrypted."))
                    address = onwards
                    continue
                return _taken(response, address, until)
            except (OSError, http.client.HTTPException, ssl.SSLError) as error:
                raise FetchFault("no_answer", _("The address does not answer ({reason})."), _reason(error)) from error
            finally:
                connection.close()
        raise FetchFault("redirects", _("The address sends us on and on."))

    def _target(self, address: str) -> _Target:
        try:
            parts = urlsplit(address)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise _no_address() from error
        if parts.scheme not in PORTS or not parts.hostname or not address.isprintable() or " " in address:
            raise _no_address()
        if parts.username is not None or parts.password is not None:
            raise FetchFault("password", _("The address must not hold a name or password."))
        if port not in PORTS.values() and port < 1024:
            raise FetchFault("port", _("This port is not for web pages."))
        try:
            host = parts.hostname.encode("idna").decode()
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFault("unknown_host", _("There is no server of this name.")) from error
        if not found or not all(map(self._allowed, found)):
            raise FetchFault("not_public", _("The address is not a public one."))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return _Target(parts.scheme, host, port, path.encode("ascii", "ignore").decode(), found[0])


def _no_address() -> FetchFault:
    return FetchFault("no_address", _("Write a whole address that begins with https://."))


def _reason(error: Exception) -> dict[str, object]:
    return {"reason": "timeout" if isinstance(error, TimeoutError) else type(error).__name__}


def _connect(target: _Target) -> http.client.HTTPConnection:
    """Connect to the place that was checked; the certificate must be the name's."""
    try:
        plain = socket.create_connection((target.place, target.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise FetchFault("no_answer", _("The address does not answer ({reason})."), _reason(error)) from error
    connection = http.client.HTTPConnection(target.host, target.port, timeout=CONNECT_SECONDS)
    connection.sock = plain
    if target.scheme == "https":
        try:
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except OSError as error:
            plain.close()
            raise FetchFault("certificate", _("The server cannot prove that it is the one named.")) from error
    return connection


def _ask(connection: http.client.HTTPConnection, target: _Target, headers: dict[str, str]) -> Any:
    named = target.host if target.port == PORTS[target.scheme] else f"{target.host}:{target.port}"
    told = {"Host": named, "User-Agent": "Ponte catalogue import", "Accept": "*/*", "Accept-Encoding": "gzip"}
    connection.request("GET", target.path, headers=told | {"Connection": "close"} | headers)
    return connection.getresponse()


def _taken(response: Any, address: str, until: float) -> Fetched:
    etag, modified = response.getheader("ETag", "")[:200], response.getheader("Last-Modified", "")[:60]
    name = unquote(urlsplit(address).path.rpartition("/")[2])[:120] or "catalogue"
    if response.status == 304:
        return Fetched(name, None, etag, modified)
    if response.status != 200:
        raise FetchFault("status", _("The server answers with the status {status}."), {"status": response.status})
    data = _body(response, until)
    if response.getheader("Content-Encoding", "").lower() == "gzip":
        data = _inflated(data)
    return Fetched(name, data, etag, modified)


def _body(response: Any, until: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(CHUNK):
        size += len(piece)
        if size > MAX_BYTES:
            raise _too_large()
        if time.monotonic() > until:
            raise FetchFault("slow", _("The server is too slow."))
        pieces.append(piece)
    return b"".join(pieces)


def _inflated(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise FetchFault("damaged", _("What the server sent is damaged.")) from error
    if unpacker.unconsumed_tail:
        raise _too_large()
    return text


def _too_large() -> FetchFault:
    return FetchFault("too_large", _("The file is larger than {limit} MB."), {"limit": MAX_BYTES // 1024 // 1024})
