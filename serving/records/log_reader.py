"""Reading a record log: records, proofs, exports; also of a log that is damaged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, and_

from serving.records.database import AUDITOR, SERVICE, Database, Sight
from serving.records.errors import RecordRefused
from serving.records.finding_list import FindingList
from serving.records.kept_answers import answers_of, kept_answers, oldest_kept
from serving.records.log_query import LogQuery
from serving.records.log_reading import (
    Head,
    Place,
    StoredRecord,
    fetched,
    read_head,
    stored_checkpoints,
    stored_nodes,
    stored_receipts,
    visible,
)
from serving.records.merkle_tree import (
    Node,
    Range,
    consistency_ranges,
    frontier_nodes,
    inclusion_ranges,
    proof,
)
from serving.records.project_list import ProjectList
from serving.records.receipt import KEEP_ANSWERS, Once, Receipt, in_base64
from serving.records.tables import RECORD
from serving.records.verification import EXPORT_FORMAT

PATIENCE = 1.8
"""Seconds after which a caller is told that the database does not answer."""

ATTEMPT = 0.9
"""The share of the patience for one attempt: locks are waited for as long as a caller waits."""

_EXPORT_PIECE = 500


class LogReader:
    """A record log that is only read; it is neither made nor changed, and may be damaged.

    Methods may be called from any thread; those that give out records take a Sight: who looks. All
    raise RecordsUnavailable when the database does not answer.
    """

    def __init__(self, database: Database, keep_answers: timedelta = KEEP_ANSWERS) -> None:
        self._database = database
        self._keep_answers = keep_answers

    @classmethod
    def open(cls, url: str, patience: float = PATIENCE) -> Self:
        """The log at that address.

        Raises:
            RecordsUnavailable: when there is none.
            SchemaMismatch: when it was made by another version.
        """
        return cls(Database.open(url, patience * ATTEMPT, make=False))

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def projects(self) -> ProjectList:
        """The list of the projects that the log has scores of."""
        return ProjectList(self._database)

    @property
    def findings(self) -> FindingList:
        """The list of the findings of the newest records of each project."""
        return FindingList(self._database)

    def head(self) -> Head:
        """How many records there are, and their root."""
        with self._database.reading(AUDITOR) as connection:
            return read_head(connection)

    def record(self, record_id: str, sight: Sight = SERVICE) -> StoredRecord | None:
        """The record of that id; None when there is none, or none to be seen."""
        with self._database.reading(sight) as connection:
            rows = _of_id(connection, record_id, sight)
        return rows[0] if rows else None

    def records(
        self,
        sight: Sight,
        *,
        project_id: str | None = None,
        department: str | None = None,
        kind: str | None = None,
        after: int = -1,
        limit: int = 100,
    ) -> list[StoredRecord]:
        """The records that may be seen, oldest first; go on with the last one's `leaf_index`."""
        wanted = [RECORD.c.leaf_index > after]
        given = {"project_id": project_id, "department": department, "kind": kind}
        wanted += [RECORD.c[name] == value for name, value in given.items() if value is not None]
        with self._database.reading(sight) as connection:
            return visible(connection, sight, and_(*wanted), limit=limit)

    def search(self, sight: Sight, query: LogQuery) -> list[StoredRecord]:
        """The records that a query wants and that may be seen, newest first.

        Go on with the last one's `leaf_index` as `before`.
        """
        with self._database.reading(sight) as connection:
            return visible(
                connection, sight, query.wanted(), limit=query.limit, order=query.newest_first()
            )

    def receipt(self, record_id: str, sight: Sight = SERVICE) -> Receipt | None:
        """A new receipt of a record, at the log's present size."""
        with self._database.reading(sight) as connection:
            rows = _of_id(connection, record_id, sight)
            if not rows:
                return None
            place = Place(rows[0].leaf_index, 1)
            return stored_receipts(connection, place, read_head(connection))[0]

    def repeated(self, once: Once) -> tuple[Receipt, ...] | None:
        """The receipts, with the answer, of the request that used a key; None when it is new.

        Raises:
            KeyConflict: when it was another request.
            KeyExpired: when its answer is kept no longer.
        """
        with self._database.reading(SERVICE) as connection:
            found = kept_answers(connection, [once]).get((once.scope, once.key))
            if found is None:
                return None
            place = found.again(once, oldest_kept(self._keep_answers))
            return stored_receipts(connection, place, read_head(connection))

    def answer(self, once: Once) -> bytes | None:
        """The answer that was given under a key; None when the key is new.

        Raises:
            KeyConflict: when it was given to another request.
            KeyExpired: when it is kept no longer.
        """
        with self._database.reading(SERVICE) as connection:
            found = kept_answers(connection, [once]).get((once.scope, once.key))
        return None if found is None else found.again(once, oldest_kept(self._keep_answers)).answer

    def kept_answers(self, start: int, end: int) -> list[tuple[int, bytes]]:
        """The answers that are kept to be given again, of requests with records from `start` up to,
        not including, `end`: each with the place of its first record.
        """
        with self._database.reading(SERVICE) as connection:
            return answers_of(connection, start, end)

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that the record of that index is in the log of the first `size` records."""
        with self._database.reading(AUDITOR) as connection:
            ranges = inclusion_ranges(index, size)
            return proof(ranges, stored_nodes(connection, ranges))

    def consistency_proof(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the log of `new` records, or all of them, grew from that of `old`."""
        with self._database.reading(AUDITOR) as connection:
            size = read_head(connection).size if new is None else new
            ranges = consistency_ranges(old, size)
            return proof(ranges, stored_nodes(connection, ranges))

    def checkpoints(self) -> list[str]:
        """Every stored checkpoint, the smallest log first."""
        with self._database.reading(AUDITOR) as connection:
            return [note for _, note in stored_checkpoints(connection)]

    def export(self, start: int = 0, end: int | None = None) -> Iterator[str]:
        """The lines of an export: the log, or its records from `start` up to, not including, `end`.

        Each line ends with a newline. The log may grow meanwhile; the export ends where its head
        says.
        """
        with self._database.reading(AUDITOR) as connection:
            head = read_head(connection)
            checkpoints = stored_checkpoints(connection)
            end = head.size if end is None else end
            if not 0 <= start <= end <= head.size:
                got = f"{start} to {end}"
                raise RecordRefused("range", f"records within 0 to {head.size}", got)
            before = frontier_nodes(start)
            nodes = stored_nodes(connection, [Range(0, start)] if start else [])
        yield _line(
            type="log",
            format=EXPORT_FORMAT,
            start=start,
            end=end,
            size=head.size,
            root=in_base64(head.root),
            frontier=[in_base64(nodes[node]) for node in before],
        )
        due = [(size, note) for size, note in checkpoints if size >= start]
        for piece in range(start, end, _EXPORT_PIECE):
            for stored, hashed in self.piece(piece, min(piece + _EXPORT_PIECE, end)):
                while due and due[0][0] <= stored.leaf_index:
                    yield _line(type="checkpoint", note=due.pop(0)[1])
                yield _line(
                    type="leaf",
                    index=stored.leaf_index,
                    hash=in_base64(hashed),
                    leaf=stored.leaf.decode(errors="replace"),
                    private={name: _told(stored, name) for name in stored.sealed},
                )
        for size, note in due:
            if size <= end or end == head.size:
                yield _line(type="checkpoint", note=note)

    def piece(self, start: int, end: int) -> list[tuple[StoredRecord, bytes]]:
        """The records from `start` up to, not including, `end`, with the leaf hashes in the tree.

        A hash that is not there is empty.
        """
        with self._database.reading(AUDITOR) as connection:
            wanted = and_(RECORD.c.leaf_index >= start, RECORD.c.leaf_index < end)
            stored = visible(connection, AUDITOR, wanted, limit=end - start)
            leaves = [Node(0, found.leaf_index) for found in stored]
            hashes = fetched(connection, leaves)
        return [(found, hashes.get(leaf, b"")) for found, leaf in zip(stored, leaves, strict=True)]


def _of_id(connection: Connection, record_id: str, sight: Sight) -> list[StoredRecord]:
    """The record of an id, as a list of one or none."""
    if "\0" in record_id:  # PostgreSQL knows no such text
        return []
    return visible(connection, sight, RECORD.c.record_id == record_id, limit=1)


def _line(**entry: Any) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def _told(stored: StoredRecord, name: str) -> dict[str, Any]:
    """What an export says of a private value: its bytes, or that it was erased, or is damaged."""
    if stored.sealed[name] is None:
        return {"erased": True}
    kept = stored.private.get(name)
    if kept is None:
        return {"damaged": True}
    return {"salt": in_base64(kept.salt), "value": kept.value.decode(errors="replace")}
