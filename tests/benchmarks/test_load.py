"""The load on a service: what counts as an answer, and when one is complete."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import load


class _Moody(BaseHTTPRequestHandler):
    """Answers as the body says: a status, with Retry-After the first time."""

    protocol_version = "HTTP/1.1"
    put_off: set[str]

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["content-length"])).decode()
        status = int(said)
        if status == 503 and said not in self.put_off:
            self.put_off.add(said)
        elif status == 503:
            status = 200
        self.send_response(status)
        if status == 503:
            self.send_header("Retry-After", "0.01")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def moody() -> Iterator[int]:
    _Moody.put_off = set()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Moody) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize(
    ("bodies", "put_off", "wrong"), [(["200"], 0, False), (["503"], 1, False), (["500"], 0, True)]
)
def test_load_counts_answers_and_errors(
    moody: int, bodies: list[str], put_off: int, wrong: bool
) -> None:
    seen = load.run(load.Job(moody, "/", bodies, 2, 0.1))
    assert seen.put_off == put_off
    assert (seen.errors > 0) == wrong
    assert (len(seen.answers) > 1) != wrong
    assert seen.seconds >= 0.1


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n", b"{\r\n\r\n}0\r\n\r\n", (200, 0.0)),
        (b"HTTP/1.1 503 No\r\nretry-after: 2\r\ncontent-length: 0\r\n", b"", (503, 2.0)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", (200, 0.0)),
    ],
)
def test_an_answer_is_complete_with_its_last_byte(
    head: bytes, body: bytes, said: tuple[int, float], size: int
) -> None:
    whole, answer = head + b"\r\n" + body, load.Answer()
    parts = [whole[start : start + size] for start in range(0, len(whole), size)]
    found = [answer.with_more(memoryview(part)) for part in parts]
    assert found == [None] * (len(parts) - 1) + [said]


def test_load_is_a_program_of_its_own(moody: int) -> None:
    job = {"port": moody, "path": "/", "bodies": ["200"], "connections": 1, "seconds": 0.05}
    done = subprocess.run(
        (sys.executable, "-m", "benchmarks.load"),
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["errors"] == 0
