"""The indicator table: each row its own project's, whatever the others are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import Catalogue, load_catalogue
from features.declared_project import DeclaredProject, parse_project
from features.indicator_table import (
    IndicatorTable,
    Vocabulary,
    feature_matrix,
    indicator_table,
)
from tests.rulers import catalogue_of, indicator, ruler

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
ZERO_BASE = load_catalogue("zero_base")
RULER = catalogue_of(ruler())


def _example(name: str) -> DeclaredProject:
    text = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
    return parse_project(json.loads(text), ZERO_BASE)


EXAMPLE_PROJECTS = (_example("project"), _example("project_weak"))


def _project(**values: Any) -> DeclaredProject:
    return parse_project({"code": "P1", "year": 2024} | values, RULER)


def _same(one: IndicatorTable, row: int, other: IndicatorTable, at: int) -> bool:
    """Whether two rows agree bit for bit."""
    return all(
        column[row : row + 1].tobytes() == other[name][at : at + 1].tobytes()
        if column.dtype != object
        else column[row] == other[name][at]
        for name, column in one.columns.items()
    )


def test_each_kind_has_its_column() -> None:
    table = indicator_table(
        [
            _project(level="alp", mandatory=True, begun="2024-01-01", words="桥 梁", type="road"),
            _project(),
        ],
        RULER,
    )
    assert table["level"].tolist()[0] == 2.0  # the third code as written, not by alphabet
    assert table["mandatory"].tolist()[0] == 1.0
    assert table["begun"].tolist()[0] == 2024.0
    assert table["wordy"].tolist() == [2.0, 0.0]
    assert table["type"].tolist() == ["road", None]
    assert np.isnan([table[n][1] for n in ("level", "mandatory", "begun", "area")]).all()


def test_no_projects_give_empty_columns() -> None:
    for catalogue in (RULER, ZERO_BASE):
        table = indicator_table([], catalogue)
        assert table.length == 0
        assert {len(column) for column in table.columns.values()} == {0}
        assert set(table.columns) == {i.name for i in catalogue.indicators}


def test_an_item_operation_on_an_unknown_part_is_unknown() -> None:
    operation = _counting()
    derive = {"operation": operation, "of": ["history.rate"]}
    raw = ruler()
    raw["indicators"].append(indicator("rounds", source="derived", derive=derive))
    catalogue = catalogue_of(raw)
    documents = [{"history": [{"rate": 0.5}]}, {"history": []}, {}]
    projects = [parse_project({"code": "P", "year": 2024} | d, catalogue) for d in documents]
    known, empty, unknown = indicator_table(projects, catalogue)["rounds"]
    assert (known, empty) == (1.0, 0.0)
    assert np.isnan(unknown)


def _counting() -> str:
    """The name of an item operation that counts the items of one field."""
    from features.item_operations import ITEM_OPERATIONS

    for name, operation in ITEM_OPERATIONS.items():
        if operation.faults([False], {}):
            continue
        function = operation.function
        if function([0.5]) == 1.0 and function([0.5, 0.5]) == 2.0 and function([]) == 0.0:
            return name
    raise AssertionError("no item operation counts")


@given(st.lists(st.sampled_from(EXAMPLE_PROJECTS), min_size=1, max_size=6), st.data())
def test_a_row_is_the_same_alone_and_among_others(
    projects: list[DeclaredProject], data: st.DataObject
) -> None:
    together = indicator_table(projects, ZERO_BASE)
    row = data.draw(st.integers(0, len(projects) - 1))
    assert _same(indicator_table([projects[row]], ZERO_BASE), 0, together, row)


def test_control_another_project_is_another_row() -> None:
    table = indicator_table(EXAMPLE_PROJECTS, ZERO_BASE)
    assert not _same(table, 0, table, 1)


def test_chosen_rows_come_in_the_order_asked() -> None:
    table = indicator_table([_project(area=a) for a in (1, 2, 3)], RULER)
    chosen = table.rows(np.array([2, 0]))
    assert (chosen["area"].tolist(), chosen.length) == ([3.0, 1.0], 2)


def _with_open_category() -> Catalogue:
    raw = ruler()
    raw["indicators"].append(indicator("place", "category", use={"risk": "free"}))
    return catalogue_of(raw)


def test_codes_never_seen_in_training_are_unknown() -> None:
    catalogue = _with_open_category()
    projects = [
        parse_project({"code": "P", "year": 2024, "place": p, "type": "care"}, catalogue)
        for p in ("north", "east", "north")
    ]
    table = indicator_table(projects, catalogue)
    vocabulary = Vocabulary.learned(table, catalogue)
    assert vocabulary.codes == {"type": ("road", "care"), "place": ("east", "north")}
    later = indicator_table(
        [parse_project({"code": "P", "year": 2025, "place": p}, catalogue) for p in ("east", "x")],
        catalogue,
    )
    matrix = feature_matrix(later, ["place", "type", "year"], vocabulary)
    np.testing.assert_array_equal(matrix, [[0, np.nan, 2025], [np.nan, np.nan, 2025]])
    with pytest.raises(KeyError, match="nothing"):
        feature_matrix(later, ["nothing"], vocabulary)
