"""The body of a request: read whole within limits, then read as JSON without liberties."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Message, Receive

from features.errors import Fault
from features.strict_json import NotJson, read_json
from serving.wording.envelope import Refusal


class CallerGone(Exception):
    """The caller hung up before its request was complete: nobody waits for an answer."""


async def read_body(receive: Receive, limit: int, seconds: float) -> bytes:
    """The whole body of a request.

    Raises:
        Refusal: 413 when it has more than `limit` bytes, 408 when it takes longer than `seconds`.
        CallerGone: when the caller hangs up.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, limit)
    except TimeoutError as error:
        said = f"The body did not arrive within {seconds:g} seconds."
        raise Refusal(408, said, headers={"Connection": "close"}) from error


async def _read(receive: Receive, limit: int) -> bytes:
    blocks: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGone
        blocks.append(message.get("body", b""))
        size += len(blocks[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            return b"".join(blocks)


def too_large(limit: int) -> Refusal:
    """The refusal of a body of more than `limit` bytes."""
    said = f"The body has more than {limit:,} bytes, the most that this call takes."
    return Refusal(413, said, headers={"Connection": "close"})


def read_document(body: bytes, depth: int) -> Any:
    """The JSON value of a body.

    Raises:
        Refusal: 400 when it is not UTF-8 or not JSON, repeats a key, holds NaN, Infinity, a number
            that does not fit, NUL or half a character, or is nested deeper than `depth` levels.
    """
    try:
        found = read_json(body.decode())
    except UnicodeDecodeError as error:
        raise _not_json(Fault(None, None, "UTF-8", f"another byte at {error.start}")) from error
    except NotJson as error:
        raise _not_json(error.fault) from error
    except (RecursionError, ValueError) as error:
        raise _not_json(Fault(None, None, "JSON of a declared project", "another thing")) from error
    if found.faults:
        raise _not_json(*found.faults)
    if found.levels > depth:
        raise _not_json(Fault(None, None, f"values nested at most {depth} levels deep", "deeper"))
    return found.value


def _not_json(*faults: Fault) -> Refusal:
    return Refusal(400, faults=faults)
