"""What a browser tells about a request, and the cookie that it keeps for a session."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import Scope

from serving.access.sessions import LONGEST_SECONDS

_COOKIE = "lingji_session"
_PROTECTED = f"__Host-{_COOKIE}"
_HOSTS = 256
"""Of so many names and addresses it is known whether they are this machine's."""
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def header(scope: Scope, name: bytes) -> str | None:
    """The value of a header that comes once; None where it is absent or repeated."""
    found: list[bytes] = [value for given, value in scope["headers"] if given == name]
    return found[0].decode("latin-1") if len(found) == 1 else None


def asked_host(scope: Scope) -> str | None:
    """The name under which the service was asked, without its port; "" for no proper name."""
    authority = header(scope, b"host")
    if authority is None:
        return None
    try:
        return "" if "@" in authority else urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


@lru_cache(_HOSTS)
def is_this_machine(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def from_own_page(scope: Scope) -> bool:
    """Whether a request comes from a page of this service.

    A browser says so in one of two headers, and no page can make it say something else.
    """
    site = header(scope, b"sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = header(scope, b"origin"), header(scope, b"host")
    if origin is None or host is None:
        return False
    return origin.lower() in (f"https://{host.lower()}", f"http://{host.lower()}")


def session_secret(scope: Scope) -> str | None:
    """The secret of the session that a request's cookie carries; None where there is none."""
    wanted = _cookie_name(scope)
    for name, value in scope["headers"]:
        if name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                found, _, secret = pair.strip().partition("=")
                if found == wanted and _VALUE.fullmatch(secret):
                    return str(secret)
    return None


def session_cookie(scope: Scope, secret: str | None) -> str:
    """What sets the cookie of a session; without a secret, what takes it away.

    No script reads it and no other site sends it. Away from this machine the browser gives it to
    encrypted connections only.
    """
    name = _cookie_name(scope)
    age = 0 if secret is None else LONGEST_SECONDS
    protected = "; Secure" if name == _PROTECTED else ""
    return f"{name}={secret or ''}; Max-Age={age}; Path=/; HttpOnly; SameSite=Strict{protected}"


def _cookie_name(scope: Scope) -> str:
    """The name of the cookie; with the prefix a browser lets no neighbouring host set it."""
    return _COOKIE if is_this_machine(asked_host(scope) or "") else _PROTECTED
