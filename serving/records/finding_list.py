"""The list of findings: those of the newest score, and of the newest check, of each project.

It is derived from the log by those who read it (`serving.records.derived_list`), and follows what
people say of findings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, tuple_

from serving.records.database import SERVICE, Database, Sight
from serving.records.derived_list import PIECE, DerivedList, acts_about
from serving.records.log_reading import StoredRecord, pieces, visible
from serving.records.tables import FINDINGS_LISTED_TO, LISTED_FINDING, RECORD

CHECKED = ("score", "check")
"""The kinds of record that have findings."""
HANDLING = "handling"
ORDERS = ("severity", "excess", "newest", "oldest")
"""What a list may be sorted by: the gravest first, the largest amount in excess, by the record."""
NONE = -1.0
"""What stands for no amount in excess: whoever sorts by it finds it last."""


@dataclass(frozen=True)
class ListedFinding:
    """What lists filter and sort a finding by.

    finding: its id within the record. severity: the greater, the graver; 0 where it is not known.
    excess: an amount of money; None for what is measured otherwise. words: in which a text is
    sought, in lower case.
    """

    finding: str
    code: str
    severity: int
    state: str
    excess: float | None
    words: str


@dataclass(frozen=True)
class ListedRecord:
    """The findings of one record, as they stand in it, and whose they are."""

    year: int
    region: str | None
    findings: tuple[ListedFinding, ...]


@dataclass(frozen=True)
class WantedFindings:
    """Which findings: those that meet everything that is given.

    kind: of the record, one of CHECKED. region: the beginning of its code. words: sought in the
    project's id and name and in what is said of the finding, as they stand.
    """

    kind: str = CHECKED[0]
    state: str | None = None
    severity: int | None = None
    code: str | None = None
    department: str | None = None
    region: str | None = None
    year: int | None = None
    words: str = ""


class FindingCursor(NamedTuple):
    """Where a page ends: the last finding's value in the order, its record's place, its own."""

    value: float
    leaf_index: int
    number: int


class FindingAt(NamedTuple):
    """A finding of the list: where it stands, its record, and its id within that."""

    at: FindingCursor
    stored: StoredRecord
    finding: str


class FindingCount(NamedTuple):
    """How many findings of a rule, of a severity, are in a state."""

    code: str
    severity: int
    state: str
    findings: int


@dataclass(frozen=True)
class FindingChoices:
    """What there is to choose from, for one who may see that much."""

    departments: tuple[str, ...]
    regions: tuple[str, ...]
    years: tuple[int, ...]
    codes: tuple[str, ...]


ListedOf = Callable[[StoredRecord, Sequence[StoredRecord]], ListedRecord | None]
"""What a list says of a record, from it and what people said of its project's findings, oldest
first; None for one that belongs into no list."""

_L = LISTED_FINDING.c
_Key = tuple[str, str | None, str, int]


class FindingList:
    """The list of a record log. All methods raise RecordsUnavailable when the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._derived = DerivedList(database, FINDINGS_LISTED_TO, (*CHECKED, HANDLING))

    def catch_up(self, listed_of: ListedOf) -> int:
        """Take what is new into the list; the number of records that are left for the next time."""
        return self._derived.catch_up(partial(_take, listed_of))

    def page(
        self,
        sight: Sight,
        wanted: WantedFindings,
        order: str,
        after: FindingCursor | None,
        limit: int,
    ) -> list[FindingAt]:
        """The wanted findings with their records, those after a place."""
        value = _value(order)
        conditions = [*_conditions(sight, wanted)]
        if after is not None:
            conditions.append(tuple_(value, _L.leaf_index, _L.number) < tuple_(*after))
        query = (
            select(value.label("value"), _L.leaf_index, _L.number, _L.finding)
            .where(*conditions)
            .order_by(value.desc(), _L.leaf_index.desc(), _L.number.desc())
            .limit(limit)
        )
        with self._database.reading(sight) as connection:
            rows = connection.execute(query).all()
            places = sorted({row.leaf_index for row in rows})
            by_place = {each.leaf_index: each for each in _records(connection, sight, places)}
        return [
            FindingAt(FindingCursor(*row[:3]), by_place[row.leaf_index], row.finding)
            for row in rows
            if row.leaf_index in by_place
        ]

    def all_of(self, sight: Sight, wanted: WantedFindings, order: str) -> Iterator[FindingAt]:
        """All wanted findings, read a piece at a time."""
        after: FindingCursor | None = None
        while True:
            piece = self.page(sight, wanted, order, after, PIECE)
            yield from piece
            if len(piece) < PIECE:
                return
            after = piece[-1].at

    def counts(self, sight: Sight, wanted: WantedFindings) -> list[FindingCount]:
        """How many of the wanted findings there are of each rule and in each state."""
        group = (_L.code, _L.severity, _L.state)
        query = select(*group, func.count()).where(*_conditions(sight, wanted)).group_by(*group)
        with self._database.reading(sight) as connection:
            found = [FindingCount(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda each: (-each.severity, each.code, each.state))

    def choices(self, sight: Sight, kind: str) -> FindingChoices:
        """What the filters may be set to, over the records of a kind that may be seen."""
        with self._database.reading(sight) as connection:
            of = partial(_distinct, connection, sight, WantedFindings(kind))
            return FindingChoices(
                departments=of(_L.department),
                regions=of(_L.region),
                years=tuple(reversed(of(_L.year))),
                codes=of(_L.code),
            )


def _take(listed_of: ListedOf, connection: Connection, records: Sequence[StoredRecord]) -> None:
    """Take new records into the list, and those listed already of which people said something."""
    named = sorted({each.project_id for each in records if each.project_id is not None})
    acts: dict[str | None, list[StoredRecord]] = defaultdict(list)
    for act in acts_about(connection, SERVICE, (HANDLING,), named):
        acts[act.project_id].append(act)
    said = {each.project_id for each in records if each.kind == HANDLING}
    listed = _listed(connection, named)
    again = _records(connection, SERVICE, [at for at, key in listed.items() if key[2] in said])
    newest: dict[_Key, tuple[StoredRecord, ListedRecord]] = {}
    for each in (*again, *(each for each in records if each.kind in CHECKED)):
        found = listed_of(each, acts[each.project_id])
        if found is not None and each.project_id is not None:
            newest[each.kind, each.department, each.project_id, found.year] = each, found
    gone = [at for at, key in listed.items() if key in newest]
    for some in pieces(gone):
        connection.execute(delete(LISTED_FINDING).where(_L.leaf_index.in_(some)))
    rows = [row for each, found in newest.values() for row in _rows(each, found)]
    if rows:
        connection.execute(insert(LISTED_FINDING), rows)


def _listed(connection: Connection, projects: Sequence[str]) -> dict[int, _Key]:
    """The records of these projects that are in the list, by their place in the log."""
    columns = (_L.leaf_index, _L.kind, _L.department, _L.project_id, _L.year)
    found: dict[int, _Key] = {}
    for some in pieces(projects):
        query = select(*columns).where(_L.project_id.in_(some)).distinct()
        found |= {row[0]: (*row[1:],) for row in connection.execute(query)}
    return dict(sorted(found.items()))


def _records(connection: Connection, sight: Sight, places: Iterable[int]) -> list[StoredRecord]:
    found: list[StoredRecord] = []
    for some in pieces(list(places)):
        found += visible(connection, sight, RECORD.c.leaf_index.in_(some), limit=None)
    return found


def _rows(stored: StoredRecord, listed: ListedRecord) -> Iterator[dict[str, Any]]:
    """A row for each finding; the first of a record has the greatest number."""
    for number, each in enumerate(reversed(listed.findings)):
        excess = NONE if each.excess is None else abs(float(each.excess))
        yield vars(replace(each, excess=excess)) | {
            "leaf_index": stored.leaf_index,
            "number": number,
            "kind": stored.kind,
            "department": stored.department,
            "project_id": stored.project_id,
            "year": listed.year,
            "region": listed.region,
        }


def _value(order: str) -> ColumnElement[Any]:
    """What an order sorts by, the greatest first."""
    at: ColumnElement[int] = _L.leaf_index
    return {"severity": _L.severity, "excess": _L.excess, "newest": at, "oldest": -at}[order]


def _conditions(sight: Sight, wanted: WantedFindings) -> Iterator[ColumnElement[bool]]:
    """On PostgreSQL row security filters once more by department; on SQLite this is the filter."""
    if sight.role == "department":
        yield _L.department == sight.department
    if sight.without:
        yield _L.project_id.not_in(sorted(sight.without))
    for name in ("kind", "state", "severity", "code", "department", "year"):
        value = getattr(wanted, name)
        if value is not None:
            yield _L[name] == value
    if wanted.region:
        yield _L.region.startswith(wanted.region, autoescape=True)
    if wanted.words:
        yield _L.words.contains(wanted.words.lower(), autoescape=True)


def _distinct(
    connection: Connection, sight: Sight, wanted: WantedFindings, column: ColumnElement[Any]
) -> tuple[Any, ...]:
    query = select(column).where(*_conditions(sight, wanted), column.is_not(None)).distinct()
    return tuple(sorted(connection.execute(query).scalars()))
