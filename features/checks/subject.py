"""One declared project while it is checked: its values, and the record that is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features.checks.reference import Reference
from features.item_operation import Value

Record = Mapping[str, Value]
NO_RECORD: Record = {}


class Subject:
    """What a condition is asked about. item: the record looked at, and its number from 0."""

    __slots__ = ("_columns", "item", "number", "reference", "values")

    def __init__(self, values: Mapping[str, Any], reference: Reference) -> None:
        self.values, self.reference = values, reference
        self.item, self.number = NO_RECORD, -1
        self._columns: dict[tuple[str, str], Sequence[Value]] = {}

    def records(self, part: str) -> Sequence[Record] | None:
        """The records of a part; None where another system should have given them."""
        found: Sequence[Record] | None = self.values[part]
        return found

    def column(self, part: str, field: str) -> Sequence[Value]:
        """One field of every record of a part, in order."""
        key = (part, field)
        found = self._columns.get(key)
        if found is None:
            found = [record[field] for record in self.records(part) or ()]
            self._columns[key] = found
        return found
