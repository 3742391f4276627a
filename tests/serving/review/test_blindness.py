"""An expert sees nothing of a model before the judgement is kept: in no page, by no route."""

from __future__ import annotations

import json

import pytest

from serving.access.caller import Role
from serving.access.policy import POLICY
from serving.review import judging
from tests.reviews import numbers_of
from tests.serving.review.conftest import OTHER, PAGE, Reviewed


def said_by_models(reviewed: Reviewed, number: int = 1) -> set[str]:
    """All that the models say of a case, but for what the declared project says itself."""
    entry = reviewed.kept.round.cases[number - 1]
    sides = reviewed.kept.answers(entry).sides
    declared = json.dumps(reviewed.kept.case(entry).document, ensure_ascii=False)
    said = set().union(*(numbers_of(side.answer) for side in sides))
    return {word for word in said if word not in declared and len(word) > 3}


def leaks(reviewed: Reviewed, text: str, number: int = 1) -> set[str]:
    return {word for word in said_by_models(reviewed, number) if word in text}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_neither_page_nor_json_tells_what_models_say_before_the_judgement(
    reviewed: Reviewed, lang: str
) -> None:
    path = f"/review/cases/{reviewed.id()}?lang={lang}"
    told = reviewed.case("expert")
    assert told["stage"] == "judge"
    assert set(told) == {"case", "stage", "open", "project_id", "year", "document", "asked"}
    page = reviewed.page("expert", path)
    assert leaks(reviewed, json.dumps(told, ensure_ascii=False)) == set()
    allowed = {"0.8", "100.0"}  # no words of an answer: what the frame of every page may hold
    assert leaks(reviewed, page) - allowed == set()
    assert "boundary" not in page
    # Control: the same looks find what is shown afterwards.
    assert reviewed.judge().status_code == 200
    after = json.dumps(reviewed.case("expert"), ensure_ascii=False)
    assert len(leaks(reviewed, after)) > 20
    assert len(leaks(reviewed, reviewed.page("expert", path))) > 3


def test_control_a_page_that_shows_answers_is_noticed(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "_stage", lambda *_: judging.Stage.COMPARE)
    told = json.dumps(reviewed.case("expert"), ensure_ascii=False)
    assert leaks(reviewed, told)


def test_the_answers_of_a_case_to_be_judged_are_not_even_read(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed.case("expert")  # the round is known from here on
    for entry in reviewed.kept.round.cases:
        (reviewed.kept.path / f"{entry.id[-3:]}.answers.json").unlink()
    assert reviewed.case("expert")["stage"] == "judge"
    assert reviewed.page("expert", "/review")
    reviewed.judge()
    answer = reviewed.keyed.call("expert", "GET", f"/review/cases/{reviewed.id()}")
    assert answer.status_code == 500, "control: afterwards they are"


ROUTES = (
    "/record/{id}",
    "/record/{id}/receipt",
    "/records?project_id={project}",
    "/projects",
    "/projects/tendencies",
    "/audit",
    "/audit?project_id={project}",
    "/audit/records/{id}",
    "/audit/records/{id}/export",
    "/audit/difference?a={id}&b={id}",
)
ELSEWHERE = {
    "the case itself, and what comes of it, in the tests of reviews": {
        "/review",
        "/review/cases/{id}",
        "/review/reports/{id}",
        "/review/findings",
    },
    "from declared projects by rules, not by the model": {
        *("/topics", "/topics/topic", "/topics/export", "/duplicates"),
        *("/findings", "/findings/export"),
    },
    "the same as /projects": {"/projects/export"},
    "nothing of any project": {
        *("/", "/schema", "/openapi.json", "/readyz", "/static"),
        *("/model", "/model/data_sheet", "/model/algorithm_record"),
        *("/releases", "/releases/{n}", "/releases/{n}/statement"),
        *("/standards", "/standards/standard", "/standards/changes", "/standards/export"),
    },
}
"""Why a route that an expert may read is not among those."""


def seen(reviewed: Reviewed, grant: str, where: str, record: str, project: str) -> bool:
    """Whether a caller sees anything of a record, or of its project."""
    shown = ""
    for headers in ({}, PAGE):
        path = where.format(id=record, project=project)
        answer = reviewed.keyed.call(grant, "GET", path, headers=headers)
        if answer.status_code == 200:
            shown += answer.text
    # What was asked for may be repeated; anything beside it is seen.
    for asked in ("project_id=", 'value="'):
        shown = shown.replace(f"{asked}{project}", "")
    return record in shown or project in shown


@pytest.mark.parametrize("where", ROUTES)
def test_by_no_other_route_does_an_expert_see_a_record_of_the_project(
    reviewed: Reviewed, where: str
) -> None:
    record = reviewed.score(1)
    assert not seen(reviewed, "expert", where, record, "P0001")
    assert seen(reviewed, "auditor", where, record, "P0001"), "control: others do"
    reviewed.judge()
    assert seen(reviewed, "expert", where, record, "P0001"), "after the judgement it is shown"
    assert not seen(reviewed, OTHER, where, record, "P0001"), "not to one who has not judged"


def test_every_route_that_an_expert_may_read_is_looked_at() -> None:
    reading = {
        path for (method, path), roles in POLICY.items() if method == "GET" and Role.EXPERT in roles
    }
    assert reading - {route.split("?")[0] for route in ROUTES} == set().union(*ELSEWHERE.values())


def test_a_record_to_be_judged_unseen_is_one_that_does_not_exist(reviewed: Reviewed) -> None:
    record, free = reviewed.score(1), reviewed.score(9)
    call = reviewed.keyed.call
    hidden = call("expert", "GET", f"/record/{record}")
    absent = call("expert", "GET", f"/record/{record[:-4]}0000")
    assert (hidden.status_code, hidden.json()) == (404, absent.json())
    assert call("expert", "GET", f"/record/{free}").status_code == 200
    body = {"verdict": "confirmed", "comment": "seen"}
    assert reviewed.keyed.post("expert", f"/record/{record}/review", body).status_code == 404
    assert reviewed.keyed.post("expert", f"/record/{free}/review", body).status_code == 200
    assert call("expert", "GET", "/projects/export").status_code == 200


def test_experts_cannot_have_a_project_scored(reviewed: Reviewed) -> None:
    for path in ("/score", "/what_if", "/improvements", "/score_batch"):
        assert reviewed.keyed.post("expert", path, {}).status_code == 403


def test_experts_do_not_see_each_others_judgements_before_their_own(reviewed: Reviewed) -> None:
    assert reviewed.judge("expert", comment="第一位专家的意见").status_code == 200
    for path in (f"/review/cases/{reviewed.id()}", "/review", "/audit", "/review/findings"):
        for headers in ({}, PAGE):
            shown = reviewed.keyed.call(OTHER, "GET", path, headers=headers).text
            assert "第一位专家的意见" not in shown
            assert "81.5" not in shown
    assert reviewed.judge(OTHER, score_necessity="70").status_code == 200
    told = reviewed.case(OTHER)
    assert (told["stage"], "others" in told) == ("compare", False)
    assert reviewed.compare(OTHER).status_code == 200
    (first,) = reviewed.case(OTHER)["others"]
    assert first["said"]["comment"] == "第一位专家的意见", "control: then it is shown"


def test_a_finding_of_a_case_is_hidden_until_it_is_judged(reviewed: Reviewed) -> None:
    opened = {"severity": "major", "owner": "Li", "due": "2999-01-31", "text": "权重偏高"}
    case = reviewed.id()
    reviewed.judge("expert")
    answer = reviewed.send("expert", "/review/findings/open", subject=case, **opened)
    assert answer.status_code == 200, answer.text
    assert reviewed.keyed.call(OTHER, "GET", "/review/findings").json()["findings"] == []
    assert len(reviewed.keyed.call("auditor", "GET", "/review/findings").json()["findings"]) == 1
    refused = reviewed.send(OTHER, "/review/findings/open", subject=case, **opened)
    assert refused.status_code == 422
    finding = answer.json()["record_id"]
    path = f"/review/findings/{finding}/close"
    assert reviewed.send(OTHER, path, text="good").status_code == 404
    assert reviewed.send("expert", path, text="good").status_code == 409
