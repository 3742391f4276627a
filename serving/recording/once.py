"""The header Idempotency-Key: what makes a call take effect once, however often it is sent."""

from __future__ import annotations

import re
from hashlib import sha256

from starlette.types import Scope

from features.errors import Fault
from serving.access.caller import Caller
from serving.records.receipt import Once
from serving.wording.envelope import Refusal

HEADER = "Idempotency-Key"
LONGEST = 128
KEY = rf"[!-~]{{1,{LONGEST}}}"
"""A key: visible ASCII characters."""


def asked_once(scope: Scope, caller: Caller, body: bytes) -> Once | None:
    """What the header asks for, of this caller and this body; None without the header.

    Raises:
        Refusal: 422 when it comes twice, or is no key.
    """
    wanted = HEADER.lower().encode()
    given = [value for name, value in scope["headers"] if name == wanted]
    if not given:
        return None
    key = given[0].decode("latin-1")
    if len(given) > 1 or not re.fullmatch(KEY, key):
        expected = f"one key of 1 to {LONGEST} visible ASCII characters"
        got = f"{len(given)} of them" if len(given) > 1 else "something else"
        raise Refusal(422, faults=[Fault(None, HEADER, expected, got)])
    digest = sha256(scope["path"].encode() + b"\0" + body).digest()
    return Once(f"{caller.grant}:{caller.name}", key, digest)
