"""POST /check and findings: the answer, its record, what becomes of findings, and the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from features.checks.rule_files import rule_texts
from models.registry import Release
from serving.recording.kept_rules import KeptRules, RulesInForce
from serving.recording.replay import Replay
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import HERE, Caller, tiny_project
from tests.serving.test_bad_requests import assert_refused

BODY = {"project": tiny_project()}
FOUND = ["TNY-01", "TNY-03:lines[1]"]


@pytest.fixture
def keyed(tmp_path: Path, home: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    """A service with a log of its own, and keys for every role."""
    made = keyed_service(tmp_path, release, portal, home=home)
    yield made
    made.store.close()
    made.records.close()


def test_a_check_lists_every_check_and_what_was_found(service: Caller) -> None:
    answer = service.post("/check", BODY).json()
    assert answer["admitted"] is True
    assert [each["finding_id"] for each in answer["findings"]] == FOUND
    assert {each["code"]: each["outcome"] for each in answer["checks"]} == {
        "TNY-01": "finding",
        "TNY-02": "passed",
        "TNY-03": "finding",
    }
    first = answer["findings"][0]
    measures = [first[name] for name in ("threshold", "actual", "excess")]
    assert measures == [300000, 100000, -200000]
    assert first["text"]["zh"] == "明细合计100,000元，申报金额300,000元，相差-200,000元。"
    assert answer["counts"] == {"passed": 1, "finding": 2, "not_applicable": 0}


def test_what_bars_admission_and_what_does_not_apply_are_said(service: Caller) -> None:
    barred = service.post("/check", {"project": tiny_project(policy="none")}).json()
    assert (barred["admitted"], barred["findings"][0]["severity"]) == (False, "block")
    bare = service.post("/check", {"project": tiny_project(policy=None, lines=None)}).json()
    why = {each["code"]: (each["why"], each["fields"]) for each in bare["checks"]}
    assert why == {
        "TNY-01": ("not_the_case", []),
        "TNY-02": ("not_given", ["policy"]),
        "TNY-03": ("no_records", []),
    }


def test_a_check_is_refused_as_other_questions_are(service: Caller) -> None:
    assert_refused(service.post("/check", {}), 422)
    assert_refused(service.post("/check", {"project": tiny_project(area="much")}), 422)


def test_a_check_is_recorded_as_it_was_answered(keyed: Keyed) -> None:
    text = keyed.post("platform", "/check", BODY).content
    answer = json.loads(text)
    shown = keyed.call("admin", "GET", f"/record/{answer['record_id']}").json()
    content = shown["record"]["content"]
    core = text[: text.index(b',"record_id":')] + b"}"
    assert content["said"]["sha256"] == sha256(core).hexdigest()
    assert content["checks"] == {
        "rules": answer["rules"]["digest"],
        "reference": {},
        "outcomes": "fpf",
        "measures": "[[300000.0,100000.0,-200000.0,null],[50000.0,100000.0,50000.0,null]]",
    }
    assert content["findings"] == FOUND
    assert content["document"]["code"] == "P0001"
    assert "contact" not in content["document"]  # personal: sealed beside the record


def test_a_department_checks_its_own_projects(keyed: Keyed) -> None:
    assert keyed.post("department:D1", "/check", BODY).status_code == 200
    assert_refused(keyed.post("department:D2", "/check", BODY), 403)


@pytest.mark.parametrize(("lang", "verdict"), [("zh", "可以入库"), ("en", "May be admitted")])
def test_a_check_is_shown_on_a_page(service: Caller, lang: str, verdict: str) -> None:
    answer = service.post(f"/check?lang={lang}", BODY, {"accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert verdict in answer.text
    for code in ("TNY-01", "TNY-02", "TNY-03"):
        assert code in answer.text


def test_the_page_names_the_missing_field_in_words(service: Caller) -> None:
    bare = {"project": tiny_project(policy=None, lines=[{"task": "gravel"}])}
    page = service.post("/check?lang=zh", bare, {"accept": "text/html"}).text
    assert "政策层级" in page
    assert "明细 · 金额" in page
    assert "lines.amount" not in page


def scored(keyed: Keyed) -> str:
    """The id of the record of a score with findings."""
    answer = keyed.post("platform", "/score", BODY).json()
    assert [each["finding_id"] for each in answer["findings"]] == FOUND
    return str(answer["record_id"])


def said(finding: str, state: str, comment: str = "seen on site") -> dict[str, Any]:
    return {"finding": finding, "state": state, "comment": comment}


def test_a_finding_goes_from_suspected_to_rectified(keyed: Keyed) -> None:
    record = scored(keyed)
    path = f"/record/{record}/handling"
    before = keyed.call("admin", "GET", f"/record/{record}").json()["handling"]
    assert [each["state"] for each in before] == ["suspected", "suspected"]
    assert keyed.post("expert", path, said("TNY-01", "violation")).status_code == 200
    assert keyed.post("expert", path, said("TNY-03:lines[1]", "normal")).status_code == 200
    assert keyed.post("admin", path, said("TNY-01", "rectified", "mended")).status_code == 200
    first, other = keyed.call("department:D1", "GET", f"/record/{record}").json()["handling"]
    assert [step["state"] for step in first["history"]] == ["violation", "rectified"]
    assert (first["state"], other["state"]) == ("rectified", "normal")
    assert first["history"][1]["comment"] == "mended"
    assert 0 <= first["seconds_to_decision"] <= first["seconds_to_rectified"]
    assert other["seconds_to_rectified"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (said("lines[1]", "violation"), "finding"),
        (said("TNY-01", "seen"), "state"),
        (said("TNY-01", "suspected"), "state"),
        (said("TNY-01", "violation", " "), "comment"),
        ({"finding": "TNY-01", "state": "normal"}, "comment"),
        ({**said("TNY-01", "normal"), "more": 1}, "more"),
        ({**said("TNY-01", "normal"), "finding": ["TNY-01"]}, "finding"),
        ({**said("TNY-01", "normal"), "state": {}}, "state"),
    ],
)
def test_what_cannot_be_said_of_a_finding_is_refused(
    keyed: Keyed, body: dict[str, Any], field: str
) -> None:
    refused = keyed.post("expert", f"/record/{scored(keyed)}/handling", body)
    assert_refused(refused, 422)
    assert refused.json()["error"]["details"][0]["field"] == field


def test_what_a_record_does_not_have_or_cannot_follow_is_refused(keyed: Keyed) -> None:
    path = f"/record/{scored(keyed)}/handling"
    assert_refused(keyed.post("expert", path, said("TNY-02", "violation")), 404)
    early = keyed.post("expert", path, said("TNY-01", "rectified"))
    assert (early.status_code, early.json()["error"]["code"]) == (409, "state_conflict")
    for grant in ("expert", "admin"):  # what one says another may confirm
        assert keyed.post(grant, path, said("TNY-01", "normal")).status_code == 200
    late = keyed.post("expert", path, said("TNY-01", "rectified"))
    assert late.json()["error"]["details"][0]["expected"].startswith("one of normal, violation")


def test_who_may_not_judge_does_not_handle_findings(keyed: Keyed) -> None:
    path = f"/record/{scored(keyed)}/handling"
    for grant in ("department:D1", "platform", "auditor", "trainer"):
        assert_refused(keyed.post(grant, path, said("TNY-01", "normal")), 403)
    unknown = "/record/00000000-0000-0000-0000-000000000000/handling"
    assert_refused(keyed.post("expert", unknown, said("TNY-01", "normal")), 404)


def test_the_page_of_a_record_shows_what_became_of_findings(keyed: Keyed) -> None:
    record = scored(keyed)
    keyed.post("expert", f"/record/{record}/handling", said("TNY-01", "violation", "核实属实"))
    page = keyed.call("admin", "GET", f"/record/{record}?lang=zh", headers={"accept": "text/html"})
    for words in ("认定违规", "疑点", "核实属实", "lines[1]"):
        assert words in page.text


def test_an_auditor_finds_checks_and_what_became_of_findings(keyed: Keyed) -> None:
    record = scored(keyed)
    keyed.post("platform", "/check", BODY)
    keyed.post("expert", f"/record/{record}/handling", said("TNY-01", "violation", "核实属实"))
    for kind, words in (("check", "可以入库"), ("handling", "TNY-01 认定违规。核实属实")):
        asked = {"accept": "text/html"}
        page = keyed.call("auditor", "GET", f"/audit?kind={kind}&lang=zh", headers=asked)
        assert words in page.text


def test_a_score_is_made_again_by_the_rules_that_it_names(
    keyed: Keyed, home: Path, tmp_path: Path, release: Release
) -> None:
    record = scored(keyed)
    log = keyed.records
    stored, receipt = log.record(record), log.receipt(record)
    assert stored is not None
    assert receipt is not None
    (done,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
    assert done.same, done.differences
    assert release.checks is not None
    kept = home / "rules" / f"{release.checks.book.digest.removeprefix('sha256:')}.json"
    content = kept.read_bytes()
    try:
        kept.write_bytes(content.replace(b"50000", b"50001"))
        (altered,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
        kept.unlink()
        (gone,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
    finally:
        kept.write_bytes(content)
    for control in (altered, gone):
        assert [each.part for each in control.differences] == ["rules"]


def test_a_record_from_before_there_were_rules_is_made_again_as_it_was(
    tmp_path: Path, home: Path, release: Release, portal: BlockingPortal
) -> None:
    old = keyed_service(tmp_path, replace(release, checks=None), portal)
    answer = old.post("platform", "/score", BODY).json()
    assert answer["findings"] == []
    assert "checks" not in answer
    log = old.records
    stored, receipt = log.record(answer["record_id"]), log.receipt(answer["record_id"])
    assert stored is not None
    assert receipt is not None
    (done,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
    old.store.close()
    old.records.close()
    assert done.same, done.differences


def test_rules_in_force_are_kept_by_their_digest(tmp_path: Path, release: Release) -> None:
    given = RulesInForce(tmp_path, HERE / "tiny_rules.yaml").attached(release)
    assert given.checks is not None
    again = KeptRules(tmp_path).book(given.checks.book.digest)
    assert again.files == given.checks.book.files
    assert rule_texts("tiny") == {}
    assert RulesInForce(tmp_path).attached(release) is release
