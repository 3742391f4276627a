from __future__ import annotations

import pytest

from features.catalogue import load_catalogue
from features.data_dictionary import data_dictionary


@pytest.mark.parametrize("name", ["zero_base", "japan_review"])
def test_every_indicator_part_and_head_has_a_row_in_both_languages(name: str) -> None:
    catalogue = load_catalogue(name)
    lines = data_dictionary(catalogue).splitlines()
    fields = [field for part in catalogue.parts for field in part.fields]
    for declared in (*catalogue.indicators, *catalogue.heads, *fields):
        rows = [line for line in lines if line.startswith(f"| `{declared.name}` |")]
        assert any(f"{declared.label.zh} {declared.label.en}" in row for row in rows), declared.name


def test_a_row_tells_kind_unit_values_source_and_use() -> None:
    lines = data_dictionary(load_catalogue("zero_base")).splitlines()
    (amount,) = [line for line in lines if line.startswith("| `apply_amt` |")]
    cells = [cell.strip() for cell in amount.strip("|").split("|")]
    assert cells[1] == "申报金额 Requested amount **必填 required**"
    assert cells[2:6] == ["金额 money", "元 yuan", "≥ 0", "申报 declared"]
    assert cells[6] == "内部 internal"
    assert "low_execution" in cells[7]


def test_every_table_has_as_many_cells_in_each_row() -> None:
    width = 0
    for line in data_dictionary(load_catalogue("zero_base")).splitlines():
        cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
        assert not (width and cells) or cells == width, line
        width = cells
