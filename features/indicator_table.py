"""The indicator table: every indicator of many projects, given and derived, as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.field import Kind
from features.indicator import Derivation, Indicator
from features.item_operations import ITEM_OPERATIONS
from features.kept_beside import KeptBeside
from features.operations import COLUMN_OPERATIONS, UNKNOWN, Column, Numbers
from features.value_parser import decimal_year


@dataclass(frozen=True)
class IndicatorTable:
    """Columns of length n under the indicators' names.

    Numeric indicators are float64 with NaN for unknown (flags 0/1, dates as decimal years,
    ordered categories as the position of their code); other categories and texts are object
    arrays of str or None.
    """

    columns: Mapping[str, Column]
    length: int

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def rows(self, chosen: npt.NDArray[np.int64]) -> IndicatorTable:
        """The table of the chosen row numbers only, in their order."""
        return IndicatorTable({n: c[chosen] for n, c in self.columns.items()}, len(chosen))


def indicator_table(projects: Sequence[DeclaredProject], catalogue: Catalogue) -> IndicatorTable:
    """The value of every indicator for every project, in the projects' order.

    Each row depends on its own project only, so that one row and a million give the same values.
    """
    plan = _plan(catalogue)
    columns = plan.columns.made([_found(project, plan) for project in projects])
    for use in plan.from_columns:
        columns |= use.column(columns)
    return IndicatorTable(columns, len(projects))


def supposed_table(
    project: DeclaredProject, catalogue: Catalogue, suppositions: Sequence[Mapping[str, Any]]
) -> IndicatorTable:
    """One row for each supposition: the project's table if these indicators had these values.

    What is calculated from a supposed indicator is calculated anew. Values are as a project has
    them: codes, numbers, flags.
    """
    plan = _plan(catalogue)
    plain = _found(project, plan)
    columns = plan.columns.made([_supposed(project, plan, plain, each) for each in suppositions])
    for use in plan.from_columns:
        columns |= use.column(columns)
        for row, supposition in enumerate(suppositions):
            if use.name in supposition:
                columns[use.name][row] = _coded(catalogue.by_name[use.name], supposition[use.name])
    return IndicatorTable(columns, len(suppositions))


def _supposed(
    project: DeclaredProject, plan: _Plan, plain: list[Any], supposition: Mapping[str, Any]
) -> list[Any]:
    given = {name: value for name, value in supposition.items() if name in project.values}
    if given:
        plain = _found(replace(project, values={**project.values, **given}), plan)
    supposed = dict(zip(plan.columns.names, plain, strict=True))
    return list((supposed | {n: v for n, v in supposition.items() if n in supposed}).values())


def _found(project: DeclaredProject, plan: _Plan) -> list[Any]:
    """A project's given values and what item operations derive, in the order of the columns.

    The operations read given values and parts only (a rule of the catalogue), so they come before
    the rest. They find nothing where a part that they read is absent.
    """
    values: dict[str, Any] = {**project.values}
    unknown: set[str] = set()
    for part, fields in plan.fields:
        records = values[part]
        if records is None:
            unknown.update(name for name, _ in fields)
        else:
            for name, field_of in fields:
                values[name] = list(map(field_of, records))
    value_of = values.__getitem__
    for use in plan.from_parts:
        absent = unknown and not unknown.isdisjoint(use.of)
        values[use.name] = None if absent else use.function(*map(value_of, use.of))
    return list(map(value_of, plan.columns.names))


class _Columns:
    """Makes the columns of some indicators from their values.

    The numeric ones are rows of one matrix, the others of another, which is much faster than an
    array for each.

    names: of the indicators in the order in which values come, the numeric ones first.
    """

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        ordered = sorted(indicators, key=_is_number, reverse=True)
        self.names = [i.name for i in ordered]
        self._codes = [(place, code) for place, i in enumerate(ordered) if (code := _code(i))]
        self._numeric = sum(map(_is_number, ordered))

    def made(self, rows: Sequence[list[Any]]) -> dict[str, Column]:
        """The columns under their names, of n rows of values, None where unknown."""
        for row in rows:
            for place, code in self._codes:
                row[place] = code(row[place])
        cut = self._numeric
        numbers = _turned([row[:cut] for row in rows], cut, np.float64)  # where None becomes NaN
        others = _turned([row[cut:] for row in rows], len(self.names) - cut, object)
        return dict(zip(self.names, [*numbers, *others], strict=True))


def _turned(rows: Sequence[list[Any]], width: int, kind: type) -> Column:
    """The columns of some rows of values, shape (width, n), each contiguous."""
    return np.ascontiguousarray(np.array(rows, dtype=kind).reshape(len(rows), width).T)


def _is_number(indicator: Indicator) -> bool:
    ordered = indicator.ordered and indicator.codes
    return bool(ordered) or indicator.kind not in (Kind.TEXT, Kind.CATEGORY)


def _code(indicator: Indicator) -> Callable[[Any], float | None] | None:
    """What makes a number of a value that is none: an ordered code's position, a date's year."""
    if indicator.ordered and indicator.codes:
        return {code: float(position) for position, code in enumerate(indicator.codes)}.get
    return _decimal_year if indicator.kind is Kind.DATE else None


def _coded(indicator: Indicator, value: Any) -> Any:
    """A value as it stands in a column."""
    code = _code(indicator)
    return code(value) if code else value


def _decimal_year(value: str | None) -> float | None:
    return None if value is None else decimal_year(value)


@dataclass(frozen=True)
class _Use:
    """One derived indicator: the operation with its options, and what it reads.

    alone: what makes its column, where the operation of columns finds codes that are ordered.
    """

    name: str
    function: Callable[..., Any]
    of: tuple[str, ...]
    alone: _Columns | None

    @classmethod
    def of_indicator(cls, indicator: Indicator, derive: Derivation, function: Any) -> _Use:
        called = partial(function, **derive.options) if derive.options else function
        alone = _Columns([indicator]) if indicator.ordered else None
        return cls(indicator.name, called, derive.of, alone)

    def column(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """The indicator's column under its name, found from the columns that it reads."""
        found = self.function(*[columns[name] for name in self.of])
        return self.alone.made([[value] for value in found]) if self.alone else {self.name: found}


class _Plan:
    """How a catalogue's indicators are found, worked out once for all projects.

    from_parts: what item operations derive. fields: the parts that they read, each with the
    `part.field` names and how the field is taken from a record. columns: of what is given and
    what they derive. from_columns: what column operations derive, each after everything it reads.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.from_parts = [
            _Use.of_indicator(i, i.derive, ITEM_OPERATIONS[i.derive.operation].function)
            for i in catalogue.indicators
            if i.derive and i.derive.operation in ITEM_OPERATIONS
        ]
        derived = [catalogue.by_name[use.name] for use in self.from_parts]
        self.columns = _Columns([*catalogue.given, *derived])
        names = sorted({name for use in self.from_parts for name in use.of})
        fields: dict[str, list[tuple[str, Callable[[Any], Any]]]] = {}
        for part, _, field in (name.partition(".") for name in names):
            if field:
                fields.setdefault(part, []).append((f"{part}.{field}", itemgetter(field)))
        self.fields = list(fields.items())
        in_order = (catalogue.by_name[name] for name in catalogue.derivation_order)
        self.from_columns = [
            _Use.of_indicator(i, i.derive, COLUMN_OPERATIONS[i.derive.operation].function)
            for i in in_order
            if i.derive and i.derive.operation in COLUMN_OPERATIONS
        ]


_plan = KeptBeside(_Plan)


@dataclass(frozen=True)
class Vocabulary:
    """The codes of every unordered category, in the order of their numbers in the matrix.

    A closed category takes its codes from the catalogue; an open one from the training rows.
    """

    codes: Mapping[str, tuple[str, ...]]

    @cached_property
    def _numbers(self) -> Mapping[str, Mapping[str, float]]:
        return {
            name: {code: float(number) for number, code in enumerate(codes)}
            for name, codes in self.codes.items()
        }

    @classmethod
    def learned(cls, table: IndicatorTable, catalogue: Catalogue) -> Vocabulary:
        """The vocabulary of a catalogue, open categories filled from a training table."""
        return cls(
            {
                i.name: tuple(i.codes)
                if i.codes
                else tuple(sorted({v for v in table[i.name] if v is not None}))
                for i in catalogue.indicators
                if i.kind is Kind.CATEGORY and not i.ordered
            }
        )

    def encode(self, name: str, column: Column) -> Numbers:
        """The number of each code; NaN where absent or never seen in training."""
        numbers = self._numbers[name]
        return np.array([numbers.get(v, UNKNOWN) for v in column.tolist()], dtype=np.float64)


def feature_matrix(table: IndicatorTable, names: Sequence[str], vocabulary: Vocabulary) -> Numbers:
    """The columns `names` as one matrix, shape (n, len(names)), float64, NaN for unknown."""
    if not names:
        return np.empty((table.length, 0))
    columns, coded = table.columns, vocabulary.codes
    found = [
        vocabulary.encode(name, columns[name]) if name in coded else columns[name] for name in names
    ]
    # One copy of all and one turn: far fewer calls than a copy of each, for one row above all.
    return np.ascontiguousarray(np.concatenate(found).reshape(len(names), table.length).T)
