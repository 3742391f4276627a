"""The list of projects: which score is the newest of each, and what lists filter and sort by.

It is derived from the log by those who read it (`serving.records.derived_list`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, select, tuple_, update

from serving.records.database import Database, Sight
from serving.records.derived_list import PIECE, DerivedList, acts_about
from serving.records.log_reading import StoredRecord, visible
from serving.records.tables import LISTED_PROJECT, LISTED_TO, RECORD

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
        self._derived = DerivedList(database, LISTED_TO, ("score",))

    def catch_up(self, listed_of: ListedOf) -> int:
        """Take new scores into the list; the number of records that are left for the next time."""
        return self._derived.catch_up(partial(_take, listed_of))

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
            piece = self.page(sight, wanted, order, after, PIECE)
            yield from (record for _, record in piece)
            if len(piece) < PIECE:
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
        with self._database.reading(sight) as connection:
            return acts_about(connection, sight, kinds, projects)


def _take(listed_of: ListedOf, connection: Connection, records: Sequence[StoredRecord]) -> None:
    """Take new scores into the list: of each project the newest."""
    newest: dict[tuple[str | None, str, int], dict[str, Any]] = {}
    for record in records:
        listed = listed_of(record)
        if listed is None or record.project_id is None:
            continue
        newest[record.department, record.project_id, listed.year] = _row(record, listed)
    if newest:
        _replace(connection, set(newest))
        connection.execute(_INSERT, list(newest.values()))


def _replace(connection: Connection, projects: set[tuple[str | None, str, int]]) -> None:
    """Take these projects' earlier lines for the newest no more."""
    listed = select(_L.leaf_index, _L.department, _L.project_id, _L.year).where(
        _L.newest == 1, _L.project_id.in_({project_id for _, project_id, _ in projects})
    )
    earlier = [place for place, *project in connection.execute(listed) if (*project,) in projects]
    if earlier:
        was = _L.leaf_index.in_(earlier)
        connection.execute(update(LISTED_PROJECT).where(was).values(newest=0))


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
