"""A record: the kept evidence of one answer or act, and the bytes that are hashed and stored.

A record is *sealed* once: its private values get their salts, and its leaf becomes bytes, the
canonical JSON of RFC 8785. From then on nothing is serialised again; bytes are stored, hashed and
given out.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from serving.records.canonical_json import canonical
from serving.records.errors import RecordRefused
from serving.records.search_terms import SearchTerms
from serving.records.verification import SALT_BYTES, commitment

RECORD_FORMAT = 1
_KIND = re.compile(r"[a-z][a-z_]{0,31}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LONGEST_TEXT = 256


def new_record_id() -> str:
    """A new UUIDv7 (RFC 9562): its first 48 bits are the time in milliseconds."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class PrivateValue:
    """A value that its leaf only commits to: its canonical bytes and the salt; erasable."""

    salt: bytes
    value: bytes

    @property
    def commitment(self) -> bytes:
        """What stands in the leaf."""
        return commitment(self.salt, self.value)


@dataclass(frozen=True)
class SealedRecord:
    """A record as it is stored: the bytes of its leaf, what it is found by, and what is kept
    beside it."""

    record_id: str
    kind: str
    project_id: str | None
    department: str | None
    leaf: bytes
    private: Mapping[str, PrivateValue]
    found_by: SearchTerms


@dataclass(frozen=True)
class Record:
    """What is to be kept of one answer or act.

    kind: what it is: score, override, review, release, read, … about: the records it concerns.
    actor: who did it, on_behalf_of whom. department: whose record it is, for who may read it.
    content: anything in JSON, readable for ever. private: by name, values in JSON of which the
    leaf holds salted commitments only, and which can be erased.

    Raises:
        RecordRefused: when a field is not what it must be.
    """

    kind: str
    actor: str
    content: Mapping[str, Any]
    private: Mapping[str, Any] = field(default_factory=dict)
    about: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    project_id: str | None = None
    department: str | None = None
    record_id: str = field(default_factory=new_record_id)
    time: datetime = field(default_factory=utc_now)

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise RecordRefused("kind", "a short word in lower case", repr(self.kind))
        ids = [("record_id", self.record_id), *(("about", found) for found in self.about)]
        for name, found in ids:
            if not _UUID.fullmatch(found):
                raise RecordRefused(name, "a UUID of version 7", repr(found)[:80])
        if self.time.utcoffset() is None:
            raise RecordRefused("time", "a time with its zone", repr(self.time))
        for name in ("actor", "on_behalf_of", "project_id", "department"):
            text = getattr(self, name)
            if text is None and name != "actor":
                continue
            if not text or len(text) > _LONGEST_TEXT or "\0" in text:
                got = "nothing" if not text else f"{len(text)} characters"
                raise RecordRefused(name, f"1 to {_LONGEST_TEXT} characters without NUL", got)

    def sealed(self) -> SealedRecord:
        """The record as bytes, its private values with new random salts.

        Raises:
            RecordRefused: when content or a private value cannot be JSON.
        """
        private = {
            name: PrivateValue(secrets.token_bytes(SALT_BYTES), canonical(value, name))
            for name, value in self.private.items()
        }
        commitments = {
            name: base64.b64encode(kept.commitment).decode() for name, kept in private.items()
        }
        leaf = {
            "format": RECORD_FORMAT,
            "record_id": self.record_id,
            "time": rfc3339(self.time),
            "kind": self.kind,
            "about": list(self.about),
            "actor": self.actor,
            "on_behalf_of": self.on_behalf_of,
            "project_id": self.project_id,
            "department": self.department,
            "content": dict(self.content),
            "private": commitments,
        }
        return SealedRecord(
            self.record_id,
            self.kind,
            self.project_id,
            self.department,
            canonical(leaf, "content"),
            private,
            SearchTerms.of(leaf),
        )


def rfc3339(moment: datetime) -> str:
    """The moment in UTC, to the microsecond: 2026-01-31T08:00:00.000000Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
