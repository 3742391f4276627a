"""What is read from the log's tables, inside a transaction that somebody else has opened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Select, func, or_, select

from serving.records.database import KEYS, Sight
from serving.records.errors import LogDamaged
from serving.records.merkle_tree import (
    Node,
    Nodes,
    Range,
    frontier_nodes,
    inclusion_ranges,
    node_count,
    nodes_of,
    proof,
    range_hash,
)
from serving.records.private_keys import PrivateKeys
from serving.records.receipt import Receipt
from serving.records.record import PrivateValue
from serving.records.tables import CHECKPOINT, LOG_HEAD, PRIVATE_VALUE, RECORD, TREE_NODE
from serving.records.verification import EMPTY_ROOT, joined, leaf_hash, node_hash

T = TypeVar("T")

_HASH_BYTES = 32
_HEAD = select(LOG_HEAD.c.size, LOG_HEAD.c.root, LOG_HEAD.c.frontier)
_LOCKED_HEAD = _HEAD.with_for_update()
_AT_ONCE = 500


@dataclass(frozen=True)
class Head:
    """The state of a log: how many records, and their root."""

    size: int
    root: bytes
    frontier: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class StoredRecord:
    """A record as it stands in the log.

    sealed: its private values by name, each with the id of the key that opens it; None where the
    value was erased. They are opened when they are wanted, so that nobody needs the keys for the
    rest.
    """

    leaf_index: int
    record_id: str
    kind: str
    project_id: str | None
    department: str | None
    leaf: bytes
    sealed: dict[str, tuple[str, bytes] | None]
    keys: PrivateKeys = field(repr=False)

    @cached_property
    def private(self) -> dict[str, PrivateValue | None]:
        """The private values by name; None where one was erased, and nothing where one is damaged.

        Raises:
            PrivateKeyError: when a key that is needed is not at hand.
        """
        found: dict[str, PrivateValue | None] = {}
        for name, held in self.sealed.items():
            if held is None:
                found[name] = None
                continue
            key_id, sealed = held
            opened = self.keys.key(key_id).opened(self.record_id, name, sealed)
            if opened is not None:
                found[name] = opened
        return found

    @property
    def damaged(self) -> list[str]:
        """The names of private values whose bytes are not those that were sealed for them."""
        return [name for name in self.sealed if name not in self.private]

    @property
    def erased(self) -> list[str]:
        """The names of private values that were erased."""
        return [name for name, held in self.sealed.items() if held is None]

    def content(self) -> dict[str, Any]:
        """The leaf, read: every field of the record, private values as commitments."""
        return cast("dict[str, Any]", json.loads(self.leaf))

    def legible(self) -> dict[str, Any]:
        """The same of a log that may be damaged: of a leaf that is no record, nothing."""
        try:
            found = json.loads(self.leaf)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Place:
    """Where the records of a request stand: newly appended, or found under their key."""

    first: int
    count: int
    repeated: bool = False
    answer: bytes | None = None


def visible(
    connection: Connection,
    sight: Sight,
    wanted: Any,
    *,
    limit: int | None,
    order: Any = RECORD.c.leaf_index,
) -> list[StoredRecord]:
    """The wanted records that may be seen: the one place that asks for records.

    On PostgreSQL row security filters once more; on SQLite this is the filter.
    """
    query = select(RECORD).where(wanted).order_by(order).limit(limit)
    rows = connection.execute(_filtered(query, sight)).all()
    if not rows:
        return []
    kept: dict[int, dict[str, tuple[str, bytes] | None]] = {row.leaf_index: {} for row in rows}
    for some in pieces(list(kept)):
        for found in connection.execute(
            select(PRIVATE_VALUE).where(PRIVATE_VALUE.c.leaf_index.in_(some))
        ):
            gone = found.key_id is None or found.sealed is None
            kept[found.leaf_index][found.name] = None if gone else (found.key_id, found.sealed)
    return [
        StoredRecord(
            row.leaf_index,
            row.record_id,
            row.kind,
            row.project_id,
            row.department,
            row.leaf,
            kept[row.leaf_index],
            connection.get_execution_options()[KEYS],
        )
        for row in rows
    ]


def _filtered(query: Select[Any], sight: Sight) -> Select[Any]:
    if sight.role == "department":
        query = query.where(RECORD.c.department == sight.department)
    if sight.without:
        of_none, named = RECORD.c.project_id.is_(None), sorted(sight.without)
        query = query.where(or_(of_none, RECORD.c.project_id.not_in(named)))
    return query


def locked_head(connection: Connection) -> Head:
    """The head, locked until the transaction ends, and sound in itself."""
    head = read_head(connection, lock=True)
    if joined(head.frontier) != head.root:
        expected = f"the root {short(head.root)} from its frontier"
        raise LogDamaged("head", expected, short(joined(head.frontier)))
    return head


def read_head(connection: Connection, lock: bool = False) -> Head:
    """The head as it stands."""
    row = connection.execute(_LOCKED_HEAD if lock else _HEAD).one_or_none()
    if row is None:
        raise LogDamaged("head", "one head", "none")
    frontier = tuple(
        row.frontier[start : start + _HASH_BYTES]
        for start in range(0, len(row.frontier), _HASH_BYTES)
    )
    if len(frontier) != row.size.bit_count():
        expected = f"a frontier of {row.size.bit_count()} hashes for {row.size} records"
        raise LogDamaged("head", expected, f"{len(frontier)}")
    return Head(row.size, row.root, frontier)


def require_sound(connection: Connection) -> None:
    """Return when head, newest nodes and newest record agree; O(log n).

    Raises:
        LogDamaged: when they do not.
    """
    head = read_head(connection)
    counts = connection.execute(
        select(
            select(func.max(RECORD.c.leaf_index)).scalar_subquery(),
            select(func.max(TREE_NODE.c.position)).scalar_subquery(),
        )
    ).one()
    expected = (head.size, node_count(head.size))
    got = tuple(0 if last is None else last + 1 for last in counts)
    if got != expected:
        said = f"{expected[0]} records and {expected[1]} nodes, as its head says"
        raise LogDamaged("end", said, f"{got[0]} and {got[1]}")
    if head.size == 0:
        if head.root != EMPTY_ROOT:
            raise LogDamaged("head", "the root of an empty log", head.root.hex())
        return
    edge = frontier_nodes(head.size)
    last = Node(0, head.size - 1)
    parents = [node for node in edge if node.level]
    nodes = fetched(connection, [*edge, last, *(c for node in parents for c in _children(node))])
    for node, found in zip(edge, head.frontier, strict=True):
        if nodes.get(node) != found:
            raise LogDamaged(f"node {tuple(node)}", short(found), short(nodes.get(node)))
    for node in parents:
        left, right = (nodes.get(child, b"") for child in _children(node))
        if node_hash(left, right) != nodes[node]:
            said = f"{short(node_hash(left, right))} from its children"
            raise LogDamaged(f"node {tuple(node)}", said, short(nodes[node]))
    leaf = connection.execute(
        select(RECORD.c.leaf).where(RECORD.c.leaf_index == last.place)
    ).scalar_one()
    if leaf_hash(leaf) != nodes.get(last):
        expected_hash = short(nodes.get(last))
        raise LogDamaged(f"record {last.place}", expected_hash, short(leaf_hash(leaf)))
    if joined(head.frontier) != head.root:
        raise LogDamaged("head", short(joined(head.frontier)), short(head.root))


def _children(node: Node) -> tuple[Node, Node]:
    return Node(node.level - 1, 2 * node.place), Node(node.level - 1, 2 * node.place + 1)


def stored_receipts(connection: Connection, place: Place, head: Head) -> tuple[Receipt, ...]:
    """The receipts of records that are in the log already, from their stored nodes."""
    indexes = range(place.first, place.first + place.count)
    named = select(RECORD.c.leaf_index, RECORD.c.record_id).where(
        RECORD.c.leaf_index >= indexes.start, RECORD.c.leaf_index < indexes.stop
    )
    ids = {row.leaf_index: row.record_id for row in connection.execute(named)}
    ranges = {index: inclusion_ranges(index, head.size) for index in indexes}
    wanted = [leaves for found in ranges.values() for leaves in found]
    wanted += [Range(index, index + 1) for index in indexes]
    wanted += [Range(0, index + 1) for index in indexes]
    nodes = stored_nodes(connection, wanted)
    return tuple(
        Receipt(
            ids[index],
            index,
            nodes[Node(0, index)],
            head.size,
            head.root,
            proof(ranges[index], nodes),
            range_hash(Range(0, index + 1), nodes),
            place.repeated,
            place.answer,
        )
        for index in indexes
    )


def stored_nodes(connection: Connection, ranges: Iterable[Range]) -> Nodes:
    """The stored nodes that make up the ranges.

    Raises:
        LogDamaged: when one is not there.
    """
    wanted = {node for leaves in ranges for node in nodes_of(leaves)}
    found = fetched(connection, wanted)
    if len(found) < len(wanted):
        missing = min(wanted - set(found))
        raise LogDamaged(f"node {tuple(missing)}", "a hash", "none")
    return found


def fetched(connection: Connection, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """The hashes of those of the nodes that are stored."""
    wanted = {node.position: node for node in nodes}
    found: dict[Node, bytes] = {}
    for some in pieces(list(wanted)):
        query = select(TREE_NODE.c.position, TREE_NODE.c.hash).where(TREE_NODE.c.position.in_(some))
        found |= {wanted[row.position]: row.hash for row in connection.execute(query)}
    return found


def stored_checkpoints(connection: Connection) -> list[tuple[int, str]]:
    """The stored checkpoints with their sizes, the smallest first."""
    query = select(CHECKPOINT.c.size, CHECKPOINT.c.note).order_by(
        CHECKPOINT.c.size, CHECKPOINT.c.origin
    )
    return [(row.size, row.note) for row in connection.execute(query)]


def pieces(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in pieces that a statement can name."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def short(digest: bytes | None) -> str:
    """The beginning of a hash, enough to recognise it."""
    return "nothing" if digest is None else f"{digest.hex()[:16]}…"
