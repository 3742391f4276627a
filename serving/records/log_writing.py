"""What is written to the log's tables, inside the transaction that holds the lock of the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, update

from serving.records.errors import KeyConflict, RecordsUnavailable
from serving.records.log_reading import Head, Place
from serving.records.merkle_tree import Node
from serving.records.receipt import Once
from serving.records.record import SealedRecord
from serving.records.tables import (
    ANSWER,
    LOG_HEAD,
    PRIVATE_VALUE,
    RECORD,
    RECORD_LINK,
    RECORD_SEARCH,
    TREE_NODE,
)

# Built once: building a statement takes longer than running it.
_INSERT_RECORD = insert(RECORD)
_INSERT_PRIVATE = insert(PRIVATE_VALUE)
_INSERT_SEARCH = insert(RECORD_SEARCH)
_INSERT_LINK = insert(RECORD_LINK)
_INSERT_NODE = insert(TREE_NODE)
_INSERT_ANSWER = insert(ANSWER)
_UPDATE_HEAD = update(LOG_HEAD).where(LOG_HEAD.c.number == 1)


@dataclass(frozen=True)
class Asked:
    """A request: records that become durable together, and what makes it take effect once."""

    records: tuple[SealedRecord, ...]
    once: Once | None


def placed(
    group: Sequence[Asked],
    late: Sequence[bool],
    size: int,
    known: dict[tuple[str, str], tuple[bytes, Place]],
) -> tuple[list[Place | Exception], list[SealedRecord]]:
    """Where the records of each request will stand, and those that are new, in that order.

    late: requests whose callers have been told already that there is no record.
    """
    places: list[Place | Exception] = []
    sealed: list[SealedRecord] = []
    for asked, nobody_waits in zip(group, late, strict=True):
        if nobody_waits:
            places.append(RecordsUnavailable("a lock too late"))
            continue
        new = Place(size + len(sealed), len(asked.records))
        once = asked.once
        if once is not None:
            earlier = known.get((once.scope, once.key))
            if earlier is not None:
                digest, place = earlier
                same = digest == once.body_digest
                places.append(place if same else KeyConflict(once.scope, once.key))
                continue
            kept = replace(new, repeated=True, answer=once.answer)
            known[once.scope, once.key] = once.body_digest, kept
        places.append(new)
        sealed += asked.records
    return places, sealed


def insert_records(
    connection: Connection,
    first: int,
    sealed: Sequence[SealedRecord],
    made: dict[Node, bytes],
    head: Head,
) -> None:
    """Store new records, their private values, the nodes above them, and the head."""
    rows = [
        {
            "leaf_index": index,
            "record_id": record.record_id,
            "kind": record.kind,
            "project_id": record.project_id,
            "department": record.department,
            "leaf": record.leaf,
        }
        for index, record in enumerate(sealed, start=first)
    ]
    connection.execute(_INSERT_RECORD, rows)
    _insert_search(connection, first, sealed)
    private = [
        {
            "leaf_index": index,
            "name": name,
            "department": record.department,
            "salt": kept.salt,
            "value": kept.value,
        }
        for index, record in enumerate(sealed, start=first)
        for name, kept in record.private.items()
    ]
    if private:
        connection.execute(_INSERT_PRIVATE, private)
    nodes = [{"position": node.position, "hash": found} for node, found in made.items()]
    connection.execute(_INSERT_NODE, nodes)
    values = {"size": head.size, "root": head.root, "frontier": b"".join(head.frontier)}
    connection.execute(_UPDATE_HEAD, values)


def _insert_search(connection: Connection, first: int, sealed: Sequence[SealedRecord]) -> None:
    """Store what new records are found by."""
    found_by = [
        (record.found_by, {"leaf_index": index, "department": record.department})
        for index, record in enumerate(sealed, start=first)
    ]
    connection.execute(_INSERT_SEARCH, [terms.row() | place for terms, place in found_by])
    links = [link | place for terms, place in found_by for link in terms.links()]
    if links:
        connection.execute(_INSERT_LINK, links)


def insert_answers(
    connection: Connection, group: Sequence[Asked], places: Sequence[Place | Exception]
) -> None:
    """Store what is answered when a request comes again."""
    rows = [
        {
            "scope": asked.once.scope,
            "key": asked.once.key,
            "body_digest": asked.once.body_digest,
            "first_leaf": place.first,
            "leaf_count": place.count,
            "answer": asked.once.answer,
        }
        for asked, place in zip(group, places, strict=True)
        if asked.once and isinstance(place, Place) and not place.repeated
    ]
    if rows:
        connection.execute(_INSERT_ANSWER, rows)
