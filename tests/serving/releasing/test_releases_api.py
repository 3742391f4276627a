"""Releases over HTTP: the same gate as on the command line, and no private key on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from models.approval import Approval
from serving.command_line.program import PROGRAM
from tests.releases import registered
from tests.serving.releasing.conftest import HTML, OWN, Office
from tests.serving.test_bad_requests import assert_refused

NOBODY = "sha256:" + "0" * 64


def to_sign(office: Office, number: int = 2) -> bytes:
    """The statement as the service gives it to be signed."""
    answer = office.call("approver", "GET", f"/releases/{number}/statement")
    assert answer.status_code == 200, answer.text
    named = f'attachment; filename="lingji-release-{number}.json"'
    assert answer.headers["content-disposition"] == named
    return answer.content


def signed(office: Office, name: str, number: int = 2, waive: str | None = None) -> Any:
    """The statement with a person's signature, made by the command where the person sits."""
    root = office.waiting.registry.root / f"desk of {name}"
    root.mkdir(exist_ok=True)
    key, given, out = root / "key.pem", root / "given.json", root / "signed.json"
    if not key.exists():
        office.waiting.keys[name].save(key)
    given.write_bytes(to_sign(office, number))
    words = ["approve", str(number), "--statement", str(given), "--key", str(key)]
    words += ["--name", name, "--out", str(out), *(["--waive", waive] if waive else [])]
    done = CliRunner().invoke(PROGRAM, words)
    assert done.exit_code == 0, done.output
    sent = json.loads(out.read_bytes())
    assert Approval.parse(out.read_bytes(), "out").statement.file_digest in flat(done.output)
    return sent


def flat(text: str) -> str:
    return "".join(text.split())


def not_done(answer: httpx.Response) -> None:
    """The answer says that what is so does not let it be done."""
    assert_refused(answer, 409, "release_refused")


def approve(office: Office, sent: Any, **more: Any) -> httpx.Response:
    return office.post("/releases/2/approve", {"approval": sent, **more})


@pytest.fixture
def reviewed(office: Office) -> Office:
    """A challenger that was compared and reviewed."""
    version = office.waiting.challenger()
    office.waiting.review(version.number)
    return office


def test_two_people_sign_apart_and_the_version_is_released(reviewed: Office) -> None:
    before = reviewed.get("/releases/2")
    assert (before["standing"], before["open"], before["signatures"]) == ("waiting", [], [])
    first = approve(reviewed, signed(reviewed, "Li")).json()
    assert (first["signatures"], first["missing"]) == (["Li"], 1)
    assert first["statement"] == before["statement_digest"]
    assert not reviewed.get("/releases/2")["may_be_released"]
    second = approve(reviewed, signed(reviewed, "Wang")).json()
    assert (second["signatures"], second["missing"]) == (["Li", "Wang"], 0)
    assert reviewed.get("/releases/2")["may_be_released"]
    done = reviewed.post("/releases/2/promote", {"statement": second["statement"]})
    assert (done.status_code, done.json()["version"]) == (200, 2)
    told = reviewed.get("/releases")
    serving = told["in_service"]
    assert (serving["version"], serving["reviewed"]) == (2, True)
    assert serving["approved_by"] == ["Li", "Wang"]
    assert [each["version"] for each in told["releases"]] == [2, 1]
    assert told["release_record"] == "agrees"
    case = reviewed.get("/releases/2")
    assert case["standing"] == "in_service"
    assert [each["person"] for each in case["signatures"]] == ["Li", "Wang"]
    (record,) = reviewed.records("release")
    content = record["content"]
    assert (content["before"]["version"], content["after"]["version"]) == (1, 2)
    assert content["approval_digest"] == serving["approval"]
    assert content["asked"] == {"role": "approver", "way": "POST /releases/{n}/promote"}


def test_no_answer_says_a_private_key_and_none_is_taken(reviewed: Office) -> None:
    sent = signed(reviewed, "Li")
    assert "PRIVATE" not in json.dumps(sent)
    assert_refused(reviewed.post("/releases/2/approve", {"approval": sent, "key": "x"}), 422)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda s: s["signatures"][0].update(person="Wang"), "whose key is not listed"),
        (lambda s: s["signatures"][0].update(made="2026-01-01T00:00:00Z"), "was altered"),
        (lambda s: s["statement"].update(review=NOBODY), "changed since: review"),
        (lambda s: s["statement"].update(digest=NOBODY), "changed since: digest"),
        (lambda s: s["statement"]["gates"].pop(), "changed since: gates"),
        (lambda s: s.update(signatures=[]), "expected a new signature"),
    ],
)
def test_what_was_not_signed_so_is_refused(
    reviewed: Office, spoil: Callable[[Any], None], said: str
) -> None:
    sent = signed(reviewed, "Li")
    spoiled = json.loads(json.dumps(sent))
    spoil(spoiled)
    answer = approve(reviewed, spoiled)
    not_done(answer)
    assert said in answer.json()["error"]["message"]
    assert approve(reviewed, sent).status_code == 200  # control


def test_one_person_twice_and_the_trainer_are_refused(reviewed: Office) -> None:
    assert approve(reviewed, signed(reviewed, "Li")).status_code == 200
    again = approve(reviewed, signed(reviewed, "Li"))
    not_done(again)
    trained = approve(reviewed, signed(reviewed, "trainer"))
    not_done(trained)
    assert "got trainer, who made it" in trained.json()["error"]["message"]
    assert len(reviewed.get("/releases/2")["signatures"]) == 1


def test_what_changed_between_two_signatures_is_named_and_signed_anew(reviewed: Office) -> None:
    assert approve(reviewed, signed(reviewed, "Li")).status_code == 200
    late = signed(reviewed, "Wang")
    reviewed.waiting.review(2, comment="looked at again")
    answer = approve(reviewed, late)
    not_done(answer)
    assert "changed since: review" in answer.json()["error"]["message"]
    assert "changed since: review" in reviewed.get("/releases/2")["overtaken"]
    fresh = signed(reviewed, "Wang")
    assert [each["person"] for each in fresh["signatures"]] == ["Wang"]
    not_done(approve(reviewed, fresh))
    assert approve(reviewed, fresh, anew=True).json()["signatures"] == ["Wang"]


def test_a_failure_is_waived_by_who_signs_first(office: Office) -> None:
    same = {"grade_flips": 0.9, "rank_correlation": 0.98, "changed_top_reasons": 0.1}
    version = office.waiting.challenger(same_projects={**same, "projects": 400})
    office.waiting.review(version.number)
    assert office.get("/releases/2")["open"] == ["stability/grade_flips"]
    not_done(approve(office, signed(office, "Li")))
    sent = signed(office, "Li", waive="stability/grade_flips=thresholds changed this year")
    anothers = json.loads(json.dumps(sent))
    anothers["statement"]["waivers"][0]["person"] = "Wang"
    not_done(approve(office, anothers))
    assert approve(office, sent).status_code == 200
    case = office.get("/releases/2")
    assert case["open"] == []
    assert case["waivers"][0]["person"] == "Li"
    assert approve(office, signed(office, "Wang")).json()["missing"] == 0


def test_a_version_that_nobody_signed_or_another_statement_is_not_released(
    reviewed: Office,
) -> None:
    not_done(reviewed.post("/releases/2/promote", {"statement": NOBODY}))
    reviewed.waiting.approve(2)
    answer = reviewed.post("/releases/2/promote", {"statement": NOBODY})
    not_done(answer)
    assert reviewed.get("/releases")["in_service"]["version"] == 1
    assert reviewed.records("release") == []


def test_a_release_that_another_has_overtaken_is_refused(reviewed: Office) -> None:
    third = reviewed.waiting.challenger("third")
    reviewed.waiting.review(third.number)
    for number in (2, 3):
        reviewed.waiting.approve(number)
    statements = {n: reviewed.get(f"/releases/{n}")["statement_digest"] for n in (2, 3)}
    assert reviewed.post("/releases/3/promote", {"statement": statements[3]}).status_code == 200
    answer = reviewed.post("/releases/2/promote", {"statement": statements[2]})
    not_done(answer)
    assert reviewed.get("/releases")["in_service"]["version"] == 3


def test_back_only_when_nothing_came_in_between(reviewed: Office) -> None:
    reviewed.waiting.approve(2)
    reviewed.waiting.candidate(2).promote()
    assert reviewed.get("/releases")["release_record"] == "none"
    not_done(reviewed.post("/releases/rollback", {"releases": 1}))
    assert reviewed.post("/releases/rollback", {"releases": 2}).json()["version"] == 1
    told = reviewed.get("/releases")
    assert (told["in_service"]["way"], told["in_service"]["reviewed"]) == ("rollback", False)
    assert told["may_return"] is None
    not_done(reviewed.post("/releases/rollback", {"releases": 3}))
    assert [r["content"]["after"]["version"] for r in reviewed.records("release")] == [1]


def test_stop_and_resume(office: Office) -> None:
    assert office.service.call("GET", "/readyz").status_code == 401
    not_done(office.post("/releases/resume", {}))
    for wrong in ({}, {"reason": " "}, {"reason": 3}, {"reason": "x" * 2_001}):
        assert_refused(office.post("/releases/stop", wrong, "trainer"), 422)
    stopped = office.post("/releases/stop", {"reason": "wrong grades"}, "trainer").json()
    assert stopped["stopped"]["reason"] == "wrong grades"
    assert_refused(office.call("platform", "GET", "/readyz"), 503, "model_stopped")
    assert office.get("/releases")["stopped"] == stopped["stopped"]
    assert_refused(office.post("/releases/resume", {}, "trainer"), 403)
    assert office.post("/releases/resume", {}).status_code == 200
    assert office.call("platform", "GET", "/readyz").status_code == 200
    kinds = [office.records(kind)[0]["content"]["stop"]["reason"] for kind in ("stop", "resume")]
    assert kinds == ["wrong grades"] * 2


def test_a_citizens_number_does_not_get_into_the_log_as_a_reason(office: Office) -> None:
    number = "11010519491231002X"
    answer = office.post("/releases/stop", {"reason": f"see {number}"})
    assert_refused(answer, 422)
    assert number not in answer.text


def test_a_version_that_is_not_there_and_one_that_cannot_be_judged(office: Office) -> None:
    for number in ("9", "0", "x", "1e3", "-1", "01", "9" * 9, "9" * 30):
        for path in ("", "/statement"):
            assert_refused(office.call("approver", "GET", f"/releases/{number}{path}"), 404)
        for act in ("approve", "promote"):
            assert_refused(office.post(f"/releases/{number}/{act}", {}), 404)
    registered(office.waiting.registry, "second")
    case = office.get("/releases/2")
    assert (case["standing"], case["comparison"], case["gates"]) == ("waiting", None, [])
    assert case["why_not"]
    not_done(office.call("approver", "GET", "/releases/2/statement"))


def test_a_list_that_was_altered_is_told_of(office: Office) -> None:
    path = office.waiting.registry.folder / "champion.json"
    path.write_bytes(path.read_bytes().replace(b'"by": "', b'"by": "x'))
    told = office.get("/releases", "department:D1")
    assert (told["refused"], told["in_service"], told["releases"]) == ("altered", None, [])
    not_done(office.post("/releases/rollback", {"releases": 0}))


def test_a_department_sees_the_list_and_not_the_case(reviewed: Office) -> None:
    assert reviewed.call("department:D1", "GET", "/releases").status_code == 200
    assert_refused(reviewed.call("department:D1", "GET", "/releases/2"), 403)
    page = reviewed.page("/releases", "department:D1")
    assert 'href="releases/2' not in page
    assert "<form" not in page


def test_a_form_of_a_page_does_the_same(reviewed: Office) -> None:
    sent = json.dumps(signed(reviewed, "Li"))
    file = {"approval": ("signed.json", sent, "application/json")}
    answer = reviewed.call(
        "approver", "POST", "/releases/2/approve?lang=en", files=file, headers=HTML
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "../2?lang=en")
    again = reviewed.call(
        "approver", "POST", "/releases/2/approve?lang=en", files=file, headers=HTML
    )
    assert again.status_code == 409
    assert "<h1" in again.text
    reviewed.waiting.candidate(2).approve(reviewed.waiting.keys["Wang"], {})
    statement = reviewed.get("/releases/2")["statement_digest"]
    released = reviewed.call(
        "approver", "POST", "/releases/2/promote", data={"statement": statement}, headers=HTML
    )
    assert (released.status_code, released.headers["location"]) == (303, "../../releases?lang=zh")
    back = reviewed.call(
        "approver", "POST", "/releases/rollback", data={"releases": "2"}, headers=HTML
    )
    assert (back.status_code, back.headers["location"]) == (303, "../releases?lang=zh")


def test_a_form_from_elsewhere_is_refused(reviewed: Office, tmp_path: Path) -> None:
    key = reviewed.keys["approver"]
    signed_in = reviewed.service.call("POST", "/sign_in", data={"key": key}, headers=OWN)
    cookie = {"cookie": signed_in.headers["set-cookie"].partition(";")[0]}
    for body in ({"data": {"reason": "x"}}, {"json": {"reason": "x"}}):
        other = cookie | {"sec-fetch-site": "cross-site"}
        assert (
            reviewed.service.call("POST", "/releases/stop", headers=other, **body).status_code
            == 403
        )
    assert reviewed.waiting.registry.stopped() is None
    own = reviewed.service.call(
        "POST", "/releases/stop", headers=cookie | OWN, data={"reason": "x"}
    )
    assert own.status_code == 200  # control
