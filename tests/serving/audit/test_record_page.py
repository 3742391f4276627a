"""A record's page: the answer as it was given, its proof, what is linked; to whom what is shown."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from features.catalogue import load_catalogue
from serving.audit.said_record import KINDS, said_kind, said_record
from serving.records.database import SERVICE
from serving.records.erasure import Erasure
from serving.records.record import Record, new_record_id
from tests.serving.audit.conftest import PAGE, Audited
from tests.serving.conftest import CATALOGUE, IDENTITY_NUMBER, tiny_project
from tests.serving.test_bad_requests import assert_refused

REVIEW = {"verdict": "disputed", "comment": "measured <again>"}
MODEL = {"version": 1, "digest": "sha256:0", "catalogue": "tiny@1"}
STOP = {"reason": "doubts", "by": "keeper", "made": "2026-01-01T00:00:00Z"}
PILOT = {
    "regions": {"indicator": "type", "codes": ["road"]},
    "until": "2027-04-01T00:00:00+08:00",
}
JUDGED = {"case": "2-1", "scores": {"need": 60.0}, "comment": "plain"}
OPENED = {"step": "opened", "text": "odd", "owner": "zhang", "due": "2026-12-01"}
REVIEWED = {"version": 2, "conclusion": "approve", "reviewers": ["Zhao Min"]}
ELSEWHERE: dict[str, Any] = {
    "run": {
        "model": MODEL,
        "input": {"name": "round.csv"},
        "rows": {"rows": 3, "rated": 2, "not_rated": 0, "refused": 1},
    },
    "release": {"catalogue": "tiny", "before": None, "after": MODEL},
    "stop": {"catalogue": "tiny", "version": MODEL, "stop": STOP},
    "resume": {"catalogue": "tiny", "version": None, "stop": STOP},
    "key_change": {"before": None, "after": "k1", "values": 3},
    "shadow": {"model": MODEL, "status": "rated", "grade": "A", "rank_score": 71.0},
    "shadow_start": {"catalogue": "tiny", "version": MODEL},
    "shadow_stop": {"catalogue": "tiny", "version": MODEL},
    "pilot_start": {"catalogue": "tiny", "version": MODEL, "approval": {"statement": PILOT}},
    "pilot_stop": {"catalogue": "tiny", "version": MODEL},
    "review_opened": {"version": MODEL, "cases": 3},
    "case_judgement": {"said": JUDGED},
    "case_opinion": {"said": JUDGED},
    "case_correction": {"said": JUDGED | {"reason": "read again"}},
    "finding": {"said": OPENED},
    "review_concluded": {"review": REVIEWED},
    "handling": {"finding": "TNY-01", "state": "normal", "comment": "looked at"},
}
"""The kinds of record that commands write, as far as a page tells them."""
CATALOGUE_OF_ALL = load_catalogue(CATALOGUE)
OVERRIDE = {"reason": "facts_wrong", "comment": "as surveyed", "values": {"grade": "A"}}


def test_an_older_versions_answer_is_shown_as_it_was_given(audited: Audited) -> None:
    given = audited.scored(first=True)
    told = audited.json("auditor", f"/audit/records/{given['record_id']}")
    assert told["answer"] == given
    assert told["answer_as_said"] is True
    assert told["record"]["content"]["model"]["version"] == 1
    assert told["verification"]["holds"] is True
    page = audited.page("auditor", f"/audit/records/{given['record_id']}?lang=en")
    assert "the words are the same" in page
    assert 'class="report"' in page
    for digest in (given["model"]["digest"], given["receipt"]["leaf_hash"]):
        assert digest in page


def test_control_an_answer_of_another_version_is_another(audited: Audited) -> None:
    assert audited.scored(first=True)["priority"] != audited.scored()["priority"]


def test_where_the_version_is_gone_the_record_is_shown_without_an_answer(
    audited: Audited, tmp_path: Any
) -> None:
    record_id = audited.score(first=True)
    folder = audited.home / "models" / "tiny" / "1"
    folder.rename(tmp_path / "away")
    try:
        told = audited.json("auditor", f"/audit/records/{record_id}")
        assert told["answer"] is None
        assert "not here" in told["answer_missing"]
        page = audited.page("auditor", f"/audit/records/{record_id}?lang=en")
        assert "cannot be made again" in page
        assert "&#34;contributions&#34;" in page
    finally:
        (tmp_path / "away").rename(folder)


def test_everything_linked_stands_in_its_history(audited: Audited) -> None:
    record_id = audited.score()
    keyed = audited.keyed
    keyed.post("expert", f"/record/{record_id}/review", REVIEW)
    keyed.post("expert", f"/record/{record_id}/override", OVERRIDE)
    later = audited.score()
    audited.score(2)
    audited.json("auditor", f"/audit/records/{record_id}/replay", "POST")
    told = audited.json("auditor", f"/audit/records/{record_id}")
    kinds = [line["kind"] for line in told["history"]]
    assert kinds == ["score", "review", "override", "score", "replay"]
    assert told["history"][3]["record_id"] == later
    page = audited.page("auditor", f"/audit/records/{record_id}?lang=en")
    assert "measured &lt;again&gt;" in page
    assert f"difference?a={record_id}&amp;b={later}" in page
    assert f"difference?a={record_id}&amp;b={later}" in audited.page(
        "auditor", f"/audit/records/{later}"
    )


def test_every_kind_of_record_has_a_page(audited: Audited) -> None:
    record_id = audited.score()
    keyed = audited.keyed
    keyed.post("expert", f"/record/{record_id}/review", REVIEW)
    keyed.post("expert", f"/record/{record_id}/override", OVERRIDE)
    project = tiny_project(policy="none")
    keyed.post("department:D1", "/what_if", {"project": project, "changes": {"people": 3}})
    keyed.post("platform", "/improvements", {"project": project})
    keyed.post("platform", "/score_batch", {"projects": [project, {}]})
    keyed.post("platform", "/duplicates/check", {"projects": [project]})
    keyed.post("platform", "/check", {"project": project})
    pair = {"first": record_id, "second": audited.score(2), "reason": "other", "comment": "seen"}
    keyed.call("expert", "POST", "/duplicates/dismiss", data=pair)
    keyed.records.erase(Erasure(record_id, ("contact",), "asked for", "os:keeper", {}))
    for kind, content in ELSEWHERE.items():
        keyed.records.append(Record(kind, "os:keeper", content)).result()
    audited.json("auditor", f"/audit/records/{record_id}/replay", "POST")
    audited.json("auditor", f"/audit/records/{record_id}/verify", "POST")
    kinds = set()
    for stored, _ in keyed.records.piece(0, keyed.records.head().size):
        kinds.add(stored.kind)
        for lang in ("zh", "en"):
            page = audited.page("auditor", f"/audit/records/{stored.record_id}?lang={lang}")
            assert stored.record_id in page
            catalogue = CATALOGUE_OF_ALL
            assert said_kind(stored.kind, lang).lower() != stored.kind or lang == "en"
            assert said_record(stored, catalogue, lang), (stored.kind, lang)
    assert kinds - {"read"} == set(KINDS) - {"read"}


DAMAGES: dict[str, bytes] = {
    "no text": b"\xff\x00",
    "no object": b"[]",
    "nothing inside": b"{}",
    "other things inside": b'{"content": [], "about": 3, "private": {}, "time": 7, "actor": null}',
    "a score with gaps": json.dumps(
        {"content": {"format": 1, "model": {"version": 2}, "said": 3}, "private": {}}
    ).encode(),
    "halves": b'{"content": {"model": {"version": 1}, "asked": 3, "said": []}, "private": {}}',
}


@pytest.mark.parametrize("leaf", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_record_has_a_page_that_says_so(audited: Audited, leaf: bytes) -> None:
    record_id, later = audited.score(), audited.score()
    with closing(sqlite3.connect(audited.file)) as connection, connection:
        connection.execute("DROP TRIGGER record_no_update")
        row = (leaf, record_id)
        connection.execute("UPDATE record SET leaf = ? WHERE record_id = ?", row)
    path = f"/audit/records/{record_id}"
    told = audited.json("auditor", path)
    assert (told["verification"]["holds"], told["answer"]) == (False, None)
    for grant in ("auditor", "expert"):
        assert "✗" in audited.page(grant, path)
        assert "✗" in audited.page(grant, f"{path}/export")
    assert audited.json("auditor", f"{path}/replay", "POST")["same"] is False
    assert "✗" in audited.page("auditor", f"{path}/verify", "POST")
    assert "✓" in audited.page("auditor", f"/audit/records/{later}")
    assert record_id in audited.page("auditor", "/audit")


def test_personal_values_are_shown_to_who_may_see_them(audited: Audited) -> None:
    path = f"/audit/records/{audited.score()}"
    for suffix in ("", "/export"):
        shown = {
            grant: IDENTITY_NUMBER in audited.page(grant, f"{path}{suffix}")
            for grant in ("department:D1", "expert", "auditor", "admin")
        }
        assert shown == {"department:D1": True, "expert": False, "auditor": True, "admin": True}
    assert IDENTITY_NUMBER not in json.dumps(audited.json("expert", path))
    assert audited.json("auditor", path)["private"] == {"contact": IDENTITY_NUMBER}


def test_a_department_is_not_told_of_others_projects(audited: Audited) -> None:
    given = audited.scored()
    path = f"/audit/records/{given['record_id']}"
    assert given["similar"], "control: the platform was told of them"
    assert audited.json("department:D1", path)["answer"]["similar"] == []
    others = {each["project_id"] for each in given["similar"]}
    for suffix in ("", "/export"):
        page = audited.page("department:D1", f"{path}{suffix}")
        assert not [each for each in others if f">{each}<" in page]
        whole = audited.page("auditor", f"{path}{suffix}")
        assert [each for each in others if f">{each}<" in whole], "control"


def test_what_was_erased_stands_as_a_commitment_only(audited: Audited) -> None:
    record_id = audited.score()
    erasure = Erasure(record_id, ("contact",), "asked for by the person", "os:keeper", {})
    audited.keyed.records.erase(erasure)
    told = audited.json("auditor", f"/audit/records/{record_id}")
    assert told["private"] == {"contact": None}
    assert (told["verification"]["holds"], told["verification"]["erased"]) == (True, 1)
    assert told["history"][-1]["kind"] == "erasure"
    page = audited.page("auditor", f"/audit/records/{record_id}?lang=en")
    assert "the log holds its commitment only" in page
    assert IDENTITY_NUMBER not in page


@pytest.mark.parametrize("headers", [{}, PAGE], ids=["json", "page"])
def test_a_foreign_record_is_answered_as_a_missing_one(
    audited: Audited, headers: dict[str, str]
) -> None:
    foreign, missing = audited.score(department="D2"), new_record_id()
    for suffix in ("", "/export"):
        answers = [
            audited.keyed.call(
                "department:D1", "GET", f"/audit/records/{each}{suffix}", headers=headers
            )
            for each in (foreign, missing)
        ]
        bodies = [
            answer.text.replace(each, "ID")
            for answer, each in zip(answers, (foreign, missing), strict=True)
        ]
        assert bodies[0] == bodies[1]
        assert {answer.status_code for answer in answers} == {404}
    own = audited.score()
    assert audited.keyed.call("department:D1", "GET", f"/audit/records/{own}").status_code == 200


def test_a_reading_is_recorded_and_a_department_does_not_see_whose(audited: Audited) -> None:
    record_id = audited.score()
    audited.page("auditor", f"/audit/records/{record_id}")
    audited.page("department:D1", f"/audit/records/{record_id}/export")
    reads = audited.keyed.records.records(SERVICE, kind="read")
    assert [read.content()["content"]["asked"]["way"] for read in reads] == [
        "GET /audit/records/{id}",
        "GET /audit/records/{id}/export",
    ]
    assert {tuple(read.content()["about"]) for read in reads} == {(record_id,)}
    told = audited.json("department:D1", f"/audit/records/{record_id}")
    assert [line["kind"] for line in told["history"]] == ["score"]


def test_no_page_names_another_host_or_carries_a_script_of_its_own(audited: Audited) -> None:
    record_id = audited.score()
    for path in ("/audit", f"/audit/records/{record_id}", f"/audit/records/{record_id}/export"):
        page = audited.page("auditor", path)
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
        assert "<script" not in page
        assert " style=" not in page


def test_only_scores_are_compared_or_replayed(audited: Audited) -> None:
    record_id = audited.score()
    done = audited.keyed.post("expert", f"/record/{record_id}/review", REVIEW).json()["record_id"]
    assert_refused(audited.keyed.call("auditor", "POST", f"/audit/records/{done}/replay"), 422)
    path = f"/audit/difference?a={record_id}&b={done}"
    assert_refused(audited.keyed.call("auditor", "GET", path), 422)
    page = audited.keyed.call("auditor", "GET", f"{path}&lang=zh", headers=PAGE)
    assert page.status_code == 422
    assert "请调整后重试" in page.text
