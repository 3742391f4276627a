"""POST /improvements: what a department may lawfully improve, as JSON and as part of a page."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from models.registry import Release
from serving.appraisal import appraise
from serving.command_line.program import PROGRAM
from serving.improvements import CAUTION, improved, improvements_of
from serving.page import pages
from serving.page.words import page_words
from serving.settings import ServiceSettings
from tests.serving.access.conftest import A_DAY, Keyed, keyed
from tests.serving.conftest import IDENTITY_NUMBER, Caller, tiny_project
from tests.serving.test_bad_requests import assert_refused

__all__ = ["keyed"]

WEAK = tiny_project(policy="none")


def advice(document: Any, release: Release) -> Any:
    return improved(improvements_of(document, release), release)


def test_the_answer_is_that_of_the_main_path(service: Caller, release: Release) -> None:
    answer = service.post("/improvements", {"project": WEAK})
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(advice(WEAK, release)))
    assert answer.json()["caution"] == CAUTION


def test_a_suggestion_is_what_scoring_the_changed_project_says(release: Release) -> None:
    answer = advice(WEAK, release)
    before = appraise(WEAK, release)["priority"]
    (suggestion,) = answer["suggestions"]
    assert (suggestion["indicator"], suggestion["from"]) == ("policy", "none")
    after = appraise({**WEAK, "policy": suggestion["to"]}, release)["priority"]
    assert suggestion["reached"]["grade"] == after["grade"]
    for axis in ("necessity", "importance"):
        assert answer[axis] == before[axis]["score"]
        assert suggestion["reached"][axis] == after[axis]["score"]
        moved = round(after[axis]["score"] - before[axis]["score"], 1)
        assert suggestion["effect"][axis] == moved


def test_the_way_to_a_grade_is_told_with_its_changes(release: Release) -> None:
    ways = {way["axis"]: way for way in advice(WEAK, release)["ways"]}
    assert (ways["necessity"]["grade"], ways["necessity"]["reachable"]) == ("B", True)
    assert [change["to"] for change in ways["necessity"]["changes"]] == ["province"]
    assert (ways["importance"]["grade"], ways["importance"]["reachable"]) == ("C", False)
    assert "必要性提高" in ways["necessity"]["text"]["zh"]
    assert "the grade is B" in ways["necessity"]["text"]["en"]


def test_a_project_that_is_not_rated_is_told_what_is_missing(release: Release) -> None:
    answer = advice(tiny_project(area=None), release)
    assert (answer["status"], answer["missing"], answer["grade"]) == ("not_rated", ["area"], None)
    assert answer["suggestions"] == answer["ways"] == []


def test_a_bad_project_is_refused_without_its_personal_values(service: Caller) -> None:
    bad = tiny_project(area="wide", contact=[IDENTITY_NUMBER])
    answer = service.post("/improvements", {"project": bad})
    assert_refused(answer, 422)
    assert IDENTITY_NUMBER not in answer.text
    assert_refused(service.post("/improvements", {"project": WEAK, "changes": {}}), 422)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_browser_gets_the_part_of_a_page(service: Caller, release: Release, lang: str) -> None:
    asked = {"accept": "text/html"}
    answer = service.post(f"/improvements?lang={lang}", {"project": WEAK}, asked)
    expected = pages.improvements_fragment(advice(WEAK, release), release.model.catalogue, lang)
    assert answer.text == expected
    assert CAUTION[lang] in answer.text
    assert page_words(lang)["paths"] in answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("facts", "said"),
    [({"policy": "province"}, "nothing_to_improve"), ({"area": None}, "no_grade_yet")],
)
def test_where_there_is_nothing_to_improve_the_page_says_so(
    release: Release, lang: str, facts: dict[str, Any], said: str
) -> None:
    answer = advice(tiny_project(**facts), release)
    page = pages.improvements_fragment(answer, release.model.catalogue, lang)
    assert page_words(lang)[said] in html.unescape(page)
    assert "<table" not in page


def test_a_department_asks_about_its_own_projects_as_often_as_about_changes(keyed: Keyed) -> None:
    project = tiny_project(77, policy="none")
    foreign = {"project": {**project, "department": "D2"}}
    assert_refused(keyed.post("department:D1", "/improvements", foreign), 403)
    invalid = {"project": {**project, "area": "wide"}}
    assert_refused(keyed.post("department:D1", "/improvements", invalid), 422)
    for _ in range(A_DAY - 1):
        answer = keyed.post("department:D1", "/improvements", {"project": project})
        assert answer.status_code == 200
    changes = {"project": project, "changes": {}}
    assert keyed.post("department:D1", "/what_if", changes).status_code == 200
    refused = keyed.post("department:D1", "/improvements", {"project": project})
    assert_refused(refused, 429)
    assert int(refused.headers["retry-after"]) > 0
    another = {"project": tiny_project(78, policy="none")}
    assert keyed.post("department:D1", "/improvements", another).status_code == 200


def test_control_the_platform_is_not_rationed(keyed: Keyed) -> None:
    for _ in range(A_DAY + 1):
        answer = keyed.post("platform", "/improvements", {"project": WEAK})
        assert answer.status_code == 200


def test_an_auditor_is_not_offered_what_it_may_not_ask(keyed: Keyed) -> None:
    headers, body = {"accept": "text/html"}, {"project": WEAK}
    button = page_words("zh")["improve_button"]
    for grant, offered in (("platform", True), ("department:D1", True), ("auditor", False)):
        page = keyed.call(grant, "POST", "/score", json=body, headers=headers).text
        assert (button in page) is offered, grant


def test_the_command_line_tells_them_too(settings: ServiceSettings, tmp_path: Any) -> None:
    file, page = tmp_path / "project.json", tmp_path / "page.html"
    file.write_text(json.dumps(WEAK), encoding="utf-8")
    given = ["explain", str(file), "--improvements", "--home", str(settings.home)]
    given += ["--catalogue", "tests/serving/tiny.yaml", "--lang", "en"]
    plain = CliRunner().invoke(PROGRAM, given)
    assert plain.exit_code == 0, plain.output
    assert "What the department may lawfully improve" in plain.output
    assert "none → province" in plain.output
    assert CliRunner().invoke(PROGRAM, [*given, "--html", str(page)]).exit_code == 0
    assert CAUTION["en"] in page.read_text(encoding="utf-8")
    told = json.loads(CliRunner().invoke(PROGRAM, [*given, "--json"]).stdout)
    assert told["improvements"]["suggestions"]
