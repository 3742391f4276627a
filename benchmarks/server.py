"""A server process on this machine: started, waited for until it is ready, and stopped."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process_tree import family

_PATIENCE = 120.0
_PAUSE = 0.02
_TO_STOP = 30.0


class ServerError(RuntimeError):
    """A server that did not become ready; holds the end of what it wrote."""


@dataclass(frozen=True)
class Start:
    """How a server is started: its command, with {port} to be filled in, and what to ask it.

    ready: the path that answers 200 when the server is ready.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: str


@dataclass(frozen=True)
class Server:
    """A server that is ready. ready_seconds: from the start of its process."""

    pid: int
    port: int
    ready_seconds: float


@contextlib.contextmanager
def running(start: Start, folder: Path) -> Iterator[Server]:
    """The server while it runs; what it writes goes into a file of the folder.

    Raises:
        ServerError: when it ends, or is not ready in two minutes.
    """
    port = _free_port()
    command = [part.format(port=port) for part in start.command]
    log = folder / f"{start.name}.log"
    with log.open("wb") as written:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - a command of this project
            command,
            env=dict(start.environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, port, start.ready, log)
            yield Server(process.pid, port, time.perf_counter() - began)
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if _answers(port, path):
            return
        time.sleep(_PAUSE)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise ServerError(f"expected {path} to answer 200; got: {said[-1] if said else 'nothing'}")


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, then end what it has left behind, each by its own id."""
    started = family(process.pid)
    process.terminate()
    try:
        process.wait(_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in started[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
