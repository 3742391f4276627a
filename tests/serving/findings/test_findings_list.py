"""Findings over many records: the list, its filters and counts, its files, and who sees what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.caller import Caller, parse_grant
from serving.findings import view as view_module
from serving.findings.query import finding_query
from serving.findings.view import FindingView
from serving.inquiry import Desk
from serving.metrics import Metrics
from serving.settings import Limits
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import IDENTITY_NUMBER, tiny_project
from tests.serving.test_bad_requests import assert_refused
from tests.standards import put_standards_and_topics

PAGE = {"accept": "text/html"}
LIVE = "=1+1"


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, home: Path, release: Release, portal: BlockingPortal
) -> Iterator[Keyed]:
    """Three scored projects of two departments, one without a policy basis, and one check."""
    made = keyed_service(tmp_path_factory.mktemp("findings"), release, portal, home=home)
    lines = [{"task": LIVE, "amount": 80000.0}, {"task": "sand", "amount": 220000.0}]
    for project in (
        tiny_project(1, policy="none"),
        tiny_project(2, lines=lines),
        tiny_project(3, department="D2", year=2023),
    ):
        assert made.post("platform", "/score", {"project": project}).status_code == 200
    assert made.post("platform", "/check", {"project": tiny_project(9)}).status_code == 200
    yield made
    made.store.close()
    made.records.close()


@pytest.fixture(scope="module")
def saying(
    tmp_path_factory: pytest.TempPathFactory, home: Path, release: Release, portal: BlockingPortal
) -> Iterator[Keyed]:
    """A service in which people say something of findings."""
    folder = tmp_path_factory.mktemp("saying")
    put_standards_and_topics(folder)
    made = keyed_service(folder, release, portal, home=folder)
    yield made
    made.store.close()
    made.records.close()


def listed(keyed: Keyed, query: str = "", grant: str = "auditor") -> list[str]:
    found = keyed.call(grant, "GET", f"/findings?{query}").json()["findings"]
    return [f"{each['project_id']} {each['finding_id']}" for each in found]


EVERY = [
    "P0001 TNY-02",
    "P0003 TNY-01",
    "P0001 TNY-01",
    "P0003 TNY-03:lines[1]",
    "P0002 TNY-03:lines[1]",
    "P0002 TNY-03:lines[2]",
    "P0001 TNY-03:lines[1]",
]


def test_the_gravest_come_first_and_each_leads_to_its_record(keyed: Keyed) -> None:
    assert listed(keyed) == EVERY
    page = keyed.call("auditor", "GET", "/findings").json()
    assert page["counts"] == {
        "state": {"suspected": 7},
        "severity": {"block": 1, "warn": 2, "note": 4},
        "rule": {"TNY-02": 1, "TNY-01": 2, "TNY-03": 4},
    }
    second = page["findings"][1]
    record = keyed.call("auditor", "GET", f"/record/{second['record_id']}").json()["record"]
    assert record["project_id"] == "P0003"
    assert [second[name] for name in ("threshold", "actual", "excess")] == [
        *(300000.0, 100000.0, -200000.0)
    ]
    answered = keyed.post("platform", "/check", {"project": tiny_project(9)}).json()
    said = next(each for each in answered["findings"] if each["code"] == "TNY-03")
    note = next(each for each in page["findings"] if each["finding_id"] == said["finding_id"])
    assert note["text"] == said["text"], "the words of a record are those of its answer"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("severity=block", EVERY[:1]),
        ("rule=TNY-01", EVERY[1:3]),
        ("department=D2", [EVERY[1], EVERY[3]]),
        ("year=2023", [EVERY[1], EVERY[3]]),
        ("words=P0003", [EVERY[1], EVERY[3]]),
        ("words=sand", [EVERY[5]]),
        ("state=violation", []),
        ("region=99", []),
        ("sort=excess", [EVERY[1], EVERY[2], EVERY[5], EVERY[3], EVERY[6], EVERY[4], EVERY[0]]),
        ("sort=oldest&rule=TNY-03", [EVERY[6], EVERY[4], EVERY[5], EVERY[3]]),
        ("of=check&rule=TNY-01", ["P0009 TNY-01"]),
    ],
)
def test_filters_and_orders(keyed: Keyed, query: str, found: list[str]) -> None:
    assert listed(keyed, query) == found


def test_pages_join_without_gap(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "PAGE_FINDINGS", 3)
    for sort in ("severity", "excess", "newest", "oldest"):
        whole, after = [], ""
        while True:
            page = keyed.call("auditor", "GET", f"/findings?sort={sort}&after={after}").json()
            assert page["total"] == 7
            whole += [f"{each['project_id']} {each['finding_id']}" for each in page["findings"]]
            after = page["next_after"]
            if after is None:
                break
        assert sorted(whole) == sorted(EVERY)
    shown = keyed.call("auditor", "GET", "/findings?lang=en", headers=PAGE).text
    assert 'rel="next"' in shown


def test_a_department_sees_its_own_only(keyed: Keyed) -> None:
    assert listed(keyed, grant="department:D2") == [EVERY[1], EVERY[3]]
    assert listed(keyed, "department=D1", "department:D2") == []
    page = keyed.call("department:D2", "GET", "/findings?lang=zh", headers=PAGE).text
    assert "P0003" in page
    assert "P0001" not in page
    file = keyed.call("department:D2", "GET", "/findings/export?format=csv").text
    assert "P0003" in file
    assert "P0001" not in file


def test_an_expert_sees_nothing_of_what_is_to_be_judged_unseen(
    keyed: Keyed, tmp_path: Path, release: Release
) -> None:
    access = keyed.access
    desk = Desk(release, Limits(), Metrics(), access, keyed.records, tmp_path)
    view, query = FindingView(desk), finding_query([])
    expert = Caller(parse_grant("expert"), "k-1")
    blind = replace(expert, unseen=frozenset({"P0001"}))
    found = {line.stored.project_id for line in view.whole(blind, query)}
    assert found == {"P0002", "P0003"}
    assert view.page(blind, query).total == len(view.page(blind, query).lines) == 4
    assert len(view.whole(expert, query)) == 7, "control"


@pytest.mark.parametrize(
    "query",
    [
        *("state=seen", "severity=high", "rule=1", "of=batch", "sort=worst", "colour=red"),
        *("year=99", "region=x", "after=1", "state=normal&state=normal", "format=csv"),
        f"words={IDENTITY_NUMBER}",
    ],
)
def test_what_cannot_be_meant_is_refused(keyed: Keyed, query: str) -> None:
    assert_refused(keyed.call("auditor", "GET", f"/findings?{query}"), 422)


def test_files_hold_what_the_list_holds_and_no_live_formula(keyed: Keyed) -> None:
    given = keyed.call("auditor", "GET", "/findings/export?lang=en")
    sheet = openpyxl.load_workbook(io.BytesIO(given.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert [f"{row[0]} {row[5]}" for row in rows[1:]] == [each.split(":")[0] for each in EVERY]
    cells = [cell for each in sheet.iter_rows() for cell in each]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    lines = keyed.call("auditor", "GET", "/findings/export?lang=en&format=csv&rule=TNY-03")
    assert lines.headers["content-type"].startswith("text/csv")
    assert lines.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(lines.content.decode("utf-8-sig"))))
    assert len(table) == 4
    assert table[0]["State"] == "suspected"
    assert [line for line in table for cell in line.values() if cell.startswith("=")] == []
    reading = last_reading(keyed)
    assert reading["sha256"] == sha256(lines.content).hexdigest()
    assert reading["filters"] == {"rule": "TNY-03"}


def last_reading(keyed: Keyed) -> Any:
    found = keyed.call("admin", "GET", "/audit?kind=read").json()["records"]
    said = [
        keyed.call("admin", "GET", f"/record/{each['record_id']}").json()["record"]["content"]
        for each in found[:4]
    ]
    return next(each for each in said if each["asked"]["way"] == "GET /findings/export")


def test_a_browser_gets_a_page_with_counts_and_links(keyed: Keyed) -> None:
    page = keyed.call("expert", "GET", "/findings?lang=zh&state=suspected", headers=PAGE).text
    for words in ("疑点清单", "没有政策依据。", "阻断", "共7个疑点", "按规则统计（3条规则）"):
        assert words in page
    assert "#handling" in page


def test_too_many_at_once_are_refused(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "MOST_TOGETHER", 2)
    assert_refused(keyed.call("auditor", "GET", "/findings/export"), 422)
    assert keyed.call("auditor", "GET", "/findings/export?severity=block").status_code == 200


def said(finding: str, state: str, comment: str = "seen on site") -> dict[str, str]:
    return {"finding": finding, "state": state, "comment": comment}


def scored(saying: Keyed, **changes: Any) -> str:
    answer = saying.post("platform", "/score", {"project": tiny_project(5, **changes)})
    return str(answer.json()["record_id"])


def states(saying: Keyed, record: str) -> dict[str, str]:
    handling = saying.call("admin", "GET", f"/record/{record}").json()["handling"]
    return {each["finding_id"]: each["state"] for each in handling}


def test_what_was_said_holds_until_the_project_is_held_against_something_else(
    saying: Keyed,
) -> None:
    first = scored(saying)
    saying.post("expert", f"/record/{first}/handling", said("TNY-01", "normal"))
    again = scored(saying, people=700)
    assert states(saying, again) == {"TNY-01": "normal", "TNY-03:lines[1]": "suspected"}
    assert listed(saying, "state=normal") == ["P0005 TNY-01"]
    other = scored(saying, apply=310000.0)
    assert states(saying, other)["TNY-01"] == "suspected", "control: ten thousand more"
    assert listed(saying, "state=normal") == []
    assert states(saying, scored(saying, year=2023))["TNY-01"] == "suspected", "another year"
    elsewhere = scored(saying, department="D2")
    assert states(saying, elsewhere)["TNY-01"] == "suspected", "another department's"
    assert states(saying, scored(saying))["TNY-01"] == "normal", "held against the same again"
    course = saying.call("admin", "GET", f"/record/{again}").json()["handling"][0]
    assert course["seconds_to_decision"] >= 0


def test_a_check_and_a_score_of_the_same_project_share_what_was_said(saying: Keyed) -> None:
    project = {"project": tiny_project(6)}
    checked = saying.post("platform", "/check", project).json()["record_id"]
    saying.post("expert", f"/record/{checked}/handling", said("TNY-01", "violation"))
    record = saying.post("platform", "/score", project).json()["record_id"]
    assert states(saying, record)["TNY-01"] == "violation"
    done = saying.post("admin", f"/record/{record}/handling", said("TNY-01", "rectified"))
    assert done.status_code == 200
    assert states(saying, checked)["TNY-01"] == "rectified"
    assert "P0006 TNY-01" in listed(saying, "of=check&state=rectified")


def test_the_form_of_a_page_says_the_same_as_a_program(saying: Keyed) -> None:
    record = scored(saying, people=901)
    path = f"/record/{record}/findings"
    form = said("TNY-03:lines[1]", "violation", "现场核实，单项超限")
    done = saying.call("expert", "POST", path, data=form)
    assert done.status_code == 200, done.text
    kept = saying.call("admin", "GET", f"/record/{done.json()['record_id']}").json()["record"]
    assert (kept["kind"], kept["about"]) == ("handling", [record])
    content = {name: kept["content"][name] for name in ("finding", "state", "comment", "was")}
    assert content == form | {"was": "suspected"}
    assert json.loads(kept["content"]["measure"]) == [50000.0, 100000.0, 50000.0, None]
    back = saying.call("expert", "POST", f"{path}?lang=en", data=form, headers=PAGE)
    assert back.status_code == 303
    assert back.headers["location"].endswith(f"record/{record}?lang=en#handling")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (said("TNY-03:lines[1]", "violation", "  "), 422),
        ({"finding": "TNY-01", "state": "normal"}, 422),
        (said("TNY-01", "normal", IDENTITY_NUMBER), 422),
        (said("TNY-02", "normal"), 404),
        (said("TNY-01", "rectified"), 409),
    ],
)
def test_a_form_that_cannot_be_meant_is_refused(
    saying: Keyed, form: dict[str, str], status: int
) -> None:
    record = scored(saying, people=902, apply=330000.0)
    code = "state_conflict" if status == 409 else None
    sent = saying.call("expert", "POST", f"/record/{record}/findings", data=form)
    assert_refused(sent, status, code)
    page = saying.call("expert", "POST", f"/record/{record}/findings", data=form, headers=PAGE)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert IDENTITY_NUMBER not in page.text


def test_the_records_page_has_a_form_for_those_who_may(saying: Keyed) -> None:
    record = scored(saying, people=903)
    for grant, may in (("expert", True), ("admin", True), ("department:D1", False)):
        page = saying.call(grant, "GET", f"/record/{record}?lang=zh", headers=PAGE).text
        assert "疑点处理" in page
        assert (f'action="../record/{record}/findings?lang=zh"' in page) is may


def test_a_form_from_elsewhere_is_refused(saying: Keyed) -> None:
    own = {"sec-fetch-site": "same-origin"}
    key = {"key": saying.keys["expert"]}
    signed_in = saying.service.call("POST", "/sign_in", data=key, headers=own)
    cookie = {"cookie": signed_in.headers["set-cookie"].partition(";")[0]}
    record = scored(saying, people=904, apply=340000.0)
    path, form = f"/record/{record}/findings", said("TNY-01", "normal")
    for site in ({}, {"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
        sent = saying.service.call("POST", path, data=form, headers=cookie | site)
        assert_refused(sent, 403)
    assert states(saying, record)["TNY-01"] == "suspected"
    sent = saying.service.call("POST", path, data=form, headers=cookie | own)
    assert sent.status_code == 200, "control: from a page of ours"
    assert states(saying, record)["TNY-01"] == "normal"
