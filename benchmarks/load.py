"""A bounded load on a server of this machine; a program of its own, so that it shares no lock.

`python -m benchmarks.load` reads a job as JSON from standard input and writes what it saw as JSON.
Every connection is kept open and asks its next question when the last is answered. One that is
told to come back later (503 with Retry-After) waits so long and asks again; its waiting counts
into the time of the answer.
"""

from __future__ import annotations

import heapq
import itertools
import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

LONGEST = 180.0
"""Seconds after which a load ends whatever happens."""
_OK, _LATER, _CLOSED = 200, 503, 0
_HEAD_END, _LAST_CHUNK = b"\r\n\r\n", b"0\r\n\r\n"


@dataclass(frozen=True)
class Job:
    """Whom to ask what: on how many connections, and for how long."""

    port: int
    path: str
    bodies: Sequence[str]
    connections: int
    seconds: float


@dataclass
class Seen:
    """Seconds of each answer, how many were put off or went wrong, and how long it all took."""

    answers: list[float] = field(default_factory=list)
    put_off: int = 0
    errors: int = 0
    seconds: float = 0.0


class _Connection:
    """One connection that is kept open, and the question that is under way on it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.socket = self._connected()
        self.question = b""
        self.asked = 0.0
        self._answer = Answer()
        self._room = memoryview(bytearray(1 << 18))

    def ask(self, question: bytes) -> None:
        """Send a new question."""
        self.question, self.asked = question, time.perf_counter()
        self.again()

    def again(self) -> None:
        """Send the question under way once more; its time runs on."""
        self._answer = Answer()
        self.socket.sendall(self.question)

    def received(self) -> tuple[int, float] | None:
        """Status and seconds to wait of the answer when it is complete; None before.

        Raises:
            ConnectionError: when the other side has closed.
        """
        count = self.socket.recv_into(self._room)
        if not count:
            raise ConnectionError("closed")
        return self._answer.with_more(self._room[:count])

    def renew(self) -> None:
        """Open the connection anew."""
        self.socket.close()
        self.socket = self._connected()

    def _connected(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), timeout=LONGEST)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


class Answer:
    """An answer that comes in parts: its head is read once, its body is counted and forgotten.

    What the load itself takes is taken for the service's, so it takes as little as it can.
    """

    def __init__(self) -> None:
        self._head = b""
        self._said: tuple[int, float] | None = None
        self._left: int | None = None
        self._end = b""

    def with_more(self, part: memoryview) -> tuple[int, float] | None:
        """Status and seconds to wait when this part completes the answer; None before."""
        if self._said is None:
            self._head += part
            end = self._head.find(_HEAD_END)
            if end < 0:
                return None
            self._read_head(self._head[:end])
            part = memoryview(self._head)[end + len(_HEAD_END) :]
        if self._left is not None:
            self._left -= len(part)
            return None if self._left > 0 else self._said
        self._end = (self._end + part[-len(_LAST_CHUNK) :])[-len(_LAST_CHUNK) :]
        return self._said if self._end == _LAST_CHUNK else None

    def _read_head(self, head: bytes) -> None:
        first, *lines = head.split(b"\r\n")
        cut = (line.partition(b":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in cut}
        self._said = int(first.split()[1]), float(headers.get(b"retry-after", b"0"))
        length = headers.get(b"content-length")
        self._left = None if length is None else int(length)


def run(job: Job) -> Seen:
    """What was seen of the job."""
    questions = [_question(job, body) for body in job.bodies]
    connections = [_Connection(job.port) for _ in range(job.connections)]
    try:
        return _Load(connections, questions, job.seconds).seen()
    finally:
        for connection in connections:
            connection.socket.close()


def _question(job: Job, body: str) -> bytes:
    content = body.encode()
    head = (
        f"POST {job.path} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


class _Load:
    """Questions on every connection until the time is over; what is under way then is awaited."""

    def __init__(
        self, connections: list[_Connection], questions: list[bytes], seconds: float
    ) -> None:
        self._connections = connections
        self._questions = itertools.cycle(questions)
        self._started = time.perf_counter()
        self._stop = self._started + seconds
        self._later: list[tuple[float, int]] = []
        self._selector = selectors.DefaultSelector()
        self._seen = Seen()

    def seen(self) -> Seen:
        """What was seen, after the last answer."""
        with self._selector:
            for place in range(len(self._connections)):
                self._ask(place)
            self._answers()
        self._seen.seconds = time.perf_counter() - self._started
        return self._seen

    def _answers(self) -> None:
        last = self._started + LONGEST
        while self._selector.get_map() or self._later:
            now = time.perf_counter()
            if now > last:
                self._seen.errors += len(self._selector.get_map()) + len(self._later)
                return
            while self._later and self._later[0][0] <= now:
                place = heapq.heappop(self._later)[1]
                self._connections[place].again()
                self._await(place)
            until = min(self._later[0][0], last) if self._later else last
            for key, _ in self._selector.select(max(until - now, 0)):
                self._hear(key.data)

    def _ask(self, place: int) -> None:
        self._connections[place].ask(next(self._questions))
        self._await(place)

    def _await(self, place: int) -> None:
        self._selector.register(self._connections[place].socket, selectors.EVENT_READ, place)

    def _hear(self, place: int) -> None:
        connection = self._connections[place]
        heard = _heard(connection)
        if heard is None:
            return
        now = time.perf_counter()
        status, pause = heard
        self._selector.unregister(connection.socket)
        if status == _LATER and pause:
            self._seen.put_off += 1
            heapq.heappush(self._later, (now + pause, place))
            return
        if status == _OK:
            self._seen.answers.append(now - connection.asked)
        else:
            self._seen.errors += 1
        if status == _CLOSED:
            connection.renew()
        if now < self._stop:
            self._ask(place)


def _heard(connection: _Connection) -> tuple[int, float] | None:
    """Status and seconds to wait of a complete answer; None while something is lacking."""
    try:
        return connection.received()
    except OSError:
        return _CLOSED, 0.0


if __name__ == "__main__":
    print(json.dumps(asdict(run(Job(**json.load(sys.stdin))))))
