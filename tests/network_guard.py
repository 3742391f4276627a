"""Refuses every connection that would leave this machine, and remembers the attempt.

An audit hook sees connections made anywhere in the process, whichever library makes them. It cannot
be removed, so it is armed once per process: by `tests/conftest.py` for the tests themselves, and by
`python -c "from tests.network_guard import arm; arm(); …"` for a child process.
"""

from __future__ import annotations

import ipaddress
import sys

attempts: list[str] = []
_armed: list[bool] = []


class OutgoingConnection(RuntimeError):
    """Something tried to reach another host."""


def stays_here(host: object) -> bool:
    """True for an address or name of this machine; names are judged, never looked up."""
    if host is None or host in ("", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host_of(event: str, arguments: tuple[object, ...]) -> object:
    """The host that an audited socket event is about; None where there is none (Unix sockets)."""
    if event == "socket.getaddrinfo":
        return arguments[0]
    address = arguments[1]
    return address[0] if isinstance(address, tuple) else None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        return
    host = _host_of(event, arguments)
    if not stays_here(host):
        attempts.append(f"{event} {host!r}")
        raise OutgoingConnection(f"{event} to {host!r}: nothing may leave this machine")


def arm() -> None:
    """Refuse outgoing connections from here on, for the life of the process."""
    if not _armed:
        _armed.append(True)
        sys.addaudithook(_watch)
