"""A list that is derived from the log by those who read it, a piece of the log at a time.

It proves nothing and could be emptied and made again: whoever shows a line reads its record.
Appending a record costs nothing more. A table of one row remembers how far the list goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Table, and_, select, update

from serving.records.database import SERVICE, Database, Sight
from serving.records.log_reading import StoredRecord, read_head, visible
from serving.records.tables import RECORD

PIECE = 500
_MOST_AT_ONCE = 10 * PIECE
"""Records that one reader takes into a list before it is answered: some seconds of work."""


class Taking(Protocol):
    """Takes new records into a list, inside the transaction that remembers how far it goes."""

    def __call__(self, connection: Connection, records: Sequence[StoredRecord]) -> None: ...


class DerivedList:
    """How far a list goes, and what brings it up to date.

    reached: the table of one row with the size of the log that the list covers. kinds: of the
    records that it is made of.
    """

    def __init__(self, database: Database, reached: Table, kinds: Sequence[str]) -> None:
        self._database = database
        self._reached = reached
        self._kinds = kinds

    def catch_up(self, take: Taking) -> int:
        """Take new records into the list; how many are left for the next time."""
        for _ in range(_MOST_AT_ONCE // PIECE):
            with self._database.reading(SERVICE) as connection:
                if not self._behind(connection):
                    return 0
            with self._database.writing() as connection:
                self._take(connection, take)
        with self._database.reading(SERVICE) as connection:
            return self._behind(connection)

    def _behind(self, connection: Connection) -> int:
        """How many records wait; those of other kinds do not, unless they are many."""
        size = connection.execute(select(self._reached.c.size)).scalar_one()
        waiting = read_head(connection).size - size
        if 0 < waiting < PIECE:
            found = select(RECORD.c.leaf_index).where(self._new(size, waiting)).limit(1)
            return waiting if connection.execute(found).first() else 0
        return int(waiting)

    def _take(self, connection: Connection, take: Taking) -> None:
        """Take one piece of the log into the list, and remember how far it goes."""
        reached = select(self._reached.c.size).with_for_update()
        size = connection.execute(reached).scalar_one()
        piece = min(PIECE, read_head(connection).size - size)
        take(connection, visible(connection, SERVICE, self._new(size, piece), limit=piece))
        connection.execute(update(self._reached).values(size=size + piece))

    def _new(self, size: int, piece: int) -> ColumnElement[bool]:
        at = RECORD.c.leaf_index
        return and_(at >= size, at < size + piece, RECORD.c.kind.in_(self._kinds))


def acts_about(
    connection: Connection, sight: Sight, kinds: Sequence[str], projects: Sequence[str]
) -> list[StoredRecord]:
    """The records of these kinds about some projects, by their ids, oldest first."""
    found: list[StoredRecord] = []
    for start in range(0, len(projects), PIECE):
        some = RECORD.c.project_id.in_(projects[start : start + PIECE])
        found += visible(connection, sight, and_(some, RECORD.c.kind.in_(kinds)), limit=None)
    return sorted(found, key=lambda act: act.leaf_index)
