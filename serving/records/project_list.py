"""The list of projects: which score is the newest of each, and what lists filter and sort by.

It is derived from the log and proves nothing: whoever shows a project reads its record. It is
brought up to date by those who read it, a piece of the log at a time, so that appending a record
costs nothing more; and could be emptied and made again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, tuple_, update

from serving.records.database import SERVICE, Database, Sight
from serving.records.log_reading import StoredRecord, read_head, visible
from serving.records.tables import LISTED_PROJECT, LISTED_TO, RECORD

_PIECE = 500
_MOST_AT_ONCE = 10 * _PIECE
"""Records that one reader takes into the list before it is answered: some seconds of work."""
NONE = -1.0
"""What stands for no number in a list: whoever sorts by it finds it last."""


@dataclass(frozen=True)
class Listed:
    """What lists filter and sort a score by.

    words: in which a text is sought, in lower case. risk: the greatest of its risks. rank_score,
    excess, risk: None where there is none.
    """

    year: int
    category: str | None
    words: str
    status: str
    grade: str | None
    position: str | None
    rank_score: float | None
    excess: float | None
    risk: float | None


@dataclass(frozen=True)
class Wanted:
    """Which projects: those that meet everything that is given.

    words: sought in id and name, as they stand. risk: at least that probability.
    """

    department: str | None = None
    year: int | None = None
    category: str | None = None
    words: str = ""
    status: str | None = None
    grade: str | None = None
    position: str | None = None
    risk: float | None = None


class Cursor(NamedTuple):
    """Where a page ends: the last project's number in the order, and its record's place."""

    number: float
    leaf_index: int


@dataclass(frozen=True)
class Choices:
    """What there is to choose from, for one who may see that much."""

    departments: tuple[str, ...]
    years: tuple[int, ...]
    categories: tuple[str, ...]


ORDERS = ("rank_score", "excess", "newest")
"""What a list may be sorted by, the greatest first."""

ListedOf = Callable[[StoredRecord], Listed | None]
"""What a list says of a record of a score; None for one that belongs into no list."""

_L = LISTED_PROJECT.c
_INSERT = insert(LISTED_PROJECT)


class ProjectList:
    """The list of a record log. All methods raise RecordsUnavailable when the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def catch_up(self, listed_of: ListedOf) -> int:
        """Take new scores into the list; the number of records that are left for the next time."""
        for _ in range(_MOST_AT_ONCE // _PIECE):
            with self._database.reading(SERVICE) as connection:
                if not self._behind(connection):
                    return 0
            with self._database.writing() as connection:
                self._take(connection, listed_of)
        with self._database.reading(SERVICE) as connection:
            return self._behind(connection)

    def page(
        self, sight: Sight, wanted: Wanted, order: str, after: Cursor | None, limit: int
    ) -> list[tuple[Cursor, StoredRecord]]:
        """The newest scores of the wanted projects with their places, those after a place."""
        number = _number(order)
        conditions = [*_conditions(sight, wanted)]
        if after is not None:
            conditions.append(tuple_(number, _L.leaf_index) < tuple_(*after))
        query = (
            select(number.label("number"), _L.leaf_index)
            .where(*conditions)
            .order_by(number.desc(), _L.leaf_index.desc())
            .limit(limit)
        )
        with self._database.reading(sight) as connection:
            places = [Cursor(*row) for row in connection.execute(query)]
            found = RECORD.c.leaf_index.in_([place.leaf_index for place in places])
            records = visible(connection, sight, found, limit=limit)
        by_place = {record.leaf_index: record for record in records}
        return [(at, by_place[at.leaf_index]) for at in places if at.leaf_index in by_place]

    def all_of(self, sight: Sight, wanted: Wanted, order: str = "newest") -> Iterator[StoredRecord]:
        """The newest scores of all wanted projects, read a piece at a time."""
        after: Cursor | None = None
        while True:
            piece = self.page(sight, wanted, order, after, _PIECE)
            yield from (record for _, record in piece)
            if len(piece) < _PIECE:
                return
            after = piece[-1][0]

    def count(self, sight: Sight, wanted: Wanted) -> int:
        """How many projects are wanted."""
        query = select(func.count()).select_from(LISTED_PROJECT).where(*_conditions(sight, wanted))
        with self._database.reading(sight) as connection:
            return int(connection.execute(query).scalar_one())

    def choices(self, sight: Sight) -> Choices:
        """The departments, years and categories of the projects that may be seen."""
        with self._database.reading(sight) as connection:
            return Choices(
                departments=tuple(_distinct(connection, sight, _L.department)),
                years=tuple(reversed(_distinct(connection, sight, _L.year))),
                categories=tuple(_distinct(connection, sight, _L.category)),
            )

    def acts(
        self, sight: Sight, kinds: Sequence[str], of: Sequence[StoredRecord]
    ) -> list[StoredRecord]:
        """The records of these kinds about the projects of some records, oldest first."""
        names = sorted({record.project_id for record in of if record.project_id is not None})
        return self.acts_about(sight, kinds, names)

    def acts_about(
        self, sight: Sight, kinds: Sequence[str], projects: Sequence[str]
    ) -> list[StoredRecord]:
        """The records of these kinds about some projects, by their ids, oldest first."""
        found: list[StoredRecord] = []
        with self._database.reading(sight) as connection:
            for start in range(0, len(projects), _PIECE):
                some = RECORD.c.project_id.in_(projects[start : start + _PIECE])
                kind = RECORD.c.kind.in_(kinds)
                found += visible(connection, sight, and_(some, kind), limit=None)
        return found

    def _behind(self, connection: Connection) -> int:
        """How many records wait; those that are no scores do not, unless they are many."""
        size = connection.execute(select(LISTED_TO.c.size)).scalar_one()
        waiting = read_head(connection).size - size
        if 0 < waiting < _PIECE:
            score = select(RECORD.c.leaf_index).where(_new_scores(size, waiting)).limit(1)
            return waiting if connection.execute(score).first() else 0
        return int(waiting)

    def _take(self, connection: Connection, listed_of: ListedOf) -> None:
        """Take one piece of the log into the list, and remember how far it goes."""
        size = connection.execute(select(LISTED_TO.c.size).with_for_update()).scalar_one()
        piece = min(_PIECE, read_head(connection).size - size)
        newest: dict[tuple[str | None, str, int], dict[str, Any]] = {}
        for record in visible(connection, SERVICE, _new_scores(size, piece), limit=piece):
            listed = listed_of(record)
            if listed is None or record.project_id is None:
                continue
            row = _row(record, listed)
            newest[record.department, record.project_id, listed.year] = row
        if newest:
            _replace(connection, set(newest))
            connection.execute(_INSERT, list(newest.values()))
        connection.execute(update(LISTED_TO).values(size=size + piece))


def _replace(connection: Connection, projects: set[tuple[str | None, str, int]]) -> None:
    """Take these projects' earlier lines for the newest no more."""
    listed = select(_L.leaf_index, _L.department, _L.project_id, _L.year).where(
        _L.newest == 1, _L.project_id.in_({project_id for _, project_id, _ in projects})
    )
    earlier = [place for place, *project in connection.execute(listed) if (*project,) in projects]
    if earlier:
        was = _L.leaf_index.in_(earlier)
        connection.execute(update(LISTED_PROJECT).where(was).values(newest=0))


def _new_scores(size: int, piece: int) -> ColumnElement[bool]:
    at = RECORD.c.leaf_index
    return and_(at >= size, at < size + piece, RECORD.c.kind == "score")


def _row(record: StoredRecord, listed: Listed) -> dict[str, Any]:
    row = dict(vars(listed))
    for name in ("rank_score", "excess", "risk"):
        value = row[name]
        row[name] = NONE if value is None or not math.isfinite(value) else float(value)
    return row | {
        "leaf_index": record.leaf_index,
        "department": record.department,
        "project_id": record.project_id,
        "newest": 1,
    }


def _number(order: str) -> ColumnElement[float]:
    """The column that an order sorts by."""
    if order == "newest":
        return _L.leaf_index
    return {"rank_score": _L.rank_score, "excess": _L.excess}[order]


def _conditions(sight: Sight, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """On PostgreSQL row security filters once more by department; on SQLite this is the filter."""
    yield _L.newest == 1
    if sight.role == "department":
        yield _L.department == sight.department
    if sight.without:
        yield _L.project_id.not_in(sorted(sight.without))
    for name in ("department", "year", "category", "status", "grade", "position"):
        value = getattr(wanted, name)
        if value is not None:
            yield _L[name] == value
    if wanted.words:
        yield _L.words.contains(wanted.words.lower(), autoescape=True)
    if wanted.risk is not None:
        yield _L.risk >= wanted.risk


def _distinct(connection: Connection, sight: Sight, column: ColumnElement[Any]) -> list[Any]:
    query = select(column).where(*_conditions(sight, Wanted()), column.is_not(None)).distinct()
    return sorted(connection.execute(query).scalars())
