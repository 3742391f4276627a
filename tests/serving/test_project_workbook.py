"""The workbook: no text becomes a formula or a link, and it says what it rests on."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from models.registry import Release
from serving.access.caller import Caller, parse_grant
from serving.page.words import page_words
from serving.projects.query import project_query
from serving.projects.view import ListedLine
from serving.projects.workbook import project_workbook
from serving.workbook import Workbook
from tests.serving.conftest import tiny_project
from tests.serving.test_project_line import line_of, recorded

PLANTED = (
    '=HYPERLINK("https://evil.example","x")', "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1",
    "https://evil.example/", "internal:Sheet1!A1", "mailto:a@evil.example", "{=1+1}", "＝1+1",
    "=cmd|' /C calc'!A0", "12345678901234567890",
)  # fmt: skip
CALLER = Caller(parse_grant("department:D1"), "k-1")


def workbook(release: Release, names: tuple[str, ...], lang: str = "zh", **asked: str) -> Workbook:
    """A workbook of projects with these names."""
    found = []
    for number, name in enumerate(names):
        _, stored = recorded(tiny_project(number, area=None if number == 1 else 900.0), release)
        line = replace(line_of(stored, release), name=name, category=name, department=name)
        leaf = stored.content()
        leaf["content"]["document"] |= {"policy": "city", "people": 31}
        found.append((leaf, ListedLine(line, {"override": 1, "review": 0})))
    return project_workbook(found, project_query(asked.items()), release, CALLER, lang)


def cells(body: bytes) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]


def live(body: bytes) -> list[str]:
    """What a spreadsheet would calculate or follow."""
    return [str(c.value) for c in cells(body) if c.data_type == "f" or c.hyperlink is not None]


def test_planted_texts_stay_texts(release: Release) -> None:
    book = workbook(release, PLANTED, words="=2+2")
    assert live(book.body) == []
    values = {cell.value for cell in cells(book.body) if isinstance(cell.value, str)}
    kept = {value.replace("_x0009_", "\t").replace("_x000D_", "\r") for value in values}
    for text in PLANTED:
        assert any(text.strip() == value.strip() for value in kept), text
    assert any("=2+2" in value for value in values), "what was sought is told as text too"


def test_control_the_librarys_default_makes_formulas_and_links_of_them() -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        for row, text in enumerate(PLANTED):
            sheet.write(row, 0, text)
    assert len(live(stream.getvalue())) >= 4


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_says_what_it_rests_on(release: Release, lang: str) -> None:
    words = page_words(lang)
    book = workbook(release, ("甲", "乙", "丙"), lang, grade="A")
    sheets = openpyxl.load_workbook(io.BytesIO(book.body)).worksheets
    assert [sheet.title for sheet in sheets] == [
        words["sheet_projects"], words["sheet_reasons"], words["sheet_about"]
    ]  # fmt: skip
    projects, reasons, about = (list(sheet.values) for sheet in sheets)
    assert projects[0][0] == words["project"]
    assert [row[0] for row in projects[1:]] == ["P0000", "P0001", "P0002"]
    assert len({len(row) for row in projects}) == 1
    said = {str(row[0]): str(row[1]) for row in about}
    assert said[words["advisory"]] == words["advisory_more"]
    assert said[words["filters"]].endswith(("A 重点且必须", "A key and indispensable"))
    assert said[words["made_for"]] == "department:D1"
    assert said[f"{words['model']} {words['version']} 1"] == release.version.digest
    kept = [row[1] for row in about if row[0] == words["record"]]
    assert len(kept) == 3
    assert kept == [row[-1] for row in projects[1:]]
    assert {row[0] for row in reasons[1:]} == {"P0000", "P0002"}, "nothing of what is not rated"
    area = release.model.catalogue.by_name["area"].label.of(lang)
    assert {row[6] for row in reasons if row[3] == area} <= {"900平方米", "900 m²"}
    policy = release.model.catalogue.by_name["policy"].label.of(lang)
    assert {row[6] for row in reasons if row[3] == policy} == {"市级" if lang == "zh" else "city"}
    assert book.file_name.endswith(".xlsx")


def test_numbers_are_numbers(release: Release) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(release, ("甲",), "en").body))
    heading, row = list(book["projects"].values)
    told = dict(zip(heading, row, strict=True))
    assert told["Requested (yuan)"] == 300000
    assert isinstance(told["Rank score"], int | float)
    assert told["Risk of delay"] <= 1
    assert told["Fiscal year"] == 2024
