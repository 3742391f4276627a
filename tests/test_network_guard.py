import socket

import pytest

from tests import network_guard


@pytest.mark.parametrize(
    ("host", "stays"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        (b"localhost", True),
        (None, True),
        ("0.0.0.0", True),  # noqa: S104 - an address to judge, not one to listen on
        ("10.0.0.1", False),
        ("192.0.2.7", False),
        ("example.org", False),
        ("127.0.0.1.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_only_this_machine_stays_here(host: object, stays: bool) -> None:
    assert network_guard.stays_here(host) is stays


def test_a_connection_out_is_refused_and_remembered() -> None:
    # 192.0.2.0/24 is reserved for documentation (RFC 5737): nothing answers there.
    with (
        socket.socket() as outgoing,
        pytest.raises(network_guard.OutgoingConnection, match=r"192\.0\.2\.7"),
    ):
        outgoing.connect(("192.0.2.7", 80))
    assert network_guard.attempts == ["socket.connect '192.0.2.7'"]
    network_guard.attempts.clear()


def test_looking_up_a_name_is_refused_too() -> None:
    with pytest.raises(network_guard.OutgoingConnection, match="example"):
        socket.getaddrinfo("example.org", 443)
    network_guard.attempts.clear()


def test_control_a_connection_to_this_machine_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
