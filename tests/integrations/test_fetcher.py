"""Files from addresses: public ones only, within limits, whatever name service and server try."""

import gzip
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from market.catalog.gateway import FetchFault
from market.integrations import fetcher
from market.integrations.fetcher import PublicFetcher, is_public, resolve


@pytest.fixture
def server():
    """A server on this machine; `answers` maps a path to status, headers and body."""
    answers, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            status, headers, body = answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://pumps.example:{running.server_port}", answers, asked
    running.shutdown()
    running.server_close()


def here(_host, _port):
    return ["127.0.0.1"]


@pytest.fixture
def friendly():
    """A fetcher for which this machine is the world."""
    return PublicFetcher(resolver=here, allowed=lambda _address: True)


def code(fetch, address):
    with pytest.raises(FetchFault) as told:
        fetch.fetch(address)
    return told.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2001:db8::1", "nonsense", "",
    ],
)  # fmt: skip
def test_no_private_address_passes(address):
    """Loopback, private, link-local, shared, documentation, and each of them in an IPv6 disguise."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "193.5.93.80", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address):
    """The world is reached."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/x", "http://127.0.0.1/x", "http://2130706433/x", "http://0x7f000001/x", "http://017700000001/x",
        "http://127.1/x", "http://0/x", "http://[::1]/x", "http://[::ffff:127.0.0.1]/x", "http://[::ffff:7f00:1]/x",
    ],
)  # fmt: skip
def test_no_spelling_of_this_machine_passes(address):
    """Decimal, hexadecimal, octal, short and IPv6 spellings: the system resolves them, the check sees through."""
    assert code(PublicFetcher(), address) in ("not_public", "unknown_host")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://pumps.example/x", "no_address"),
        ("file:///etc/passwd", "no_address"),
        ("https://", "no_address"),
        ("http://pumps.example:99999/", "no_address"),
        ("http://pumps.example/a b", "no_address"),
        ("http://pumps.example/\r\nX: y", "no_address"),
        ("http://anna:secret@pumps.example/", "password"),
        ("http://pumps.example:22/", "port"),
    ],
)
def test_only_plain_web_addresses_are_taken(friendly, address, reason):
    """No other schemes, no passwords, no ports of other services, no smuggled lines."""
    assert reason == code(friendly, address)


def test_one_private_answer_among_public_ones_is_enough_to_refuse():
    """A name with two addresses, one of them inside."""
    assert "not_public" == code(PublicFetcher(resolver=lambda *_: ["8.8.8.8", "10.0.0.1"]), "http://pumps.example/")


def test_a_name_that_changes_its_answer_gains_nothing(server, monkeypatch):
    """Rebinding: the connection goes to the address that was checked, the name is not asked a second time."""
    address, answers, _asked = server
    answers["/x"] = (200, {}, b"a;b")
    told, connected = iter([["203.0.114.7"], ["127.0.0.1"]]), []

    def connect(place, timeout):
        connected.append(place[0])
        raise TimeoutError

    monkeypatch.setattr(fetcher.socket, "create_connection", connect)
    assert "no_answer" == code(PublicFetcher(resolver=lambda *_: next(told)), f"{address}/x")
    assert ["203.0.114.7"] == connected


def test_a_redirect_inside_is_refused(server):
    """Each hop is checked anew: a public server cannot send us to the inside."""
    address, answers, asked = server
    answers["/x"] = (302, {"Location": "http://inside.example/secret"}, b"")
    answers["/secret"] = (200, {}, b"secret")
    inside = PublicFetcher(
        resolver=lambda host, _port: ["10.0.0.1"] if host == "inside.example" else ["127.0.0.1"],
        allowed=lambda place: place == "127.0.0.1",
    )
    assert "not_public" == code(inside, f"{address}/x")
    assert ["/x"] == [path for path, _headers in asked]


def test_a_file_is_fetched_once(server, friendly):
    """Name, marks and bytes come; with the marks the server may say that nothing has changed."""
    address, answers, asked = server
    answers["/files/list.csv"] = (200, {"ETag": '"1"', "Last-Modified": "Wed, 03 Mar 2027 00:00:00 GMT"}, b"a;b")
    answers["/moved"] = (301, {"Location": "/files/list.csv"}, b"")
    first = friendly.fetch(f"{address}/moved")
    assert ("list.csv", b"a;b", '"1"') == (first.name, first.data, first.etag)
    answers["/files/list.csv"] = (304, {}, b"")
    assert friendly.fetch(f"{address}/moved", etag=first.etag, modified=first.modified).data is None
    assert '"1"' == asked[-1][1]["If-None-Match"]
    assert address.removeprefix("http://") == asked[-1][1]["Host"]


def test_too_much_is_refused(server, friendly, monkeypatch):
    """A large file, and a small one that unpacks to a large one; a loop; a slow server; an error."""
    address, answers, _asked = server
    monkeypatch.setattr(fetcher, "MAX_BYTES", 1000)
    answers["/large"] = (200, {}, b"x" * 2000)
    answers["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 100_000))
    answers["/small"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"small"))
    answers["/loop"] = (302, {"Location": "/loop"}, b"")
    answers["/broken"] = (500, {}, b"")
    assert ["too_large", "too_large", "redirects", "status"] == [
        code(friendly, address + path) for path in ("/large", "/bomb", "/loop", "/broken")
    ]
    assert b"small" == friendly.fetch(f"{address}/small").data
    monkeypatch.setattr(fetcher, "WHOLE_SECONDS", -1.0)
    assert "slow" == code(friendly, f"{address}/small")


def test_an_encrypted_server_must_prove_its_name(server, friendly):
    """Something else answers at the port: no file is taken from it."""
    address, _answers, _asked = server
    assert "certificate" == code(friendly, address.replace("http:", "https:") + "/x")


def test_the_system_resolver_gives_addresses():
    """What the check is given are addresses, never names."""
    assert all(
        socket.inet_pton(socket.AF_INET6 if ":" in each else socket.AF_INET, each) for each in resolve("127.0.0.1", 80)
    )
