"""Access keys: made once, shown once, kept as their SHA-256 only."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from serving.access.caller import Caller, Grant, parse_grant
from serving.access.store import AccessStore
from serving.errors import AccessError

PREFIX = "lingji_"
_SECRET_BYTES = 32
_KEY = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}", re.ASCII)
_DAY = 86_400.0
_LONGEST_LABEL = 200
LONGEST_DAYS = 3_660
"""Ten years: a key that never expires is never missed when it is lost."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class AccessKey:
    """What is known of a key; not the key. Times are seconds since 1970."""

    id: str
    grant: Grant
    label: str
    created: float
    expires: float
    revoked: float | None

    def state(self, now: float) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked is not None:
            return "revoked"
        return "active" if now < self.expires else "expired"


class Keys:
    """The access keys in a store."""

    def __init__(self, store: AccessStore, clock: Clock = time.time) -> None:
        self._store = store
        self._clock = clock

    def any(self) -> bool:
        """Whether there has ever been a key: from the first one on, nobody comes in without."""
        return bool(self._store.execute("SELECT 1 FROM keys LIMIT 1"))

    def create(self, grant: Grant, label: str, days: float) -> tuple[AccessKey, str]:
        """A new key, and its secret, which nobody can tell later.

        Raises:
            AccessError: when the days are not between 0 and LONGEST_DAYS, or the label is too long.
        """
        if not 0 < days <= LONGEST_DAYS:
            raise AccessError(f"expected 1 to {LONGEST_DAYS:,} days; got {days:g}")
        if not 0 < len(label.strip()) <= _LONGEST_LABEL or not label.isprintable():
            raise AccessError(f"expected a label of one line, of 1 to {_LONGEST_LABEL} characters")
        now = self._clock()
        key = AccessKey(f"k-{secrets.token_hex(5)}", grant, label, now, now + days * _DAY, None)
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        values = (key.id, digest_of(secret), str(grant), label, key.created, key.expires)
        self._store.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, NULL)", values)
        return key, secret

    def listed(self) -> list[AccessKey]:
        """Every key, the oldest first."""
        rows = self._store.execute(
            "SELECT id, role, label, created, expires, revoked FROM keys ORDER BY created, id"
        )
        return [AccessKey(row[0], parse_grant(row[1]), *row[2:]) for row in rows]

    def revoke(self, key_id: str) -> AccessKey:
        """The key, refused from now on; revoking it again changes nothing.

        Raises:
            AccessError: when there is no key of this id.
        """
        self._store.execute(
            "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (self._clock(), key_id)
        )
        for key in self.listed():
            if key.id == key_id:
                return key
        raise AccessError(
            f"expected the id of a key, as `lingji keys list` shows it; got {key_id!r}"
        )

    def holder(self, secret: str) -> Caller:
        """Who holds a key.

        What is looked up is the digest, of which a stranger cannot choose the first bytes: how
        long it takes says nothing about any key.

        Raises:
            AccessError: when it is no key, unknown, expired or revoked.
        """
        if _KEY.fullmatch(secret) is None:
            raise AccessError("This is not an access key.")
        digest = digest_of(secret)
        rows = self._store.execute(
            "SELECT hash, id, role, expires, revoked FROM keys WHERE hash = ?", (digest,)
        )
        if not rows or not hmac.compare_digest(rows[0][0], digest):
            raise AccessError("This access key is not known.")
        _, key_id, role, expires, revoked = rows[0]
        if revoked is not None:
            raise AccessError("This access key has been revoked.")
        if self._clock() >= expires:
            raise AccessError("This access key has expired.")
        return Caller(parse_grant(role), key_id)


def digest_of(secret: str) -> bytes:
    """What is kept of a secret: of 256 random bits, one SHA-256 gives nothing away."""
    return sha256(secret.encode()).digest()
