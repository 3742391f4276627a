"""Judging: in its order, durable before it is confirmed, and never changed afterwards."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx

from models.people import now
from models.registry import Registry
from models.release.review import Conclusion, Review, keep_review
from serving.records.database import SERVICE
from serving.records.record import Record
from serving.review.round_records import CORRECTION, JUDGEMENT, OPINION, case_said, seen_before
from tests.serving.review.conftest import JUDGEMENT as JUDGED
from tests.serving.review.conftest import OTHER, PAGE, Reviewed
from tests.serving.test_bad_requests import assert_refused


def kinds(reviewed: Reviewed) -> list[str]:
    return [stored.kind for stored in reviewed.keyed.records.records(SERVICE)]


def test_first_judged_then_compared_then_told_whose_answers_they_were(reviewed: Reviewed) -> None:
    assert_refused(reviewed.compare(), 409, "not_judged")
    assert reviewed.case("expert")["stage"] == "judge"
    receipt = reviewed.judge().json()
    stored = reviewed.keyed.records.record(receipt["record_id"])
    assert stored is not None
    content = stored.content()["content"]
    assert stored.kind == JUDGEMENT
    assert content["said"]["scores"] == {"necessity": 81.5, "importance": 44.0}
    assert content["said"]["amounts"]["cost"] == {"low": 200000.0, "mid": None, "high": 350000.0}
    assert content["said"]["case_digest"] == reviewed.kept.round.cases[0].case
    told = reviewed.case("expert")
    assert (told["stage"], "chosen_for" in told) == ("compare", False)
    assert [each["model"] for each in told["answers"]] == [None, None]
    assert {each["heads"]["necessity"]["score"] for each in told["answers"]}
    assert reviewed.compare(stance_1_cost="too_high").status_code == 200
    told = reviewed.case("expert")
    assert (told["stage"], told["chosen_for"]) == ("done", ["grade", "random"])
    assert [each["model"] for each in told["answers"]] == ["champion", "challenger"]
    assert told["own"][1]["said"]["stances"]["champion"]["cost"] == "too_high"


def test_the_judgement_stands_before_the_reading_of_the_answers_in_the_log(
    reviewed: Reviewed,
) -> None:
    reviewed.case("expert")
    reviewed.judge()
    reviewed.case("expert")
    reads = reviewed.keyed.records.records(SERVICE, kind="read")
    stages = [(each.content()["content"].get("stage"), each.leaf_index) for each in reads]
    (judged,) = reviewed.keyed.records.records(SERVICE, kind=JUDGEMENT)
    assert [stage for stage, _ in stages] == ["judge", "compare"]
    assert stages[0][1] < judged.leaf_index < stages[1][1]


def test_what_was_said_unseen_cannot_be_changed(reviewed: Reviewed) -> None:
    reviewed.judge()
    assert_refused(reviewed.judge(score_necessity="10"), 409, "judged_already")
    reviewed.case("expert")
    path = f"/review/cases/{reviewed.id()}/correction"
    corrected = {"score_necessity": "70", "score_importance": "50", "reason": "依据看漏了"}
    assert reviewed.send("expert", path, **corrected).status_code == 200
    said = case_said(reviewed.keyed.records, reviewed.kept.round)
    (key,) = said.judgements
    assert said.judgement_forms()[key].scores["necessity"] == 81.5
    (correction,) = said.corrections
    assert (correction.kind, correction.form.case) == (CORRECTION, reviewed.id())
    (stored,) = reviewed.keyed.records.records(SERVICE, kind=CORRECTION)
    assert stored.content()["about"][1] == said.judgements[key].record_id
    assert_refused(reviewed.send(OTHER, path, **corrected), 409, "not_judged")


def test_of_many_at_once_one_judgement_is_kept(reviewed: Reviewed) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: reviewed.judge(score_necessity=str(n)), range(6)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, *[409] * 5]
    assert kinds(reviewed).count(JUDGEMENT) == 1


def test_two_experts_at_once_are_both_kept(reviewed: Reviewed) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(reviewed.judge, ["expert", OTHER]))
    assert [answer.status_code for answer in answers] == [200, 200]
    said = case_said(reviewed.keyed.records, reviewed.kept.round)
    assert said.experts == {reviewed.keyed.ids["expert"], reviewed.keyed.ids[OTHER]}
    told = reviewed.keyed.call("expert", "GET", "/review").json()["rounds"][0]
    assert (told["judged"], told["own"], told["experts"], told["total"]) == (1, 1, 2, 3)
    assert [case["stage"] for case in told["cases"]] == ["compare", "judge", "judge"]


def test_what_cannot_be_recorded_is_not_confirmed(reviewed: Reviewed) -> None:
    file = reviewed.home / "records.db"
    away = file.with_suffix(".away")
    file.rename(away)
    try:
        assert_refused(reviewed.judge(), 503, "cannot_record")
        assert reviewed.keyed.call("expert", "GET", "/review").status_code == 503
    finally:
        away.rename(file)
    assert reviewed.case("expert")["stage"] == "judge"
    assert reviewed.judge().status_code == 200


def test_a_confirmed_judgement_is_in_the_file(reviewed: Reviewed) -> None:
    """Read by a connection of its own, as after the service's end."""
    confirmed = reviewed.judge().json()["record_id"]
    with closing(sqlite3.connect(reviewed.home / "records.db")) as connection:
        query = "SELECT kind, project_id FROM record WHERE record_id = ?"
        assert connection.execute(query, (confirmed,)).fetchone() == (JUDGEMENT, "P0001")


WRONG = {
    "score_necessity": ["", "-1", "101", "nan", "inf", "eighty", "1e9", "八十"],
    "low_cost": ["0", "-5", "x", "1e16", "400000"],
    "mid_cost": ["100", "900000"],
    "high_cost": [""],
    "comment": ["x" * 2_001, "11010519491231002X"],
}


def test_what_is_no_judgement_is_refused_and_nothing_is_kept(reviewed: Reviewed) -> None:
    path = f"/review/cases/{reviewed.id()}/judgement?lang=en"
    for field, value in [(f, v) for f, values in WRONG.items() for v in values]:
        answer = reviewed.judge(**{field: value})
        assert_refused(answer, 422)
        assert "11010519491231002X" not in answer.text
        sent = {**JUDGED, field: value}
        page = reviewed.keyed.call("expert", "POST", path, data=sent, headers=PAGE)
        assert page.status_code == 422, (field, value)
        assert 'aria-invalid="true"' in page.text
        assert 'value="44"' in page.text, "what was typed is there again"
    assert JUDGEMENT not in kinds(reviewed)


def test_numbers_as_people_type_them(reviewed: Reviewed) -> None:
    for number, given in enumerate(("８１．５", " 81.5 ", "0"), start=1):
        assert reviewed.judge(number=number, score_necessity=given).status_code == 200
    amounts = case_said(reviewed.keyed.records, reviewed.kept.round).judgement_forms().values()
    assert [judged.amounts["cost"].low for judged in amounts] == [200_000.0] * 3


def test_an_opinion_names_every_figure(reviewed: Reviewed) -> None:
    reviewed.judge()
    refused: httpx.Response = reviewed.compare(stance_2_late="perhaps")
    assert_refused(refused, 422)
    assert OPINION not in kinds(reviewed)
    assert reviewed.compare().status_code == 200
    assert_refused(reviewed.compare(), 409, "judged_already")


def test_after_the_conclusion_nothing_more_is_taken_and_nothing_is_hidden(
    reviewed: Reviewed,
) -> None:
    record = reviewed.score(1)
    review = reviewed.kept.round
    conclusion = Review(
        format=2,
        catalogue="tiny",
        version=review.version,
        challenger=review.challenger,
        comparison=review.comparison,
        reviewers=("Zhao",),
        conclusion=Conclusion.REJECT,
        comment="too high for roads",
        made=now(),
    )
    assert reviewed.keyed.call("expert", "GET", f"/record/{record}").status_code == 404
    keep_review(conclusion, Registry(reviewed.home, "tiny").folder)
    assert_refused(reviewed.judge(), 409, "review_over")
    assert reviewed.keyed.call("expert", "GET", f"/record/{record}").status_code == 200
    told = reviewed.case("expert")
    assert (told["stage"], told["open"]) == ("done", False)


def test_who_had_read_a_record_of_the_project_did_not_judge_unseen(reviewed: Reviewed) -> None:
    reviewed.judge("expert", 1)
    record = reviewed.score(1)
    reviewed.keyed.call("expert", "GET", f"/record/{record}")
    log, review = reviewed.keyed.records, reviewed.kept.round
    assert seen_before(log, review, case_said(log, review)) == 0, "it was read afterwards"
    log.append(read_of("P0002", "k-other")).result()
    log.append(read_of("P0002", reviewed.keyed.ids["expert"])).result()
    assert reviewed.judge("expert", 2).status_code == 200
    assert seen_before(log, review, case_said(log, review)) == 1


def read_of(project_id: str, who: str) -> Record:
    """A reading of a project's records before its case was opened."""
    return Record("read", who, {"asked": {"way": "GET /records"}}, project_id=project_id)
