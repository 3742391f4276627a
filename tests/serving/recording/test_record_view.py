"""Records as people read them, and what people say about them: who may, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.records.database import SERVICE
from serving.records.erasure import Erasure
from serving.records.record import new_record_id
from serving.records.verification import root_from_inclusion
from tests.serving.access.conftest import GRANTS, Keyed, keyed_service
from tests.serving.conftest import IDENTITY_NUMBER, tiny_project
from tests.serving.test_bad_requests import assert_refused

OVERRIDE = {
    "reason": "facts_missing",
    "comment": "现场核查后调整",
    "values": {"grade": "A", "necessity": 81.5, "cost": 250_000},
}
REVIEW = {"verdict": "disputed", "comment": "the area was measured again"}


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, release: Release, portal: BlockingPortal
) -> Iterator[Keyed]:
    made = keyed_service(tmp_path_factory.mktemp("view"), release, portal)
    yield made
    made.store.close()
    made.records.close()


def scored(keyed: Keyed, number: int = 1, **changes: Any) -> str:
    answer = keyed.post("platform", "/score", {"project": tiny_project(number, **changes)})
    return str(answer.json()["record_id"])


def test_a_record_comes_with_what_was_said_about_it_and_its_proof(keyed: Keyed) -> None:
    record_id = scored(keyed)
    done = keyed.post("expert", f"/record/{record_id}/override", OVERRIDE)
    assert done.status_code == 200, done.text
    assert keyed.post("admin", f"/record/{record_id}/review", REVIEW).status_code == 200
    scored(keyed)
    told = keyed.call("auditor", "GET", f"/record/{record_id}").json()
    assert told["record"]["record_id"] == record_id
    assert told["record"]["content"]["heads"]["necessity"]["value"]
    assert [act["kind"] for act in told["human_actions"]] == ["override", "review"]
    act = told["human_actions"][0]
    assert act["record_id"] == done.json()["record_id"]
    assert act["about"] == [record_id]
    assert act["actor"] == keyed.ids["expert"]
    assert act["content"] == OVERRIDE | {
        "asked": {"role": "expert", "way": "POST /record/{id}/override"},
        "reason_words": {"zh": "缺少关键事实", "en": "a fact that matters is not in the input"},
    }
    assert told["verification"]["holds"] is True
    assert told["private"] == {"contact": IDENTITY_NUMBER}


def test_the_receipt_proves_that_the_record_is_in_the_log(keyed: Keyed) -> None:
    import base64

    record_id = scored(keyed)
    for number in range(5):
        scored(keyed, number)
    receipt = keyed.call("auditor", "GET", f"/record/{record_id}/receipt").json()
    head = keyed.records.head()
    assert receipt["tree_size"] == head.size
    hashes = [base64.b64decode(text) for text in (receipt["leaf_hash"], *receipt["proof"])]
    root = root_from_inclusion(receipt["leaf_index"], receipt["tree_size"], hashes[0], hashes[1:])
    assert root == head.root


@pytest.mark.parametrize("way", ["", "/receipt"])
def test_a_foreign_record_is_answered_as_a_missing_one(keyed: Keyed, way: str) -> None:
    foreign, own = scored(keyed, department="D2"), scored(keyed)
    missing = keyed.call("department:D1", "GET", f"/record/{new_record_id()}{way}")
    for asked in (f"/record/{foreign}{way}", f"/record/nonsense{way}"):
        answer = keyed.call("department:D1", "GET", asked)
        assert_refused(answer, 404)
        assert (answer.content, dict(answer.headers)) == (missing.content, dict(missing.headers))
    assert keyed.call("department:D1", "GET", f"/record/{own}{way}").status_code == 200
    assert keyed.call("department:D2", "GET", f"/record/{foreign}{way}").status_code == 200


def test_the_history_of_a_project_is_its_departments_own(keyed: Keyed) -> None:
    record_id = scored(keyed, 77)
    keyed.post("expert", f"/record/{record_id}/override", OVERRIDE)
    keyed.post("department:D1", "/what_if", {"project": tiny_project(77), "changes": {}})
    asked = "/records?project_id=P0077"
    told = keyed.call("department:D1", "GET", asked).json()
    assert [line["kind"] for line in told["records"]] == ["score", "override", "what_if"]
    assert told["records"][0]["record_id"] == record_id
    assert keyed.call("department:D2", "GET", asked).json()["records"] == []
    only = keyed.call("platform", "GET", f"{asked}&kind=override").json()["records"]
    assert [line["about"] for line in only] == [[record_id]]
    later = keyed.call("platform", "GET", f"{asked}&kind=score&after={only[0]['leaf_index']}")
    assert later.json()["records"] == []
    for wrong in ("/records", "/records?project_id=", f"{asked}&after=x", f"{asked}&colour=red"):
        assert_refused(keyed.call("platform", "GET", wrong), 422)


def test_what_people_read_is_recorded_and_what_programs_read_is_not(keyed: Keyed) -> None:
    record_id = scored(keyed, 88)
    keyed.call("platform", "GET", f"/record/{record_id}")
    assert keyed.records.records(SERVICE, project_id="P0088", kind="read") == []
    for grant in ("auditor", "expert", "department:D1", "admin"):
        assert keyed.call(grant, "GET", f"/record/{record_id}").status_code == 200
    reads = keyed.records.records(SERVICE, project_id="P0088", kind="read")
    assert [read.content()["actor"] for read in reads] == [
        keyed.ids[grant] for grant in ("auditor", "expert", "department:D1", "admin")
    ]
    assert {tuple(read.content()["about"]) for read in reads} == {(record_id,)}
    told = keyed.call("department:D1", "GET", "/records?project_id=P0088").json()
    assert {line["kind"] for line in told["records"]} == {"score"}


def test_personal_values_are_shown_to_who_needs_them(keyed: Keyed) -> None:
    record_id = scored(keyed)
    shown = {
        grant: IDENTITY_NUMBER in keyed.call(grant, "GET", f"/record/{record_id}").text
        for grant in GRANTS
        if grant not in ("department:D2", "trainer", "approver")
    }
    assert shown == {
        "platform": False,
        "department:D1": True,
        "expert": False,
        "auditor": True,
        "admin": True,
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"comment": ""}, "comment"),
        ({"comment": "x" * 2_001}, "comment"),
        ({"comment": f"asked {IDENTITY_NUMBER}"}, "comment"),
        ({"values": {}}, "values"),
        ({"values": {"grade": "E"}}, "values.grade"),
        ({"values": {"beauty": 3}}, "values.beauty"),
        ({"values": {"necessity": "80"}}, "values.necessity"),
        ({"values": {"necessity": True}}, "values.necessity"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_override_is_refused_and_nothing_kept(
    keyed: Keyed, change: dict[str, Any], field: str
) -> None:
    record_id = scored(keyed)
    size = keyed.records.head().size
    answer = keyed.post("expert", f"/record/{record_id}/override", OVERRIDE | change)
    assert_refused(answer, 422)
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]
    assert IDENTITY_NUMBER not in answer.text
    assert keyed.records.head().size == size


def test_only_a_score_can_be_overridden_and_only_one_that_is_there(keyed: Keyed) -> None:
    record_id = scored(keyed)
    done = keyed.post("expert", f"/record/{record_id}/review", REVIEW).json()
    assert_refused(keyed.post("expert", f"/record/{done['record_id']}/override", OVERRIDE), 422)
    assert_refused(keyed.post("expert", f"/record/{new_record_id()}/override", OVERRIDE), 404)


def test_an_override_sent_twice_is_kept_once(keyed: Keyed) -> None:
    path = f"/record/{scored(keyed)}/override"
    headers = {"Idempotency-Key": "once"}
    first, again = (
        keyed.call("expert", "POST", path, json=OVERRIDE, headers=headers) for _ in range(2)
    )
    assert first.content == again.content
    other = keyed.call("expert", "POST", path, json=OVERRIDE | {"comment": "no"}, headers=headers)
    assert_refused(other, 409)


def test_a_planted_identity_number_is_in_no_leaf_log_metric_or_error(
    keyed: Keyed, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level("DEBUG")
    size = keyed.records.head().size
    texts = [
        keyed.post("platform", "/score", {"project": tiny_project(5)}).text,
        keyed.post("platform", "/score", {"project": tiny_project(5, contact="1" * 19)}).text,
        keyed.post(
            "platform", "/score", {"project": tiny_project(lines=[{"task": IDENTITY_NUMBER}])}
        ).text,
        keyed.call("platform", "GET", "/metrics").text,
        caplog.text,
    ]
    leaves = [stored.leaf.decode() for stored, _ in keyed.records.piece(size, size + 10)]
    assert len(leaves) == 1
    assert all(IDENTITY_NUMBER not in text for text in texts + leaves)
    assert json.loads(texts[2])["error"]["details"][0]["field"] == "lines[1].task"


def test_what_was_erased_is_told_as_such(keyed: Keyed) -> None:
    record_id = scored(keyed, 77)
    path = f"/record/{record_id}"
    before = keyed.call("auditor", "GET", path).json()
    assert before["private"] == {"contact": IDENTITY_NUMBER}, "control"
    keyed.records.erase(Erasure(record_id, ("contact",), "当事人申请", "os:keeper", {}))
    told = keyed.call("auditor", "GET", path).json()
    assert told["private"] == {"contact": None}
    assert told["verification"]["personal_values_erased"] == ["contact"]
    assert told["verification"]["holds"] is True
    history = keyed.call("department:D1", "GET", "/records?project_id=P0077").json()["records"]
    assert "erasure" in [line["kind"] for line in history]
