"""The indicator table: every indicator of many projects, given and derived, as columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
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
    columns: dict[str, Column] = {
        name: as_column([project.values[name] for project in projects])
        for name, as_column in plan.given
    }
    columns |= _from_parts(projects, plan)
    for use in plan.from_columns:
        found = use.function(*[columns[name] for name in use.of])
        columns[use.name] = use.as_column(list(found)) if use.ordered else found
    return IndicatorTable(columns, len(projects))


def _from_parts(projects: Sequence[DeclaredProject], plan: _Plan) -> dict[str, Column]:
    """The indicators that item operations derive, project by project.

    They read given values and parts only (a rule of the catalogue), so they come before the rest.
    """
    rows = [_derived(project, plan) for project in projects]
    return {
        use.name: use.as_column([row[i] for row in rows]) for i, use in enumerate(plan.from_parts)
    }


def _derived(project: DeclaredProject, plan: _Plan) -> list[Any]:
    """What each item operation finds in a project; nothing where a part that it reads is absent."""
    given: dict[str, Any] = {}
    unknown = set()
    for name, part, field in plan.read:
        value = project.values[part]
        given[name] = [item[field] for item in value] if isinstance(value, tuple) else value
        if value is None and part in plan.parts:
            unknown.add(name)
    return [
        None
        if unknown and not unknown.isdisjoint(use.of)
        else use.function(*[given[name] for name in use.of])
        for use in plan.from_parts
    ]


@dataclass(frozen=True)
class _Use:
    """One derived indicator: the operation with its options, what it reads, and its column."""

    name: str
    function: Callable[..., Any]
    of: tuple[str, ...]
    as_column: Callable[[Sequence[Any]], Column]
    ordered: bool

    @classmethod
    def of_indicator(cls, indicator: Indicator, derive: Derivation, function: Any) -> _Use:
        called = partial(function, **derive.options) if derive.options else function
        ordered = indicator.ordered
        return cls(indicator.name, called, derive.of, _column_maker(indicator), ordered)


class _Plan:
    """How a catalogue's indicators are found, worked out once for all projects.

    given: the given indicators and what makes their columns. from_parts: what item operations
    derive. read: each argument of theirs with its part, or scalar, and its field. from_columns:
    what column operations derive, each after everything it reads.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.given = [(i.name, _column_maker(i)) for i in catalogue.given]
        self.parts = frozenset(part.name for part in catalogue.parts)
        self.from_parts = [
            _Use.of_indicator(i, i.derive, ITEM_OPERATIONS[i.derive.operation].function)
            for i in catalogue.indicators
            if i.derive and i.derive.operation in ITEM_OPERATIONS
        ]
        names = sorted({name for use in self.from_parts for name in use.of})
        self.read = [
            (name, part, field) for name in names for part, _, field in [name.partition(".")]
        ]
        derived = (catalogue.by_name[name] for name in catalogue.derivation_order)
        self.from_columns = [
            _Use.of_indicator(i, i.derive, COLUMN_OPERATIONS[i.derive.operation].function)
            for i in derived
            if i.derive and i.derive.operation in COLUMN_OPERATIONS
        ]


_plan = KeptBeside(_Plan)


def _column_maker(indicator: Indicator) -> Callable[[Sequence[Any]], Column]:
    """What makes the column of an indicator from its values, None where absent."""
    if indicator.ordered and indicator.codes:
        positions = {code: float(position) for position, code in enumerate(indicator.codes)}
        return partial(_positions, positions)
    if indicator.kind in (Kind.TEXT, Kind.CATEGORY):
        return _texts
    return _decimal_years if indicator.kind is Kind.DATE else _numbers


def _positions(positions: Mapping[str, float], values: Sequence[Any]) -> Column:
    return np.array([positions.get(v, UNKNOWN) for v in values], dtype=np.float64)


def _texts(values: Sequence[Any]) -> Column:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _decimal_years(values: Sequence[Any]) -> Column:
    return np.array([UNKNOWN if v is None else decimal_year(v) for v in values], dtype=np.float64)


def _numbers(values: Sequence[Any]) -> Column:
    return np.array([UNKNOWN if v is None else v for v in values], dtype=np.float64)


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
        return np.array([numbers.get(v, UNKNOWN) for v in column], dtype=np.float64)


def feature_matrix(table: IndicatorTable, names: Sequence[str], vocabulary: Vocabulary) -> Numbers:
    """The columns `names` as one matrix, shape (n, len(names)), float64, NaN for unknown."""
    matrix = np.empty((table.length, len(names)), dtype=np.float64)
    for position, name in enumerate(names):
        column = table[name]
        coded = name in vocabulary.codes
        matrix[:, position] = vocabulary.encode(name, column) if coded else column
    return matrix
