"""The search of the auditor's pages: what each role finds, and that it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.audit.filters import PAGE as A_PAGE
from serving.records.database import SERVICE
from tests.serving.audit.conftest import PAGE, Audited, audited_service
from tests.serving.records.conftest import postgres, postgres_url, sqlite_url, url
from tests.serving.test_bad_requests import assert_refused

__all__ = ["postgres", "postgres_url", "sqlite_url", "url"]


@pytest.fixture
def on_both(
    url: str,
    tmp_path: Path,
    versions: Path,
    releases: tuple[Release, Release],
    portal: BlockingPortal,
) -> Iterator[Audited]:
    """The service with its records in SQLite, then in PostgreSQL."""
    with audited_service(tmp_path, versions, releases, portal, url) as made:
        yield made


def found(audited: Audited, grant: str, query: str = "") -> list[str]:
    told = audited.json(grant, f"/audit?{query}")
    return [line["record_id"] for line in told["records"] if line["kind"] != "read"]


def test_each_filter_finds_its_records_on_both_databases(on_both: Audited) -> None:
    one, two = on_both.score(1, first=True), on_both.score(1)
    other = on_both.score(2, department="D2")
    judged = on_both.keyed.post(
        "expert", f"/record/{one}/review", {"verdict": "confirmed", "comment": "seen"}
    ).json()["record_id"]
    assert found(on_both, "auditor") == [judged, other, two, one]
    expected = {
        "project_id=P0001": [judged, two, one],
        "department=D2": [other],
        "kind=review": [judged],
        f"actor={on_both.keyed.ids['expert']}": [judged],
        "model_version=1": [one],
        "model_version=2&project_id=P0001": [two],
        f"record_id={two.upper()}": [two],
        f"about={one}": [judged],
        "since=2026-01-01&until=2999-01-01": [judged, other, two, one],
        "since=2026-01-01T08:00:00.5Z&until=+2999-12-31+": [judged, other, two, one],
        "until=2026-01-01": [],
        "kind=score&project_id=&actor=": [other, two, one],
        "kind=none": [],
    }
    assert {query: found(on_both, "auditor", query) for query in expected} == expected


def test_a_department_finds_no_row_of_others_on_both_databases(on_both: Audited) -> None:
    own, foreign = on_both.score(1), on_both.score(2, department="D2")
    for query in ("", "kind=score", "model_version=2", "department=D2", f"record_id={foreign}"):
        told = on_both.json("department:D1", f"/audit?{query}")["records"]
        assert {line["department"] for line in told} <= {"D1"}
        page = on_both.page("department:D1", f"/audit?{query}")
        assert f"/{foreign}" not in page
        assert query.endswith(foreign) or f"/{own}" in page or query == "department=D2"
    assert found(on_both, "department:D1") == [own]
    assert found(on_both, "department:D2") == [foreign]
    for path in (f"/audit/records/{foreign}", f"/audit/records/{foreign}/export"):
        assert_refused(on_both.keyed.call("department:D1", "GET", path), 404)
    difference = f"/audit/difference?a={own}&b={foreign}"
    assert_refused(on_both.keyed.call("department:D1", "GET", difference), 404)
    verify = f"/audit/records/{foreign}/verify"
    assert_refused(on_both.keyed.call("department:D1", "POST", verify), 404)
    assert found(on_both, "auditor", f"record_id={foreign}") == [foreign], "control"


def test_an_id_that_none_can_be_is_that_of_no_record_on_both_databases(on_both: Audited) -> None:
    own = on_both.score(1)
    for wrong in (f"{own}%00", "%00", "%EF%BF%BF", "x" * 5_000, "%27"):
        for path in (
            f"/audit/records/{wrong}",
            f"/audit/difference?a={own}&b={wrong}",
            f"/record/{wrong}",
            f"/record/{wrong}/receipt",
        ):
            assert_refused(on_both.keyed.call("auditor", "GET", path), 404)
    on_both.json("auditor", f"/audit/records/{own}")  # control


def test_pages_follow_one_another(audited: Audited) -> None:
    ids = [audited.score(number) for number in range(A_PAGE + 3)][::-1]
    first = audited.json("auditor", "/audit?kind=score")
    assert [line["record_id"] for line in first["records"]] == ids[:A_PAGE]
    audited.score(99)  # what comes in meanwhile moves nothing
    onwards = f"/audit?kind=score&before={first['next_before']}"
    second = audited.json("auditor", onwards)
    assert [line["record_id"] for line in second["records"]] == ids[A_PAGE:]
    assert second["next_before"] is None
    page = audited.page("auditor", "/audit?kind=score&lang=en")
    assert f"kind=score&amp;before={audited_place(audited, ids[A_PAGE - 2])}" in page
    assert "Back to the newest" in audited.page("auditor", f"{onwards}&lang=en")


def audited_place(audited: Audited, record_id: str) -> int:
    stored = audited.keyed.records.record(record_id)
    assert stored is not None
    return stored.leaf_index


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("until=2026-13-01", "until"),
        ("colour=red", "colour"),
        ("kind=score&kind=read", "kind"),
        ("before=-1", "before"),
        ("before=x", "before"),
        (f"actor={'x' * 301}", "actor"),
        ("actor=%00", "actor"),
        ("actor=Li%00", "actor"),
        ("until=9999-12-31", "until"),
        ("until=2026-1-1", "until"),
        ("until=2026-01-31Z", "until"),
        ("since=2026-02-29", "since"),
        ("since=2026-04-31", "since"),
        ("since=%EF%BC%92026-01-01", "since"),
        ("before=1%09", "before"),
    ],
)
def test_what_is_no_filter_is_named(audited: Audited, query: str, field: str) -> None:
    size = audited.keyed.records.head().size
    answer = audited.keyed.call("auditor", "GET", f"/audit?{query}")
    assert_refused(answer, 422)
    assert [each["field"] for each in answer.json()["error"]["details"]] == [field]
    page = audited.keyed.call("auditor", "GET", f"/audit?{query}", headers=PAGE)
    assert page.status_code == 422
    assert f"<td>{field}</td>" in page.text
    assert audited.keyed.records.head().size == size


def test_a_search_is_recorded_as_a_reading(audited: Audited) -> None:
    audited.page("auditor", "/audit?project_id=P0001&lang=zh")
    (read,) = audited.keyed.records.records(SERVICE, kind="read")
    leaf = read.content()
    assert (leaf["actor"], leaf["project_id"]) == (audited.keyed.ids["auditor"], "P0001")
    assert leaf["content"]["asked"] == {"role": "auditor", "way": "GET /audit"}
    assert leaf["department"] is None


def test_a_name_with_markup_is_shown_as_text(audited: Audited) -> None:
    page = audited.page("auditor", "/audit?actor=%22%3E%3Cscript%3E")
    assert "<script>" not in page
    assert "&#34;&gt;&lt;script&gt;" in page
