"""Errors of the decision record.

RecordsError
├── RecordRefused         a record that cannot be one
├── RecordsUnavailable    the database cannot be written or read now; ask again later
├── KeyConflict           a key that was used before, for another request
├── KeyExpired            a key that was used before, so long ago that its answer is gone
├── LogDamaged            a log that is not what its own head says, or what was signed
├── SchemaMismatch        a database that this version does not know
├── SigningKeyError       a key pair that cannot be used
└── PrivateKeyError       keys of private values that are absent, wrong, or open to others
"""

from __future__ import annotations

from features.errors import LingjiError


class RecordsError(LingjiError):
    """The root of the decision record's errors."""


class RecordRefused(RecordsError):
    """A record that cannot be one: which field, what was expected, and what came."""

    def __init__(self, field: str, expected: str, got: str) -> None:
        self.field, self.expected, self.got = field, expected, got
        super().__init__(f"record, {field}: expected {expected}; got {got}")


class RecordsUnavailable(RecordsError):
    """The database cannot be written or read now; nothing partial is kept.

    Where the connection broke while a commit was under way, the record may be there as a whole:
    asking again with the same idempotency key finds it.
    """

    def __init__(self, happened: str) -> None:
        self.happened = happened
        super().__init__(
            f"expected the record database to answer; got {happened}; ask again when it is "
            "back: no answer is given without its record"
        )


class KeyConflict(RecordsError):
    """An idempotency key that was used before, for another request."""

    def __init__(self, scope: str, key: str) -> None:
        self.scope, self.key = scope, key
        super().__init__(
            f"expected the request that the key {key!r} was first used for; got another; "
            "repeat the first request unchanged, or send this one with a key of its own"
        )


class KeyExpired(RecordsError):
    """An idempotency key whose answer is kept no longer; the records of its request are."""

    def __init__(self, scope: str, key: str, record_id: str) -> None:
        self.scope, self.key, self.record_id = scope, key, record_id
        super().__init__(
            f"expected a key of a request that is not older than answers are kept; got {key!r}; "
            f"that request was answered and recorded, first as {record_id}: read its record, "
            "or send a new request with a key of its own"
        )


class LogDamaged(RecordsError):
    """A log that is not what its own head says, or what was signed: do not write to it."""

    def __init__(self, place: str, expected: str, got: str) -> None:
        self.place, self.expected, self.got = place, expected, got
        super().__init__(
            f"record log, {place}: expected {expected}; got {got}; keep the database as it is, and "
            "verify it against the checkpoints that were kept elsewhere: `lingji audit verify`"
        )


class SchemaMismatch(RecordsError):
    """A database that this version does not know, or that nobody has upgraded."""

    def __init__(self, expected: str, got: str, hint: str) -> None:
        self.expected, self.got = expected, got
        super().__init__(f"record database: expected schema {expected}; got {got}; {hint}")


class SigningKeyError(RecordsError):
    """A key pair that is absent, that others can read, or whose parts do not belong together."""


class PrivateKeyError(RecordsError):
    """Keys of private values that are absent, wrong, or readable by others: nothing is opened."""
