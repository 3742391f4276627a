"""Sessions of a browser: a random number in a cookie, good for some hours and one key."""

from __future__ import annotations

import secrets
import time

from serving.access.caller import Caller, parse_grant
from serving.access.keys import Clock, digest_of
from serving.access.store import AccessStore
from serving.errors import AccessError

LONGEST_SECONDS = 8 * 3_600
_BYTES = 32
_LONGEST = 64


class Sessions:
    """The sessions in a store. A session ends with its key, its time, or the signing out."""

    def __init__(self, store: AccessStore, clock: Clock = time.time) -> None:
        self._store = store
        self._clock = clock

    def begin(self, holder: Caller) -> str:
        """The secret of a new session for the holder of a key; ended ones are forgotten."""
        now = self._clock()
        self._store.execute("DELETE FROM sessions WHERE expires <= ?", (now,))
        secret = secrets.token_urlsafe(_BYTES)
        self._store.execute(
            "INSERT INTO sessions SELECT ?, id, min(expires, ?) FROM keys WHERE id = ?",
            (digest_of(secret), now + LONGEST_SECONDS, holder.name),
        )
        return secret

    def holder(self, secret: str) -> Caller:
        """Who has signed in.

        Raises:
            AccessError: when the session is unknown or has ended, or its key has been revoked.
        """
        rows = (
            self._store.execute(
                "SELECT keys.id, keys.role FROM sessions JOIN keys ON keys.id = sessions.key_id "
                "WHERE sessions.hash = ? AND sessions.expires > ? AND keys.revoked IS NULL",
                (digest_of(secret), self._clock()),
            )
            if len(secret) <= _LONGEST
            else []
        )
        if not rows:
            raise AccessError("You are not signed in, or no longer; sign in again.")
        key_id, role = rows[0]
        return Caller(parse_grant(role), key_id)

    def end(self, secret: str) -> None:
        """Sign out; a session that is not known stays so."""
        self._store.execute("DELETE FROM sessions WHERE hash = ?", (digest_of(secret),))
