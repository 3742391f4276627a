"""The indicator table: every indicator of many projects, given and derived, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.field import Kind
from features.indicator import Derivation, Indicator
from features.item_operations import ITEM_OPERATIONS
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
    columns: dict[str, Column] = {
        i.name: _as_column(i, [p.values[i.name] for p in projects]) for i in catalogue.given
    }
    columns |= _from_parts(projects, catalogue)
    for name in catalogue.derivation_order:
        indicator = catalogue.by_name[name]
        if indicator.derive is not None and indicator.derive.operation in COLUMN_OPERATIONS:
            columns[name] = _from_columns(indicator, indicator.derive, columns)
    return IndicatorTable(columns, len(projects))


def _from_columns(
    indicator: Indicator, derive: Derivation, columns: Mapping[str, Column]
) -> Column:
    operation = COLUMN_OPERATIONS[derive.operation]
    result = operation.function(*(columns[name] for name in derive.of), **derive.options)
    return _as_column(indicator, list(result)) if indicator.ordered else result


def _from_parts(projects: Sequence[DeclaredProject], catalogue: Catalogue) -> dict[str, Column]:
    """The indicators that item operations derive, project by project.

    They read given values and parts only (a rule of the catalogue), so they come before the rest.
    """
    derived = [
        i for i in catalogue.indicators if i.derive and i.derive.operation in ITEM_OPERATIONS
    ]
    names = sorted({name for i in derived for name in _reads(i)})
    parts = {part.name for part in catalogue.parts}
    uses = [(i, ITEM_OPERATIONS[d.operation].function, d) for i in derived if (d := i.derive)]
    values: dict[str, list[Any]] = {i.name: [] for i in derived}
    for project in projects:
        given = {name: _argument(project, name) for name in names}
        unknown = {n for n in names if given[n] is None and n.partition(".")[0] in parts}
        for indicator, function, derive in uses:
            arguments = [given[name] for name in derive.of]
            absent = bool(unknown) and not unknown.isdisjoint(derive.of)
            values[indicator.name].append(
                None if absent else function(*arguments, **derive.options)
            )
    return {i.name: _as_column(i, values[i.name]) for i in derived}


def _reads(indicator: Indicator) -> tuple[str, ...]:
    return indicator.derive.of if indicator.derive else ()


def _argument(project: DeclaredProject, name: str) -> Any:
    part, _, field = name.partition(".")
    value = project.values[part]
    return [record[field] for record in value] if isinstance(value, tuple) else value


def _as_column(indicator: Indicator, values: Sequence[Any]) -> Column:
    if indicator.ordered and indicator.codes:
        positions = {code: float(position) for position, code in enumerate(indicator.codes)}
        return np.array([positions.get(v, UNKNOWN) for v in values], dtype=np.float64)
    if indicator.kind in (Kind.TEXT, Kind.CATEGORY):
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column
    if indicator.kind is Kind.DATE:
        return np.array([UNKNOWN if v is None else decimal_year(v) for v in values], dtype=float)
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
