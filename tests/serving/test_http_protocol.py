"""What arrives on the socket and is no sound HTTP: refused in the service's form, and never read
in two ways. The server is the real one, in a process of its own."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from serving.http_protocol import MOST_HEAD_BYTES, MOST_HEADERS
from serving.wording.envelope import CODES, SPECIAL
from tests.serving.conftest import IDENTITY_NUMBER, tiny_project
from tests.serving.test_server_process import environment

SERVE = """
import os
from serving.application import serve
from serving.http_protocol import HttpProtocol
from serving.settings import Limits, service_settings
HttpProtocol.head_seconds = 1.0
limits = Limits(read_seconds=1, body_bytes=100_000)
serve(service_settings(os.environ).model_copy(update={"limits": limits}))
"""
PATIENCE = 30
BODY = json.dumps({"project": tiny_project()}).encode()
SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
OPEN = b"<the connection stays open>"


@dataclass
class Server:
    """A server process, and what it has said on its standard error so far is in `log`."""

    port: int
    log: Path

    def sent(self, *pieces: bytes, pause: float = 0, wait: float = PATIENCE) -> bytes:
        """Everything that comes back until the server closes, or has been silent for `wait`."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    break  # refused before its end
                time.sleep(pause)
            return self._received(connection, wait)

    def _received(self, connection: socket.socket, wait: float) -> bytes:
        connection.settimeout(wait)
        received = b""
        while True:
            try:
                block = connection.recv(1 << 16)
            except TimeoutError:
                return received + OPEN
            except ConnectionResetError:
                return received
            if not block:
                return received
            received += block


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is less patient than usual: a second for a head, a second for a body."""
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env=environment(home, LINGJI_RECORDS=f"sqlite:///{log.parent}/records.db"),
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline().split("/")[2].rpartition(":")[2])
        yield Server(port, log)
        process.terminate()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        said = log.read_text(encoding="utf-8")
        assert "Traceback" not in said
        assert "unexpected" not in said
        assert IDENTITY_NUMBER not in said
    finally:
        process.kill()
        process.communicate()


def question(*headers: bytes, path: bytes = b"/score", body: bytes = b"") -> bytes:
    """A question with these headers beside the usual ones, and a body."""
    usual = (b"Host: localhost", b"Content-Type: application/json", b"Connection: close")
    lines = [b"POST " + path + b" HTTP/1.1", *usual, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def asked(line: bytes, *headers: bytes) -> bytes:
    """A request without a body: its first line, then headers."""
    return b"\r\n".join([line, *headers]) + b"\r\n\r\n"


def chunked(body: bytes = BODY, size: bytes | None = None, end: bytes = b"\r\n") -> bytes:
    """A body in one chunk."""
    told = b"%x" % len(body) if size is None else size
    return told + end + body + end + b"0" + end + end


def length(number: int | bytes) -> bytes:
    return b"Content-Length: %b" % (number if isinstance(number, bytes) else b"%d" % number)


HERE = len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
HOST = b"Host: localhost"
GET = b"GET /readyz HTTP/1.1"
NOT_HTTP = {
    "two equal lengths": question(length(HERE), length(HERE), body=BODY),
    "two lengths": question(length(HERE), length(5), body=BODY),
    "a list of lengths": question(length(b"%d, %d" % (HERE, HERE)), body=BODY),
    "length and chunked": question(length(HERE), CHUNKED, body=chunked()),
    "chunked and length": question(CHUNKED, length(4), body=chunked() + SMUGGLED),
    "chunked in disguise": question(b"Transfer-Encoding: xchunked", body=chunked()),
    "chunked, then another": question(b"Transfer-Encoding: chunked, identity", body=chunked()),
    "chunked, then another line": question(CHUNKED, b"Transfer-Encoding: gzip", body=chunked()),
    "chunked before a blank": question(b"Transfer-Encoding : chunked", body=chunked()),
    "chunked after a control": question(b"Transfer-Encoding: \x0bchunked", body=chunked()),
    "chunked on a folded line": question(b"Transfer-Encoding:\r\n chunked", body=chunked()),
    "size of a chunk is no number": question(CHUNKED, body=chunked(size=b"zz")),
    "size of a chunk is negative": question(CHUNKED, body=chunked(size=b"-1")),
    "size of a chunk is too large": question(CHUNKED, body=chunked(size=b"F" * 18)),
    "size of a chunk with 0x": question(CHUNKED, body=chunked(size=b"0x%x" % HERE)),
    "chunks end without CR": question(CHUNKED, body=chunked(end=b"\n")),
    "a length after the chunks": question(CHUNKED, body=chunked()[:-2] + length(5) + b"\r\n\r\n"),
    "negative length": question(length(-5), body=BODY),
    "length with a sign": question(length(b"+%d" % HERE), body=BODY),
    "length in words": question(length(b"many"), body=BODY),
    "length of 23 digits": question(length(b"9" * 23), body=BODY),
    "no length after the name": question(length(b""), body=BODY),
    "length in full width digits": question(length("１２".encode()), body=BODY),
    "no host": asked(GET),
    "two hosts": asked(GET, HOST, b"Host: evil.example"),
    "two equal hosts": asked(GET, HOST, HOST),
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3.7": asked(b"GET /readyz HTTP/3.7", HOST),
    "a tunnel": asked(b"CONNECT evil.example:443 HTTP/1.1", HOST),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100,
    "NUL in a header": asked(GET, HOST, b"X-A: a\x00b"),
    "CR in a header": asked(GET, HOST, b"X-A: a\rb"),
    "a header without colon": asked(GET, HOST, b"nothing"),
    "a header in Chinese": asked(GET, HOST, "项目: a".encode()),
    "NUL in the path": asked(b"GET /rea\x00dyz HTTP/1.1", HOST),
    "Chinese in the path": asked("GET /记录 HTTP/1.1".encode(), HOST),
    "Latin in the query": asked(b"GET /records?project_id=\xe9 HTTP/1.1", HOST),
    "a blank in the path": asked(b"GET /a b HTTP/1.1", HOST),
    "small letters": asked(b"get /readyz http/1.1", HOST),
    "lines without CR": b"GET /readyz HTTP/1.1\nHost: localhost\n\n",
    "not HTTP at all": b"\x00" * 64,
}  # fmt: skip
TOO_LARGE = {
    "very many headers": asked(GET, HOST, *(b"X-%d: a" % n for n in range(200_000))),
    "one header too many": asked(GET, HOST, *(b"X: a" for _ in range(MOST_HEADERS))),
    "a long header": asked(GET, HOST, b"X-A: " + b"a" * MOST_HEAD_BYTES),
    "a header without end": GET + b"\r\nHost: localhost\r\nX-A: " + b"a" * 5_000_000,
    "a name without end": GET + b"\r\nHost: localhost\r\n" + b"a" * 5_000_000,
    "a long query": asked(
        b"GET /records?project_id=" + b"a" * MOST_HEAD_BYTES + b" HTTP/1.1", HOST
    ),
    "many cookies": asked(GET, HOST, *(b"Cookie: a=" + b"b" * 4_000 for _ in range(20))),
}


def assert_refused(received: bytes, status: int, code: str | None = None) -> None:
    """One answer came back, in the form of all errors, and the connection was closed."""
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0].startswith(b"http/1.1 %d " % status), received[:200]
    assert {b"connection: close", b"content-type: application/json"} < set(lines)
    error = json.loads(body)["error"]
    assert error["code"] == (code or CODES[status][0])
    assert list(error) == ["code", "message", "details"]


def is_alive(server: Server) -> bool:
    return b'{"status":"alive"}' in server.sent(
        asked(b"GET /livez HTTP/1.1", HOST, b"Connection: close")
    )


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_no_http_is_refused_and_nothing_behind_it_is_read(
    server: Server, name: str
) -> None:
    received = server.sent(NOT_HTTP[name])
    assert_refused(received, SPECIAL["not_http"][0], "not_http")
    assert b"lingji_requests" not in received
    assert is_alive(server)


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_head_has_limits(server: Server, name: str) -> None:
    assert_refused(server.sent(TOO_LARGE[name]), 431)
    assert is_alive(server)


def test_control_the_requests_that_are_spoilt_here_are_answered(server: Server) -> None:
    for good in (
        question(length(HERE), body=BODY),
        question(CHUNKED, body=chunked()),
        question(b"Transfer-Encoding:\tchunked", body=chunked()),
        question(CHUNKED, body=chunked(size=b"%x;of=one" % HERE)),
        asked(GET, HOST, b"Connection: close"),
        asked(b"GET /readyz HTTP/1.0"),
        asked(GET, HOST, b"Connection: close", *(b"X: a" for _ in range(MOST_HEADERS - 2))),
        asked(GET, HOST, b"Connection: close", b"X-A: " + b"a" * (MOST_HEAD_BYTES - 200)),
    ):
        received = server.sent(good)
        assert received.startswith(b"HTTP/1.1 200 "), received[:200]
        assert received.count(b"HTTP/1.1 ") == 1


def test_a_body_longer_than_it_says_is_not_the_next_request(server: Server) -> None:
    received = server.sent(question(length(HERE), body=BODY + SMUGGLED))
    assert received.count(b"HTTP/1.1 ") == 1, "the connection was to be closed"
    assert b"lingji_requests" not in received


def test_the_body_of_a_refused_request_is_not_the_next_one(server: Server) -> None:
    for path, kind in ((b"/nothing", b"application/json"), (b"/score", b"text/plain")):
        head = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\n" % (path, kind)
        received = server.sent(head + length(len(SMUGGLED)) + b"\r\n\r\n" + SMUGGLED, wait=0.3)
        assert received.count(b"HTTP/1.1 ") == 1
        assert b"lingji_requests" not in received


def test_what_is_no_http_behind_a_question_is_not_taken_for_its_answer(server: Server) -> None:
    keeping = question(length(HERE), body=BODY).replace(b"Connection: close\r\n", b"")
    received = server.sent(keeping + b"\x00" * 64)
    assert b"not_http" not in received


@pytest.mark.parametrize("coding", [b"gzip", b"gzip, chunked", b"deflate, chunked"])
def test_a_coded_body_is_refused_unread(server: Server, coding: bytes) -> None:
    """A few kilobytes may hold gigabytes."""
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    name = b"Transfer-Encoding" if b"chunked" in coding else b"Content-Encoding"
    framed = chunked(bomb) if b"chunked" in coding else bomb
    framing = [] if b"chunked" in coding else [length(len(bomb))]
    received = server.sent(question(name + b": " + coding, *framing, body=framed))
    assert_refused(received, 415)


@pytest.mark.parametrize("path", [b"/score", b"/what_if", b"/improvements"])
def test_a_body_too_long_is_refused_however_it_comes(server: Server, path: bytes) -> None:
    blank = b" " * 150_000
    assert_refused(server.sent(question(length(len(blank)), path=path, body=blank)), 413)
    pieces = [b"%x\r\n%b\r\n" % (1000, b" " * 1000)] * 150
    assert_refused(server.sent(question(CHUNKED, path=path), *pieces, b"0\r\n\r\n"), 413)


@pytest.mark.parametrize("framing", [length(HERE), CHUNKED], ids=["length", "chunked"])
def test_a_body_that_drips_is_given_up(server: Server, framing: bytes) -> None:
    framed = chunked() if framing is CHUNKED else BODY
    drops = [framed[place : place + 1] for place in range(20)]
    received = server.sent(question(framing), *drops, pause=0.1)
    assert_refused(received, 408)


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET ", GET + b"\r\nHost: local", GET + b"\r\nHost: localhost\r\n"],
    ids=["silence", "a word", "half a line", "no end"],
)
def test_a_head_that_does_not_come_is_given_up(server: Server, begun: bytes) -> None:
    pieces = [begun] if begun else []
    assert_refused(server.sent(*pieces), 408)


def test_a_head_that_drips_is_given_up(server: Server) -> None:
    begun = GET + b"\r\nHost: localhost\r\nX-A: "
    assert_refused(server.sent(begun, *[b"a"] * 20, pause=0.1), 408)


def test_control_two_requests_on_one_connection_are_both_answered(server: Server) -> None:
    keeping = question(length(HERE), body=BODY).replace(b"Connection: close\r\n", b"")
    last = question(length(HERE), body=BODY)
    at_once = server.sent(keeping + last)
    assert at_once.count(b"HTTP/1.1 200 ") == 2
    slowly = server.sent(keeping, last, pause=1.5)
    assert slowly.count(b"HTTP/1.1 200 ") == 2, "between requests there is more time"


def test_nothing_of_a_damaged_request_is_logged(server: Server) -> None:
    secret = IDENTITY_NUMBER.encode()
    server.sent(question(b"X-A: a\x00" + secret, length(HERE), body=BODY))
    server.sent(question(length(len(secret) + 1), body=b"{" + secret))
    server.sent(asked(b"GET /" + secret + b" HTTP/1.1", HOST, b"Connection: close"))
    assert secret not in server.log.read_bytes()
