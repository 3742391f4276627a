"""Answers that are kept to be given again under their key, for as long as that is promised.

After that the bytes of the answer and the digest of the question go, a few at each commit so that
nobody waits for it. The key stays, and so do the records: a question that comes again under an old
key is refused and told of its record. To take it for a new one would record it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from serving.records.database import KEYS
from serving.records.errors import KeyConflict, KeyExpired, LogDamaged
from serving.records.log_reading import Place, pieces
from serving.records.private_keys import PrivateKeys
from serving.records.receipt import Once
from serving.records.record import rfc3339, utc_now
from serving.records.sealing import sealing_key
from serving.records.tables import ANSWER, RECORD

_GONE = {"answer": None, "body_digest": None, "key_id": None}
_MOST = 20
_RECORDS_BETWEEN = 16
_MOST_BYTES = 4 << 20

# Built once: building a statement takes longer than running it.
_INSERT = insert(ANSWER)
_WITH_RECORD = select(ANSWER, RECORD.c.record_id).join_from(ANSWER, RECORD)
_OLD = (
    select(ANSWER.c.scope, ANSWER.c.key, func.length(ANSWER.c.answer).label("size"))
    .where(ANSWER.c.answer.is_not(None), ANSWER.c.answered_at < bindparam("oldest"))
    .order_by(ANSWER.c.answered_at)
    .limit(_MOST)
)


@dataclass(frozen=True)
class KeptAnswer:
    """What is known of a key: what was asked under it, when, and where its records stand.

    body_digest: None once the answer has gone.
    """

    body_digest: bytes | None
    place: Place
    first_record: str
    answered_at: str

    def again(self, once: Once, oldest: str) -> Place:
        """Where the records stand of a question that comes again, with the answer to it.

        Args:
            oldest: the time before which answers are given again no longer.

        Raises:
            KeyExpired: when it was answered before that time, whatever it was.
            KeyConflict: when it was another question.
        """
        if self.answered_at < oldest or self.body_digest is None:
            raise KeyExpired(once.scope, once.key, self.first_record)
        if self.body_digest != once.body_digest:
            raise KeyConflict(once.scope, once.key)
        return self.place


Key = tuple[str, str]
"""A scope, and a key within it."""


def oldest_kept(keep: timedelta) -> str:
    """The time before which answers are given again no longer."""
    return rfc3339(utc_now() - keep)


def kept_answers(connection: Connection, asked: Sequence[Once]) -> dict[Key, KeptAnswer]:
    """What is known of those keys that were used before."""
    found: dict[Key, KeptAnswer] = {}
    for some in pieces(asked):
        which = or_(*(and_(ANSWER.c.scope == o.scope, ANSWER.c.key == o.key) for o in some))
        for row in connection.execute(_WITH_RECORD.where(which)):
            place = Place(row.first_leaf, row.leaf_count, repeated=True, answer=row.answer)
            digest = _digest(connection, row)
            found[row.scope, row.key] = KeptAnswer(digest, place, row.record_id, row.answered_at)
    return found


def _digest(connection: Connection, row: Row[Any]) -> bytes | None:
    """The digest of what was asked; None once it has gone."""
    if row.key_id is None or row.body_digest is None:
        return None
    keys: PrivateKeys = connection.get_execution_options()[KEYS]
    digest = keys.key(row.key_id).opened_digest(row.record_id, row.body_digest)
    if digest is None:
        place = f"answer of record {row.record_id}"
        raise LogDamaged(place, "a digest that its key opens", "other bytes")
    return digest


def answers_of(connection: Connection, start: int, end: int) -> list[tuple[int, bytes]]:
    """The answers that are there, of requests with records in a range, and their first places."""
    first = ANSWER.c.first_leaf
    # The records of a request stand together: before the range begins, one may reach into it.
    before = select(func.max(first)).where(first <= start).scalar_subquery()
    query = select(first, ANSWER.c.leaf_count, ANSWER.c.answer).where(
        first >= func.coalesce(before, start), first < end, ANSWER.c.answer.is_not(None)
    )
    rows = connection.execute(query.order_by(first))
    return [(row.first_leaf, row.answer) for row in rows if row.first_leaf + row.leaf_count > start]


def keep_answers(
    connection: Connection, keys: PrivateKeys, asked: Sequence[tuple[Once, Place, str]]
) -> None:
    """Keep what is answered when these questions come again.

    Args:
        asked: each with the id of its first record.

    Raises:
        PrivateKeyError: when there is no key to seal the digests of the questions with.
    """
    if not asked:
        return
    now, seal = rfc3339(utc_now()), sealing_key(connection, keys)
    rows = [
        {
            "scope": once.scope,
            "key": once.key,
            "key_id": seal.key_id,
            "body_digest": seal.sealed_digest(first_record, once.body_digest),
            "first_leaf": place.first,
            "leaf_count": place.count,
            "answered_at": now,
            "answer": once.answer,
        }
        for once, place, first_record in asked
    ]
    connection.execute(_INSERT, rows)


def is_time_to_drop(before: int, after: int) -> bool:
    """Whether a log that grew from one size to the other looks for answers to let go.

    Not at every commit, which each would pay for. What one look leaves, the next ones find.
    """
    return before // _RECORDS_BETWEEN != after // _RECORDS_BETWEEN


def drop_old(connection: Connection, oldest: str) -> int:
    """Let some answers go that were given before that time; how many. Their keys stay."""
    gone: list[Key] = []
    size = 0
    for row in connection.execute(_OLD, {"oldest": oldest}):
        size += row.size
        if gone and size > _MOST_BYTES:
            break
        gone.append((row.scope, row.key))
    if gone:
        which = or_(*(and_(ANSWER.c.scope == scope, ANSWER.c.key == key) for scope, key in gone))
        connection.execute(update(ANSWER).where(which).values(**_GONE))
    return len(gone)
