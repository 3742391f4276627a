"""How the columns of a file become the fields of a project document, and nothing is lost unsaid."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from features.catalogue import Catalogue
from features.errors import Fault, FileError
from features.value_parser import number_in


@dataclass(frozen=True)
class FileColumns:
    """Which column of a file gives which field.

    fields: field name → (column, scale). outcomes: the outcome columns present. unread: columns
    that the catalogue does not name; they are reported, never silently dropped.
    """

    fields: Mapping[str, tuple[str, float]]
    outcomes: tuple[str, ...]
    unread: tuple[str, ...]

    @classmethod
    def of(cls, header: Iterable[str], catalogue: Catalogue) -> FileColumns:
        """The mapping for a header; a column may bear the field's name, its label or an alias.

        Raises:
            FileError: when a required field has no column, or two columns give the same field.
        """
        columns = tuple(header)
        spellings = _spellings(catalogue)
        fields: dict[str, tuple[str, float]] = {}
        faults: list[Fault] = []
        for column in columns:
            if _plain(column) not in spellings:
                continue
            name, scale = spellings[_plain(column)]
            if name in fields:
                got = f"{fields[name][0]!r} and {column!r}"
                faults.append(Fault(None, name, "one column", got, "keep one of the two"))
            fields[name] = (column, scale)
        for indicator in catalogue.given:
            if indicator.required and indicator.name not in fields:
                expected = f"a column named {' or '.join(dict.fromkeys(_names(indicator)))}"
                faults.append(Fault(None, indicator.name, expected, "none", _closest(columns)))
        if faults:
            raise FileError(faults)
        wanted = outcome_columns(catalogue)
        read = {column for column, _ in fields.values()}
        return cls(
            fields,
            tuple(c for c in columns if c in wanted),
            tuple(c for c in columns if c not in read and c not in wanted),
        )

    def document(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The project document that a row holds, in the catalogue's names and units."""
        document = {name: row.get(column) for name, column in self._columns}
        for name, scale in self._scales:
            document[name] = _scaled(document[name], scale)
        return document

    @cached_property
    def _columns(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, column) for name, (column, _) in self.fields.items())

    @cached_property
    def _scales(self) -> tuple[tuple[str, float], ...]:
        return tuple((name, scale) for name, (_, scale) in self.fields.items() if scale != 1)

    def as_in_file(self, fault: Fault) -> Fault:
        """A fault of a field, with the column as the file names it and the unit it is in."""
        column, scale = self.fields.get(fault.field or "", (fault.field, 1.0))
        if scale == 1 and column == fault.field:
            return fault
        if scale == 1:
            return replace(fault, hint="; ".join(filter(None, (fault.hint, f"column {column}"))))
        # A hint of the value parser counts in the catalogue's unit, the cell in the column's.
        return replace(fault, hint=f"column {column}: a number alone, which is read × {scale:g}")


def outcome_columns(catalogue: Catalogue) -> frozenset[str]:
    """The outcome columns that the catalogue's heads are learned from."""
    return frozenset(column for head in catalogue.heads for column in head.outcome.columns)


def _names(indicator: Any) -> tuple[str, ...]:
    return (*indicator.columns, indicator.label.zh, indicator.label.en)


def _spellings(catalogue: Catalogue) -> dict[str, tuple[str, float]]:
    """Every spelling of a column, a name before a label; a label of two fields names neither.

    The declared scale belongs to the declared column alone.
    """
    given = catalogue.given
    labels = Counter(word for i in given for word in {i.label.zh, i.label.en})
    found = {
        word: (i.name, 1.0) for i in given for word in (i.label.zh, i.label.en) if labels[word] == 1
    }
    found |= {i.name: (i.name, 1.0) for i in given}
    for indicator in given:
        scaled = indicator.column or (indicator.name,)
        found |= dict.fromkeys(scaled, (indicator.name, indicator.scale))
    found |= {part.name: (part.name, 1.0) for part in catalogue.parts}
    return {_plain(word): place for word, place in found.items()}


def _plain(word: str) -> str:
    """A heading without blanks around it, full-width letters and brackets as half-width ones."""
    return unicodedata.normalize("NFKC", word).strip()


def _scaled(value: Any, scale: float) -> Any:
    """A value in the catalogue's unit; what is no finite number is left for the parser to name."""
    if value is None or isinstance(value, bool):
        return value
    number = number_in(value) if isinstance(value, str) else value
    if not isinstance(number, int | float) or not math.isfinite(number):
        return value
    return number * scale


def _closest(columns: tuple[str, ...]) -> str:
    shown = ", ".join(columns[:12])
    more = "" if len(columns) <= 12 else f" and {len(columns) - 12} more"
    return f"the file has {shown}{more}" if columns else "the file has no columns"
