"""What is wanted of a record log: the filters of a search, as a condition of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from serving.records.tables import RECORD, RECORD_LINK, RECORD_SEARCH

_MILLISECOND_DIGITS = 12


@dataclass(frozen=True)
class LogQuery:
    """Which records are wanted; a filter that is None lets all through.

    about: the id of a record that they concern. since, until: when they were made, to the
    millisecond that their ids begin with; the first belongs to the span, the last does not.
    before: a place in the log before which they stand.
    """

    record_id: str | None = None
    project_id: str | None = None
    department: str | None = None
    kind: str | None = None
    actor: str | None = None
    model_version: str | None = None
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100

    def wanted(self) -> Any:
        """The condition on `record` that these filters are; each is carried by an index."""
        own = ("record_id", "project_id", "department", "kind")
        wanted = [RECORD.c[name] == value for name in own if (value := getattr(self, name))]
        searched = {"actor": self.actor, "model_version": self.model_version}
        terms = [RECORD_SEARCH.c[name] == value for name, value in searched.items() if value]
        if terms:
            wanted += [*terms, *self._beside(RECORD_SEARCH)]
        if self.about:
            wanted += [RECORD_LINK.c.about == self.about, *self._beside(RECORD_LINK)]
        if self.before is not None:
            wanted.append(RECORD.c.leaf_index < self.before)
        return and_(True, *wanted, *self._span())

    def newest_first(self) -> Any:
        """The order of what is wanted, by the table whose index has it ready."""
        table = RECORD_LINK if self.about else RECORD
        if self.actor or self.model_version:
            table = RECORD_SEARCH
        return table.c.leaf_index.desc()

    def _beside(self, table: Any) -> list[Any]:
        """What joins a record's row in another table, which has one at most that is wanted."""
        bound = [] if self.before is None else [table.c.leaf_index < self.before]
        return [table.c.leaf_index == RECORD.c.leaf_index, *bound]

    def _span(self) -> list[Any]:
        """The span of time, as a span of ids and as the places between which those stand."""
        ids = []
        if self.since is not None:
            ids.append(RECORD.c.record_id >= _first_id(self.since))
        if self.until is not None:
            ids.append(RECORD.c.record_id < _first_id(self.until))
        if not ids:
            return []
        inner = RECORD.alias("spanned")
        same = [bound.operator(inner.c.record_id, bound.right) for bound in ids]
        ends = [
            select(end(inner.c.leaf_index)).where(*same).scalar_subquery()
            for end in (func.min, func.max)
        ]
        return [*ids, RECORD.c.leaf_index >= ends[0], RECORD.c.leaf_index <= ends[1]]


def _first_id(moment: datetime) -> str:
    """The beginning of the ids that are made in a moment and later (UUIDv7, RFC 9562)."""
    milliseconds = max(int(moment.timestamp() * 1000), 0)
    digits = f"{milliseconds:0{_MILLISECOND_DIGITS}x}"
    return f"{digits[:8]}-{digits[8:]}"
