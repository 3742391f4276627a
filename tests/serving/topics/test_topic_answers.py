"""Topics by API: counts, comparisons, warnings, the workbook, and who sees whose projects."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import tiny_project
from tests.standards import put_standards_and_topics


@pytest.fixture(scope="module")
def asked(
    tmp_path_factory: pytest.TempPathFactory, release: Release, portal: BlockingPortal
) -> Iterator[Keyed]:
    """A service that has scored two roads of one department and one of another."""
    folder = tmp_path_factory.mktemp("topics")
    put_standards_and_topics(folder)
    made = keyed_service(folder, release, portal)
    for number, department in ((1, "D1"), (2, "D1"), (3, "D2")):
        project = tiny_project(number, department=department)
        assert made.post("platform", "/score", {"project": project}).status_code == 200
    service = tiny_project(4, type="service")
    assert made.post("platform", "/score", {"project": service}).status_code == 200
    yield made
    made.store.close()
    made.records.close()


def test_topics_are_counted_over_what_a_caller_may_see(asked: Keyed) -> None:
    for grant, projects in (("expert", 3), ("department:D1", 2), ("department:D2", 1)):
        [found] = asked.call(grant, "GET", "/topics").json()["topics"]
        assert (found["name"], found["projects"]) == ("roads", projects), grant
        assert found["alerts"] == {"over_standard": 0, "over_scale": 0, "prohibited": projects}


def test_a_warning_leads_to_the_line_and_the_record(asked: Keyed) -> None:
    found = asked.call("department:D2", "GET", "/topics/topic?name=roads").json()
    [alert] = found["alert_list"]
    assert (alert["kind"], alert["rule"]) == ("prohibited", "NO-GRAVEL")
    assert (alert["place"], alert["project_id"]) == ("lines[1]", "P0003")
    assert alert["text"]["en"] == "No gravel (invented)"
    record = asked.call("department:D2", "GET", f"/record/{alert['record_id']}")
    assert record.json()["record"]["project_id"] == "P0003"
    other = asked.call("department:D1", "GET", f"/record/{alert['record_id']}")
    assert other.status_code == 404


def test_filters_narrow_the_projects(asked: Keyed) -> None:
    some = asked.call("expert", "GET", "/topics/topic?name=roads&department=D2").json()
    none = asked.call("expert", "GET", "/topics/topic?name=roads&year=1999").json()
    assert (some["projects"], none["projects"]) == (1, 0)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/topics/topic", 422),
        ("/topics/topic?name=nothing", 404),
        ("/topics/topic?name=roads&colour=red", 422),
        ("/topics?name=roads", 422),
        ("/topics?year=99", 422),
        ("/topics/export?name=nothing", 404),
    ],
)
def test_what_cannot_be_meant_is_refused(asked: Keyed, address: str, status: int) -> None:
    assert asked.call("expert", "GET", address).status_code == status


def test_the_workbook_holds_warnings_and_no_live_formula(asked: Keyed) -> None:
    planted = tiny_project(5, lines=[{"task": "=1+1 gravel", "amount": 5.0}])
    asked.post("platform", "/score", {"project": planted})
    given = asked.call("auditor", "GET", "/topics/export?name=roads&lang=en")
    sheets = openpyxl.load_workbook(io.BytesIO(given.content)).worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert {"=1+1 gravel", "NO-GRAVEL", "Roads"} <= {str(cell.value) for cell in cells}


def test_pages_are_shown_to_browsers(asked: Keyed) -> None:
    for path in ("/topics?lang=zh", "/topics/topic?name=roads&lang=zh"):
        page = asked.call("expert", "GET", path, headers={"accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert "道路" in page.text


def test_a_catalogue_without_topics_says_so(
    tmp_path: Path, release: Release, portal: BlockingPortal
) -> None:
    made = keyed_service(tmp_path, release, portal)
    assert made.call("expert", "GET", "/topics").json()["topics"] == []
    assert made.call("expert", "GET", "/topics/topic?name=roads").status_code == 404
    made.store.close()
    made.records.close()
