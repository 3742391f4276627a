"""Columns of a file and fields of a project: found by any of their names, never lost unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.errors import FileError, ProjectError
from features.file_columns import FileColumns, outcome_columns
from tests.rulers import Raw, catalogue_of, indicator, label, named, ruler


def _ruler(**asked: Any) -> Catalogue:
    raw = ruler()
    named(raw, "indicators", "asked").update(asked)
    return catalogue_of(raw)


RULER = _ruler(column=["申报数（万元）", "apply_wan"], scale=10_000)


def _read(header: list[str], row: list[Any], catalogue: Catalogue = RULER) -> dict[str, Any]:
    return FileColumns.of(header, catalogue).document(dict(zip(header, row, strict=True)))


@pytest.mark.parametrize("name", ["area", "area（中）", "The area", " area "])
def test_a_column_bears_the_name_or_a_label(name: str) -> None:
    assert _read(["code", "year", name], ["P", 2024, 5])["area"] == 5


@pytest.mark.parametrize("name", ["申报数（万元）", "申报数(万元)", "apply_wan"])
@pytest.mark.parametrize("cell", [320.5, "320.5", " 320.5 "])
def test_a_declared_column_has_the_declared_scale(name: str, cell: Any) -> None:
    assert _read(["code", "year", name], ["P", 2024, cell])["asked"] == 3_205_000


@pytest.mark.parametrize("name", ["asked", "The asked", "asked（中）"])
def test_the_scale_belongs_to_the_declared_column_alone(name: str) -> None:
    assert _read(["code", "year", name], ["P", 2024, 320.5])["asked"] == 320.5


def test_without_a_declared_column_the_name_itself_is_scaled() -> None:
    read = _read(["code", "year", "asked"], ["P", 2024, "1,234.5"], _ruler(scale=10_000))
    assert read["asked"] == 12_345_000


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("nan", "NaN and Infinity are not values"),
        ("inf", "NaN and Infinity are not values"),
        ("1_000", "NaN and Infinity are not values"),
        ("12,34", "an amount as a number"),
        ("约320", "an amount as a number"),
        (True, "true and false are not numbers"),
    ],
)
def test_a_scaled_cell_is_read_as_strictly_as_any_other(cell: Any, told: str) -> None:
    document = _read(["code", "year", "apply_wan"], ["P", 2024, cell])
    with pytest.raises(ProjectError, match=told):
        parse_project(document, RULER, cells=True)


@pytest.mark.parametrize(("cell", "amount"), [("", None), (None, None), (float("nan"), None)])
def test_an_empty_scaled_cell_is_unknown(cell: Any, amount: float | None) -> None:
    document = _read(["code", "year", "apply_wan"], ["P", 2024, cell])
    assert parse_project(document, RULER, cells=True).values["asked"] is amount


def test_an_amount_written_with_its_unit_is_not_scaled_silently() -> None:
    document = _read(["code", "year", "apply_wan"], ["P", 2024, "320万元"])
    with pytest.raises(ProjectError, match=r"asked: expected an amount .*got '320万元'"):
        parse_project(document, RULER, cells=True)


def test_two_columns_for_one_field_are_refused() -> None:
    with pytest.raises(FileError, match="area: expected one column; got 'area' and 'The area'"):
        FileColumns.of(["code", "year", "area", "The area"], RULER)


def test_every_missing_required_column_is_named_with_what_there_is() -> None:
    with pytest.raises(FileError, match="the file has area, office") as caught:
        FileColumns.of(["area", "office"], RULER)
    assert [fault.field for fault in caught.value.faults] == ["code", "year"]
    assert "a column named code or code（中） or The code" in caught.value.faults[0].expected
    with pytest.raises(FileError, match="the file has no columns"):
        FileColumns.of([], RULER)


def test_outcomes_and_unread_columns_are_told_apart() -> None:
    columns = FileColumns.of(["code", "year", "lines", "outcome_axis", "colour"], RULER)
    assert columns.outcomes == ("outcome_axis",)
    assert columns.unread == ("colour",)
    assert set(columns.fields) == {"code", "year", "lines"}
    assert outcome_columns(RULER) == {
        "outcome_axis",
        "outcome_second",
        "outcome_cost",
        "outcome_risk",
    }


def _two(first: Raw, second: Raw) -> Catalogue:
    raw = ruler()
    raw["indicators"] += [first, second]
    return catalogue_of(raw)


def test_a_name_is_never_taken_for_the_label_of_another() -> None:
    catalogue = _two(
        indicator("first", label={"zh": "甲", "en": "second"}), indicator("second", column="乙")
    )
    assert _read(["code", "year", "second"], ["P", 2024, 3], catalogue)["second"] == 3


def test_a_label_that_two_fields_share_names_neither() -> None:
    catalogue = _two(indicator("first", label=label("x")), indicator("second", label=label("x")))
    columns = FileColumns.of(["code", "year", "The x"], catalogue)
    assert columns.unread == ("The x",)
