"""An answer that goes out only after its records are durable; and what then completes it.

The answer's bytes are fixed before they are recorded, so that the record can hold their digest.
Each item of an answer then ends with `record_id` and `receipt`, in this order and at its end:
without these two, the bytes are those whose digest the record has.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
from anyio import to_thread
from starlette.responses import Response

from features.errors import Fault
from serving.recording.once import HEADER
from serving.records.errors import (
    KeyConflict,
    KeyExpired,
    LogDamaged,
    PrivateKeyError,
    RecordsError,
    RecordsUnavailable,
)
from serving.records.receipt import Once, Receipt, in_base64
from serving.records.record import SealedRecord
from serving.wording.envelope import Json, Refusal, encoded

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

logger = logging.getLogger("lingji.serving")

_LONG = 1 << 20
_DEFLATED = b"\x78"  # how zlib begins, and JSON does not
_UNRECORDED = b',"record_id":null,"receipt":null}'
_RETRY_SECONDS = "2"

Respond = Callable[[list[bytes]], Response]
"""Makes the response from an answer's items, whole."""


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that waits for its records.

    items: what it consists of, each JSON; those that a record is about end with `record_id`, and
    get their receipts in the order of the records. once_kept: called when its records have become
    durable, unless the same was answered before.
    """

    records: Sequence[SealedRecord]
    items: Sequence[bytes]
    respond: Respond
    once_kept: Callable[[], None] = lambda: None

    def stored(self) -> bytes:
        """What is kept to be answered again: JSON lines, deflated where they are long."""
        lines = b"\n".join(self.items)  # JSON has no line break inside
        return lines if len(lines) < _LONG else zlib.compress(lines, level=1)


def stored_items(stored: bytes) -> list[bytes]:
    """The items of an answer that is kept, as `KeptAnswer.stored` wrote them."""
    lines = zlib.decompress(stored) if stored.startswith(_DEFLATED) else stored
    return lines.split(b"\n")


def recorded_cores(stored: bytes) -> list[tuple[str, bytes]]:
    """Of a kept answer, each item that has a record: the record's id, and its bytes without it."""
    found = [item for item in stored_items(stored) if _has_record(item)]
    return [(item[-38:-2].decode(errors="replace"), item[:-52] + b"}") for item in found]


def core_of(answer: Json) -> bytes:
    """The bytes of an answer without record_id and receipt: what its record has the digest of."""
    return encoded(answer, finite=True).removesuffix(_UNRECORDED) + b"}"


def recorded_item(core: bytes, record_id: str) -> bytes:
    """An answer with its record_id, not yet with its receipt."""
    return core[:-1] + b',"record_id":"' + record_id.encode() + b'"}'


def whole_items(items: Sequence[bytes], receipts: Sequence[Receipt]) -> list[bytes]:
    """The items, each that has a record with its receipt."""
    left = iter(receipts)
    return [_received(item, left) for item in items]


def _received(item: bytes, receipts: Iterator[Receipt]) -> bytes:
    if not _has_record(item):
        return item
    return item[:-1] + b',"receipt":' + orjson.dumps(receipt_shown(next(receipts))) + b"}"


def _has_record(item: bytes) -> bool:
    return item[-52:-38] == b',"record_id":"'  # then a UUID of 36 characters, and two to close


def receipt_shown(receipt: Receipt) -> dict[str, Any]:
    """The receipt in an answer: the log as it was when the record was its last, for ever the same.

    Its proof at the log's present size is at GET /record/{id}/receipt.
    """
    return {
        "leaf_index": receipt.leaf_index,
        "leaf_hash": in_base64(receipt.leaf_hash),
        "tree_size": receipt.leaf_index + 1,
        "root": in_base64(receipt.root_then),
    }


async def earlier_response(log: RecordLog, once: Once, respond: Respond) -> Response | None:
    """The response that was given under the key, from its stored bytes; None when it is new.

    Raises:
        Refusal: 409 for another request under the same key, 503 when the log cannot be read.
    """
    try:
        receipts = await to_thread.run_sync(log.repeated, once)
    except RecordsError as error:
        raise refused(error) from error
    if receipts is None:
        return None
    return await to_thread.run_sync(_again, respond, receipts)


def _again(respond: Respond, receipts: Sequence[Receipt]) -> Response:
    """The response that was stored with the first request's records."""
    return respond(whole_items(stored_items(receipts[0].answer or b""), receipts))


async def response_once_kept(log: RecordLog, answer: KeptAnswer, once: Once | None) -> Response:
    """The response, after everything that it rests on has been recorded; others go on meanwhile.

    Raises:
        Refusal: 503 when it cannot be recorded, 409 when the key was used for another request.
    """
    if not answer.records:
        return answer.respond(list(answer.items))
    many = len(answer.items) > 1
    if once is not None:
        stored = await to_thread.run_sync(answer.stored) if many else answer.stored()
        once = replace(once, answer=stored)
    try:
        receipts = await asyncio.wrap_future(log.append_all(answer.records, once))
    except RecordsError as error:
        raise refused(error) from error
    if receipts[0].repeated:
        return await to_thread.run_sync(_again, answer.respond, receipts)
    answer.once_kept()
    if many:  # it takes long enough to keep others waiting
        return await to_thread.run_sync(_first, answer, receipts)
    return _first(answer, receipts)


def _first(answer: KeptAnswer, receipts: Sequence[Receipt]) -> Response:
    return answer.respond(whole_items(answer.items, receipts))


def refused(error: RecordsError) -> Refusal:
    """The refusal of a call whose answer could not be recorded.

    Raises:
        RecordsError: the error itself, when it is none of the caller's concern.
    """
    if isinstance(error, KeyConflict):
        return Refusal(409)
    if isinstance(error, KeyExpired):
        got = f"a key whose answer is kept no longer; its record is {error.record_id}"
        faults = [Fault(None, HEADER, "a key of its own for a new request", got)]
        return Refusal(409, code="key_expired", faults=faults)
    if isinstance(error, RecordsUnavailable):
        logger.warning("records unavailable: %s", type(error.__cause__ or error).__name__)
        return Refusal(503, code="cannot_record", headers={"Retry-After": _RETRY_SECONDS})
    if isinstance(error, LogDamaged | PrivateKeyError):
        logger.error("no answers: %s", error)
        return Refusal(503, code="cannot_record", headers={"Retry-After": "60"})
    raise error
