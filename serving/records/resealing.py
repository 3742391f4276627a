"""What is sealed is sealed again under another key, some at a time, so that nobody waits long."""

from __future__ import annotations

import time

from sqlalchemy import Row, bindparam, func, select, update

from serving.records.database import KEEPER, Database
from serving.records.errors import LogDamaged
from serving.records.private_keys import PrivateKey
from serving.records.tables import ANSWER, PRIVATE_VALUE, RECORD

_RECORDS_AT_ONCE = 500
_BREATH = 0.01
"""Seconds between two pieces in which others get the lock."""

_UPDATE = (
    update(PRIVATE_VALUE)
    .where(PRIVATE_VALUE.c.leaf_index == bindparam("at"), PRIVATE_VALUE.c.name == bindparam("of"))
    .values(key_id=bindparam("key"), sealed=bindparam("bytes"))
)


_UPDATE_ANSWER = (
    update(ANSWER)
    .where(ANSWER.c.scope == bindparam("in"), ANSWER.c.key == bindparam("under"))
    .values(key_id=bindparam("by"), body_digest=bindparam("bytes"))
)


def resealed(database: Database, new: PrivateKey) -> int:
    """How many private values were sealed again: those that another key sealed.

    Raises:
        LogDamaged: when one cannot be opened: it stays as it is, and so does its key.
    """
    with database.reading(KEEPER) as connection:
        last = connection.execute(select(func.max(PRIVATE_VALUE.c.leaf_index))).scalar()
    count = 0
    for start in range(0, -1 if last is None else last + 1, _RECORDS_AT_ONCE):
        count += _piece(database, new, start)
        time.sleep(_BREATH)
    while _answers(database, new):
        time.sleep(_BREATH)
    return count


def _answers(database: Database, new: PrivateKey) -> bool:
    """Whether there were digests of questions that another key sealed: some of them are done."""
    query = (
        select(ANSWER.c.scope, ANSWER.c.key, ANSWER.c.key_id, ANSWER.c.body_digest)
        .add_columns(RECORD.c.record_id)
        .join_from(ANSWER, RECORD)
        .where(ANSWER.c.key_id != new.key_id, ANSWER.c.answer.is_not(None))
        .limit(_RECORDS_AT_ONCE)
    )
    with database.writing_as(KEEPER) as connection:
        rows = [_sealed_digest(database, new, row) for row in connection.execute(query)]
        if rows:
            connection.execute(_UPDATE_ANSWER, rows)
    return bool(rows)


def _sealed_digest(
    database: Database, new: PrivateKey, row: Row[tuple[object, ...]]
) -> dict[str, object]:
    digest = database.keys.key(row.key_id).opened_digest(row.record_id, row.body_digest)
    if digest is None:
        place = f"answer of record {row.record_id}"
        raise LogDamaged(place, "a digest that its key opens", "other bytes")
    sealed = new.sealed_digest(row.record_id, digest)
    return {"in": row.scope, "under": row.key, "by": new.key_id, "bytes": sealed}


def _piece(database: Database, new: PrivateKey, start: int) -> int:
    values = PRIVATE_VALUE.c
    query = (
        select(PRIVATE_VALUE, RECORD.c.record_id)
        .join_from(PRIVATE_VALUE, RECORD)
        .where(
            values.leaf_index >= start,
            values.leaf_index < start + _RECORDS_AT_ONCE,
            values.key_id != new.key_id,
        )
    )
    with database.writing_as(KEEPER) as connection:
        rows = [_sealed(database, new, row) for row in connection.execute(query)]
        if rows:
            connection.execute(_UPDATE, rows)
    return len(rows)


def _sealed(database: Database, new: PrivateKey, row: Row[tuple[object, ...]]) -> dict[str, object]:
    kept = database.keys.key(row.key_id).opened(row.record_id, row.name, row.sealed)
    if kept is None:
        place = f"record {row.leaf_index}, {row.name}"
        raise LogDamaged(place, "a value that its key opens", "other bytes")
    sealed = new.sealed(row.record_id, row.name, kept)
    return {"at": row.leaf_index, "of": row.name, "key": new.key_id, "bytes": sealed}
