"""Standards by API: search, one standard with its history, what a version changes, the workbook."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from anyio.from_thread import BlockingPortal

from features.catalogue import load_catalogue
from features.standards.over_standard import compared
from models.people import People, Person, PersonKey
from models.registry import Release
from models.standards.shelf import Shelf, Status
from serving.access.access import Access
from serving.assembly import around
from serving.questions import questions
from serving.records.record_log import RecordLog
from serving.settings import Limits
from serving.standards.standards_workbook import standards_workbook
from serving.wording.line_standards import said_beside
from tests.features.standards.test_over_standard import line
from tests.serving.conftest import CATALOGUE, Caller
from tests.standards import difference, learned, library, set_standard

MADE = "2026-01-02T00:00:00Z"
COUNTY = learned(
    code="L-31006-平方米-all-county_1",
    region_group="county_1",
    parent="L-31006-平方米-all",
    own=0.6,
)
FIRST = library(learned=(COUNTY, learned()))
SECOND = library(version=2, start="2026-02-01", learned=(learned(mid=105.0, ceiling=180.0), COUNTY))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Two versions: the first in force, the second a draft."""
    home = tmp_path_factory.mktemp("standards")
    shelf, people = Shelf(home, "tiny"), People()
    keys = [PersonKey.generate() for _ in range(2)]
    for number, key in enumerate(keys):
        person = Person(name=f"N{number}", account=f"a{number}", key=key.public, since=MADE)
        people = people.joined_by(person)
    people.save(home)
    shelf.put(FIRST, difference(FIRST))
    shelf.put(SECOND, difference(SECOND, FIRST))
    for key in keys:
        shelf.sign(1, key, MADE)
    return shelf


@pytest.fixture(scope="module")
def asked(
    shelf: Shelf, release: Release, access: Access, records: RecordLog, portal: BlockingPortal
) -> Caller:
    """A service over that shelf."""
    return Caller(around(questions, release, Limits(), access, records, shelf.home), portal)


def codes(answer: Any) -> list[str]:
    return [each["code"] for each in answer.json()["standards"]]


def test_the_version_in_force_is_answered_not_the_draft(asked: Caller) -> None:
    found = asked.get("/standards").json()
    assert (found["version"]["version"], found["version"]["status"]) == (1, "in_force")
    assert found["version"]["digest"] == FIRST.digest
    assert found["total"] == 3
    draft = asked.get("/standards?version=2").json()["version"]
    assert (draft["version"], draft["status"], draft["digest"]) == (2, "draft", SECOND.digest)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("words=修缮", [COUNTY.code, learned().code]),
        ("words=修缮 县级", [COUNTY.code]),
        ("words=meetings", ["MEETING"]),
        ("words=〔2023〕12号", ["MEETING"]),
        ("kind=set", ["MEETING"]),
        ("kind=project", []),
        ("region=county_1", [COUNTY.code]),
        ("words=没有", []),
    ],
)
def test_standards_are_found_by_words_kind_and_region(
    asked: Caller, address: str, wanted: list[str]
) -> None:
    assert codes(asked.get(f"/standards?{address}")) == wanted


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/standards?version=9", 404),
        ("/standards?kind=other", 422),
        ("/standards?colour=red", 422),
        ("/standards?kind=set&kind=line", 422),
        ("/standards/standard", 422),
        ("/standards/standard?code=NO", 404),
        ("/standards/changes?version=9", 404),
    ],
)
def test_what_cannot_be_meant_is_refused(asked: Caller, address: str, status: int) -> None:
    assert asked.get(address).status_code == status


def test_a_standard_tells_what_it_was_in_every_version(asked: Caller) -> None:
    found = asked.get(f"/standards/standard?code={learned().code}").json()
    assert (found["mid"], found["coverage"], found["coverage_in_band"]) == (100.0, 0.82, True)
    then = [
        (each["version"], each["status"], each["standard"]["mid"]) for each in found["versions"]
    ]
    assert then == [(2, "draft", 105.0), (1, "in_force", 100.0)]


def test_a_version_tells_whom_it_would_affect(asked: Caller) -> None:
    found = asked.get("/standards/changes?version=2").json()
    assert (found["before_digest"], found["digest"]) == (FIRST.digest, SECOND.digest)
    assert found["false_alarm_rate"] == 2 / 400


def test_without_any_version_nothing_is_found(
    tmp_path: Any, release: Release, access: Access, records: RecordLog, portal: BlockingPortal
) -> None:
    empty = Caller(around(questions, release, Limits(), access, records, tmp_path), portal)
    found = empty.get("/standards").json()
    assert (found["version"], found["standards"]) == (None, [])
    assert empty.get("/standards/export").status_code == 404
    assert "lingji standards build" in empty.get("/standards?lang=en", accept="text/html").text


@pytest.mark.parametrize("path", ["/standards", "/standards/changes"])
def test_pages_are_shown_to_browsers(asked: Caller, path: str) -> None:
    page = asked.get(f"{path}?version=2&lang=zh", accept="text/html")
    assert page.headers["content-type"].startswith("text/html")
    assert "支出标准库" in page.text


def test_the_workbook_has_no_live_formula() -> None:
    planted = set_standard(document_number="=1+1")
    kept = library(set=(planted,), learned=(learned(task="=CMD()"),))
    catalogue = load_catalogue(CATALOGUE)
    book = standards_workbook([planted, *kept.learned], kept, Status.DRAFT, catalogue, "zh")
    sheets = openpyxl.load_workbook(io.BytesIO(book.body)).worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    said = {str(cell.value) for cell in cells}
    assert {"=1+1", "=CMD()（31006）", "草案", kept.digest} <= said


def test_a_comparison_is_told_in_both_languages() -> None:
    catalogue, kept = load_catalogue(CATALOGUE), library(learned=(COUNTY,))
    [found] = compared([line(price=180.0)], kept)
    assert said_beside(found, kept, catalogue, "zh") == (
        "单价180元/平方米，标准80—120，控制上限170（测算标准，县级一类地区，2020—2023年样本142个）"
    )
    assert said_beside(found, kept, catalogue, "en") == (
        "unit price 180 yuan/平方米, standard 80–120, ceiling 170 "
        "(learned, county group 1, n = 142, 2020–2023)"
    )
