"""What becomes of warnings of topics: said, kept, shown, exported, and carried over."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from anyio.from_thread import BlockingPortal

from features.topics.topic_review import AlertKind
from models.registry import Release
from serving.recording.handling import MATTER, Matter
from serving.topics.handled_warning import matter_of
from tests.features.topics.test_topic_review import STANDARDS, declared, review
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import tiny_project
from tests.serving.test_bad_requests import assert_refused
from tests.standards import TOPICS, put_standards_and_topics

PAGE = {"accept": "text/html"}
WARNING = "prohibited/NO-GRAVEL:lines[1]"
AGAIN = """
  - name: all_roads
    label: {zh: 全部道路, en: All roads}
    belongs: {project_types: [road, service]}
    prohibited:
      - code: NO-GRAVEL
        label: {zh: 不得列支砂石, en: No gravel}
        words: [gravel]
        basis: {zh: 虚构, en: invented}
"""


@pytest.fixture
def asked(tmp_path: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    """A service with two topics that warn about the same."""
    folder = tmp_path
    put_standards_and_topics(folder)
    (folder / "topics" / "tiny.yaml").write_text(TOPICS + AGAIN, encoding="utf-8")
    made = keyed_service(folder, release, portal, home=folder)
    yield made
    made.store.close()
    made.records.close()


def scored(asked: Keyed, number: int = 1, **changes: Any) -> str:
    answer = asked.post("platform", "/score", {"project": tiny_project(number, **changes)})
    return str(answer.json()["record_id"])


def say(asked: Keyed, record: str, state: str, finding: str = WARNING) -> Any:
    body = {"finding": finding, "state": state, "comment": "查看了合同"}
    return asked.post("expert", f"/record/{record}/handling", body)


def states(asked: Keyed, topic: str = "roads", grant: str = "expert") -> dict[str, str]:
    found = asked.call(grant, "GET", f"/topics/topic?name={topic}").json()["alert_list"]
    return {each["project_id"]: each["state"] for each in found}


def test_a_warning_goes_from_suspected_to_rectified_in_every_topic(asked: Keyed) -> None:
    record = scored(asked)
    scored(asked, 2)
    [first, _] = asked.call("expert", "GET", "/topics/topic?name=roads").json()["alert_list"]
    assert (first["finding_id"], first["state"], first["history"]) == (WARNING, "suspected", [])
    assert_refused(say(asked, record, "rectified"), 409, "state_conflict")
    assert say(asked, record, "violation").status_code == 200
    assert states(asked) == {"P0001": "violation", "P0002": "suspected"}
    assert states(asked, "all_roads") == states(asked), "the same in another topic"
    done = say(asked, record, "rectified")
    kept = asked.call("admin", "GET", f"/record/{done.json()['record_id']}").json()["record"]
    said = {name: kept["content"][name] for name in ("finding", "state", "was", "comment")}
    assert said == {
        "finding": WARNING, "state": "rectified", "was": "violation", "comment": "查看了合同",
    }  # fmt: skip
    assert kept["actor"] == asked.ids["expert"]
    [first, _] = asked.call("expert", "GET", "/topics/topic?name=roads").json()["alert_list"]
    assert [step["state"] for step in first["history"]] == ["violation", "rectified"]
    assert 0 <= first["seconds_to_decision"] <= first["seconds_to_rectified"]
    summed = asked.call("expert", "GET", "/topics").json()["topics"]
    assert [each["open"] for each in summed] == [1, 1]


def test_what_was_said_holds_for_the_same_project_and_comparison_only(asked: Keyed) -> None:
    say(asked, scored(asked), "normal")
    scored(asked, people=900)
    assert states(asked) == {"P0001": "normal"}, "scored again, the same line"
    scored(asked, lines=[{"task": "gravel", "amount": 100001.0}])
    assert states(asked) == {"P0001": "suspected"}, "control: a yuan more"
    scored(asked, department="D2")
    assert states(asked, grant="department:D2") == {"P0001": "suspected"}, "another department's"
    assert states(asked, grant="department:D1") == {"P0001": "suspected"}
    scored(asked)
    assert states(asked, grant="department:D1") == {"P0001": "normal"}


@pytest.mark.parametrize(
    "finding",
    ["prohibited/NO-GRAVEL", "prohibited/NO-GRAVEL:lines[2]", "over_scale/NO-GRAVEL:lines[1]"],
)
def test_what_nobody_warns_about_cannot_be_handled(asked: Keyed, finding: str) -> None:
    assert_refused(say(asked, scored(asked), "normal", finding), 404)


def test_a_check_has_no_warnings_of_topics(asked: Keyed) -> None:
    answer = asked.post("platform", "/check", {"project": tiny_project()}).json()
    assert_refused(say(asked, answer["record_id"], "normal"), 404)


def test_a_department_reads_and_does_not_decide(asked: Keyed) -> None:
    record = scored(asked)
    body = {"finding": WARNING, "state": "normal", "comment": "ours"}
    assert_refused(asked.post("department:D1", f"/record/{record}/handling", body), 403)
    say(asked, record, "violation")
    assert states(asked, grant="department:D1") == {"P0001": "violation"}


def test_pages_and_workbooks_show_states_and_are_narrowed_by_them(asked: Keyed) -> None:
    record = scored(asked)
    scored(asked, 2)
    say(asked, record, "violation")
    page = asked.call("expert", "GET", "/topics/topic?name=roads&lang=zh", headers=PAGE).text
    for words in ("认定违规 1", "疑点 1", "#handling"):
        assert words in page
    found = asked.call("expert", "GET", "/topics/topic?name=roads&state=violation").json()
    assert [each["project_id"] for each in found["alert_list"]] == ["P0001"]
    assert found["alerts"]["prohibited"] == 2, "the counts are of all"
    book = asked.call("expert", "GET", "/topics/export?name=roads&lang=zh&state=violation")
    rows = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    [heading, row] = list(rows.iter_rows(values_only=True))
    told = dict(zip(heading, row, strict=True))
    assert (told["处理状态"], told["项目编码"]) == ("认定违规", "P0001")
    assert "查看了合同" in row
    assert_refused(asked.call("expert", "GET", "/topics/topic?name=roads&state=seen"), 422)
    assert_refused(asked.call("expert", "GET", "/topics?state=normal"), 422)


def test_the_records_page_has_a_form_for_each_warning_once(asked: Keyed) -> None:
    record = scored(asked)
    path = f"/record/{record}?lang=zh"
    page = asked.call("expert", "GET", path, headers=PAGE).text
    assert page.count(f'value="{WARNING}"') == 1
    form = {"finding": WARNING, "state": "violation", "comment": "现场核实"}
    sent = asked.call("expert", "POST", f"/record/{record}/findings", data=form, headers=PAGE)
    assert sent.status_code == 303
    page = asked.call("department:D1", "GET", path, headers=PAGE).text
    assert "现场核实" in page
    assert "违反禁止性规定 NO-GRAVEL lines[1] 认定违规" in page
    assert f'value="{WARNING}"' not in page
    listed = asked.call("auditor", "GET", "/audit?kind=handling&lang=zh", headers=PAGE).text
    assert "违反禁止性规定 NO-GRAVEL lines[1] 认定违规" in listed


def test_a_file_of_topics_that_cannot_be_used_hides_no_record(asked: Keyed, tmp_path: Path) -> None:
    path = f"/record/{scored(asked)}?lang=zh"
    assert "专题预警" in asked.call("expert", "GET", path, headers=PAGE).text
    (tmp_path / "topics" / "tiny.yaml").write_text("topics: 3", encoding="utf-8")
    page = asked.call("expert", "GET", path, headers=PAGE)
    assert page.status_code == 200
    assert "疑点处理" in page.text
    assert "专题预警" not in page.text


def test_standards_that_say_so_are_named_and_so_is_what_they_say() -> None:
    found = review("property", declared("U0", 130.0)).alerts
    [alert] = [each for each in found if each.kind is AlertKind.OVER_STANDARD]
    matter = matter_of(alert, STANDARDS)
    assert matter == Matter(
        "over_standard/county:cost_lines[1]", "[100.0,130.0,30000.0,null]", STANDARDS.digest
    )
    odd = matter_of(replace(alert, rule="L-30209-元/月·人-all"), STANDARDS)
    for each in (matter, odd):
        assert re.fullmatch(MATTER, each.id)
    grown = declared("U0", project_type="vehicle_operation", last_budget_amt=50_000.0)
    [far] = review("vehicles", grown).alerts
    told = matter_of(far, STANDARDS)
    assert (told.id, told.standards) == ("over_scale/CAR-SCALE", ""), "a rule of the topic says so"
