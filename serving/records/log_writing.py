"""What is written to the log's tables, inside the transaction that holds the lock of the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, update

from serving.records.errors import KeyConflict, KeyExpired, RecordsUnavailable
from serving.records.kept_answers import KeptAnswer, Key
from serving.records.log_reading import Head, Place
from serving.records.merkle_tree import Node
from serving.records.private_keys import PrivateKeys
from serving.records.receipt import Once
from serving.records.record import SealedRecord, rfc3339, utc_now
from serving.records.sealing import sealing_key
from serving.records.tables import (
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
    known: dict[Key, KeptAnswer],
    oldest: str,
) -> tuple[list[Place | Exception], list[SealedRecord]]:
    """Where the records of each request will stand, and those that are new, in that order.

    late: requests whose callers have been told already that there is no record. known: of keys
    that were used before. oldest: the time before which answers are given again no longer.
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
                places.append(_again(earlier, once, oldest))
                continue
            kept = replace(new, repeated=True, answer=once.answer)
            first, now = asked.records[0].record_id, rfc3339(utc_now())
            known[once.scope, once.key] = KeptAnswer(once.body_digest, kept, first, now)
        places.append(new)
        sealed += asked.records
    return places, sealed


def _again(earlier: KeptAnswer, once: Once, oldest: str) -> Place | Exception:
    try:
        return earlier.again(once, oldest)
    except (KeyConflict, KeyExpired) as error:
        return error


def insert_records(
    connection: Connection,
    keys: PrivateKeys,
    first: int,
    sealed: Sequence[SealedRecord],
    made: dict[Node, bytes],
    head: Head,
) -> None:
    """Store new records, their private values sealed, the nodes above them, and the head.

    Raises:
        PrivateKeyError: when there are private values, and no key to seal them with.
    """
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
    if any(record.private for record in sealed):
        key = sealing_key(connection, keys)
        private = [
            {
                "leaf_index": index,
                "name": name,
                "department": record.department,
                "key_id": key.key_id,
                "sealed": key.sealed(record.record_id, name, kept),
            }
            for index, record in enumerate(sealed, start=first)
            for name, kept in record.private.items()
        ]
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
