"""Workbooks as people make them: formulas, dates, merged cells, several sheets."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.features.small_files import (
    only_batch,
    read,
)


def test_formulas_give_their_stored_results_and_are_refused_without(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, [1])
    sheet.write_formula(1, 1, "=A2*2", value=2)
    sheet.write_row(2, 0, [3])
    sheet.write_formula(2, 1, "=1/0", value="#DIV/0!")
    sheet.write_row(3, 0, [4])
    book.close()
    documents, (fault,) = read(path)
    assert documents == [(2, {"a": 1, "b": 2}), (4, {"a": 4, "b": None})]
    assert (fault.row, fault.field, fault.got) == (3, "b", "Excel's error #DIV/0!")

    unsaved = openpyxl.Workbook()  # openpyxl writes formulas without results
    for row in [["a", "b"], [1, "=A2*2"], [3, 4]]:
        unsaved.active.append(row)
    unsaved.save(path)
    documents, (fault,) = read(path)
    assert documents == [(3, {"a": 3, "b": 4})]
    assert (fault.row, fault.field) == (2, "b")
    assert "a formula whose result is not stored" in fault.message()


def test_an_impossible_date_costs_its_row(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["issue_date", "n"])
    sheet.write_row(1, 0, [45_000, 1], book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_number(2, 0, 99_999_999, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    documents, (fault,) = read(tmp_path / "a.xlsx")
    assert documents == [(2, {"issue_date": "2023-03-15", "n": "1900-01-01"})]
    assert (fault.row, fault.field, fault.got) == (3, "issue_date", "Excel's error #VALUE!")


def merged_workbook(path: Path) -> Path:
    """Title over all columns, header in two rows, a department merged over two projects."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["2025年项目申报表"],
        [],
        ["部门", "项目", "金额", None],
        [None, None, "申请", "审定"],
        ["教育局", "食堂", 100, 90],
        [None, "操场", 200, 180],
        ["水利局", "堤防", 300, 280],
    ):
        sheet.append(row)
    for area in ("A1:D1", "A3:A4", "B3:B4", "C3:D3", "A5:A6"):
        sheet.merge_cells(area)
    book.save(path)
    return path


def test_titles_merged_headers_and_merged_texts(tmp_path: Path) -> None:
    assert read(merged_workbook(tmp_path / "a.xlsx")) == (
        [
            (5, {"部门": "教育局", "项目": "食堂", "申请": 100, "审定": 90}),
            (6, {"部门": "教育局", "项目": "操场", "申请": 200, "审定": 180}),
            (7, {"部门": "水利局", "项目": "堤防", "申请": 300, "审定": 280}),
        ],
        [],
    )


@pytest.mark.parametrize("area", ["C5:C6", "C6:D6"])
def test_a_merged_amount_is_not_guessed(tmp_path: Path, area: str) -> None:
    path = merged_workbook(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book.active.merge_cells(area)
    book.save(path)
    documents, faults = read(path)
    assert [number for number, _ in documents] == ([7] if area == "C5:C6" else [5, 7])
    assert {fault.message() for fault in faults} == {
        f"row {row}, 申请: expected one cell per project and column; got a merged cell; "
        "unmerge it and write each project's own value"
        for row in ((5, 6) if area == "C5:C6" else (6,))
    }


def test_sheets_that_were_not_read_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "隐藏"
    book.active.sheet_state = "hidden"
    for title in ("申报", "填报说明"):
        book.create_sheet(title).append(["a", "b"])
        book[title].append([1, 2])
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    origin = only_batch(tmp_path / "a.xlsx").origin
    assert (origin.sheet, origin.other_sheets) == ("申报", ("填报说明",))
    assert "not read: '填报说明'" in origin.describe()
