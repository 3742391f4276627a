"""Replay and verification by a button: what they say and keep, and whom they keep waiting."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.from_thread import BlockingPortal

import serving.audit.auditing as auditing
from models.registry import Release
from serving.access.access import Access
from serving.assembly import around
from serving.audit.turns import MOST_WAITING, Turns
from serving.questions import questions
from serving.records.checkpoint import SigningKey
from serving.records.database import SERVICE
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.settings import Limits
from serving.wording.envelope import Refusal
from tests.serving.audit.conftest import PAGE, Audited, doctored
from tests.serving.conftest import Caller, tiny_project
from tests.serving.test_bad_requests import assert_refused

OWN = {"sec-fetch-site": "same-origin"}
PARTS = "multipart/form-data; boundary=b"
NAMED = b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nx\r\n--b--\r\n'
NAMELESS = NAMED.replace(b'; name="key"', b"")


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate("finance.example/records")


def verified(audited: Audited, record_id: str, **form: str) -> dict[str, Any]:
    path = f"/audit/records/{record_id}/verify"
    return audited.json("auditor", path, "POST", data=form)


# ---- Replay ---------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [True, False], ids=["older version", "version in service"])
def test_a_record_comes_out_again_to_the_bit(audited: Audited, first: bool) -> None:
    record_id = audited.score(first=first)
    path = f"/audit/records/{record_id}/replay"
    assert audited.json("auditor", path, "POST")["same"] is True
    assert "逐位一致" in audited.page("auditor", f"{path}?lang=zh", "POST")
    assert "to the bit" in audited.page("admin", f"{path}?lang=en", "POST")
    acts = audited.keyed.records.records(SERVICE, kind="replay")
    leaves = [act.content() for act in acts]
    assert [leaf["actor"] for leaf in leaves] == [
        audited.keyed.ids[grant] for grant in ("auditor", "auditor", "admin")
    ]
    assert {tuple(leaf["about"]) for leaf in leaves} == {(record_id,)}
    assert {leaf["content"]["same"] for leaf in leaves} == {True}


def other_value(content: dict[str, Any]) -> None:
    content["document"]["people"] = 77


def other_number(content: dict[str, Any]) -> None:
    content["heads"]["necessity"]["value"] = "99.5"


def other_words(content: dict[str, Any]) -> None:
    content["said"]["reasons"]["necessity"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "part", "name"),
    [
        (other_value, "feature", "people"),
        (other_number, "head", "necessity value"),
        (other_words, "words", "necessity"),
    ],
)
def test_control_a_doctored_record_says_what_differs(
    audited: Audited, change: Any, part: str, name: str
) -> None:
    record_id = audited.score()
    doctored(audited.file, record_id, change)
    path = f"/audit/records/{record_id}/replay"
    told = audited.json("auditor", path, "POST")
    assert told["same"] is False
    found = [(each["part"], each["name"]) for each in told["differences"]]
    assert ("record", "leaf") in found
    assert (part, name) in found
    page = audited.page("auditor", f"{path}?lang=en", "POST")
    assert "Differs from the record" in page
    assert f"<td>{name}</td>" in page
    (act,) = audited.keyed.records.records(SERVICE, kind="replay", limit=1)
    assert act.content()["content"]["same"] is False


def test_a_replay_loads_the_version_anew(audited: Audited) -> None:
    record_id = audited.score()
    trees = next((audited.home / "models" / "tiny" / "2" / "trees").iterdir())
    whole = trees.read_bytes()
    trees.write_bytes(whole + b"\n")
    try:
        told = audited.json("auditor", f"/audit/records/{record_id}/replay", "POST")
        assert [each["part"] for each in told["differences"]] == ["model"]
    finally:
        trees.write_bytes(whole)


def test_while_a_replay_works_others_are_answered(
    audited: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id, other = audited.score(), audited.score(2)
    begun, go_on = threading.Event(), threading.Event()

    class Slow(auditing.Replay):
        def replayed(self, records: Any) -> Any:
            begun.set()
            assert go_on.wait(20)
            return super().replayed(records)

    monkeypatch.setattr(auditing, "Replay", Slow)
    keyed = audited.keyed
    headers = {"authorization": f"Bearer {keyed.keys['auditor']}"}
    given = {"headers": headers}
    path = f"/audit/records/{record_id}/replay"
    later = keyed.service.portal.start_task_soon(keyed.service.later, "POST", path, given)
    assert begun.wait(20)
    assert audited.scored(3)["status"] == "rated"
    assert audited.json("auditor", f"/audit/records/{other}")["answer_as_said"] is True
    assert audited.json("auditor", "/audit")["records"]
    assert not later.done()
    go_on.set()
    assert later.result(20).json()["same"] is True


def test_who_comes_when_too_many_wait_is_told_to_come_again(portal: BlockingPortal) -> None:
    async def crowd() -> list[int]:
        turns, go_on = Turns(), threading.Event()
        refused: list[int] = []

        async def one() -> None:
            try:
                await turns.run(lambda: go_on.wait(20))
            except Refusal as refusal:
                refused.append(refusal.status)
                go_on.set()

        async with anyio.create_task_group() as group:
            for _ in range(MOST_WAITING + 1):
                group.start_soon(one)
        return refused

    assert portal.call(crowd) == [503]


# ---- Verification ---------------------------------------------------------------------------


def test_a_record_is_verified_against_the_log_as_it_stands(audited: Audited) -> None:
    record_id = audited.score()
    size = audited.keyed.records.head().size
    told = verified(audited, record_id)
    assert (told["holds"], told["tree_size"], told["covered_by_checkpoint"]) == (True, size, False)
    (act,) = audited.keyed.records.records(SERVICE, kind="verification")
    assert act.content()["about"] == [record_id]
    assert act.content()["content"]["holds"] is True
    page = audited.page("auditor", f"/audit/records/{record_id}/verify?lang=en", "POST")
    assert "Not proven: that the log as a whole was not replaced" in page


def test_a_checkpoint_proves_up_to_where_it_was_signed(audited: Audited, key: SigningKey) -> None:
    early = audited.score()
    note = audited.keyed.records.checkpoint(key)
    late = audited.score(2)
    form = {"checkpoint": note, "key": key.verifier.text()}
    told = verified(audited, early, **form)
    assert (told["holds"], told["covered_by_checkpoint"]) == (True, True)
    assert told["checkpoint"]["size"] == 1
    told = verified(audited, late, **form)
    assert (told["holds"], told["covered_by_checkpoint"]) == (True, False)
    path = f"/audit/records/{late}/verify?lang=en"
    page = audited.page("auditor", path, "POST", data=form)
    assert "came after the 1 signed ones" in page
    files = {"checkpoint_file": ("checkpoint.txt", note.encode())}
    given: dict[str, Any] = {"files": files, "data": {"key": form["key"], "checkpoint": ""}}
    told = audited.json("auditor", f"/audit/records/{early}/verify", "POST", **given)
    assert (told["holds"], told["covered_by_checkpoint"]) == (True, True)


def test_control_a_doctored_record_is_not_verified(audited: Audited, key: SigningKey) -> None:
    record_id, sound = audited.score(), audited.score(2)
    note = audited.keyed.records.checkpoint(key)
    doctored(audited.file, record_id, other_number)
    form = {"checkpoint": note, "key": key.verifier.text()}
    told = verified(audited, record_id, **form)
    assert told["holds"] is False
    assert len(told["findings"]) == 2, "neither the head nor the checkpoint"
    assert audited.json("auditor", f"/audit/records/{record_id}")["verification"]["holds"] is False
    page = audited.page("auditor", f"/audit/records/{record_id}?lang=zh")
    assert "校验未通过" in page
    assert verified(audited, sound, **form)["holds"] is True, "the others still are"


def test_control_a_log_that_was_made_anew_does_not_meet_the_checkpoint(
    audited: Audited, key: SigningKey, tmp_path: Path
) -> None:
    record_id = audited.score()
    audited.score(2)
    with RecordLog.open(f"sqlite:///{tmp_path}/other/records.db") as other:
        for number in range(2):
            other.append(Record("score", "platform", {"number": number})).result()
        note = other.checkpoint(key)
    told = verified(audited, record_id, checkpoint=note, key=key.verifier.text())
    assert told["holds"] is False
    assert {each["place"] for each in told["findings"]} == {"checkpoint", "record 0"}
    assert verified(audited, record_id)["holds"] is True, "it agrees with itself"


def test_a_checkpoint_of_a_longer_log_says_that_records_are_missing(
    audited: Audited, key: SigningKey, tmp_path: Path
) -> None:
    record_id = audited.score()
    with RecordLog.open(f"sqlite:///{tmp_path}/other/records.db") as other:
        for number in range(9):
            other.append(Record("score", "platform", {"number": number})).result()
        note = other.checkpoint(key)
    told = verified(audited, record_id, checkpoint=note, key=key.verifier.text())
    assert [each["place"] for each in told["findings"]] == ["end of the log"]


@pytest.mark.parametrize("wrong", ["note", "signature", "key", "other key"])
def test_what_is_not_signed_by_that_key_proves_nothing(
    audited: Audited, key: SigningKey, wrong: str
) -> None:
    record_id = audited.score()
    note, known = audited.keyed.records.checkpoint(key), key.verifier.text()
    form = {
        "note": {"checkpoint": "nonsense", "key": known},
        "signature": {"checkpoint": note.replace("\n1\n", "\n2\n"), "key": known},
        "key": {"checkpoint": note, "key": "nonsense"},
        "other key": {"checkpoint": note, "key": SigningKey.generate("b.example").verifier.text()},
    }[wrong]
    told = verified(audited, record_id, **form)
    assert (told["holds"], told["checkpoint"]) == (False, None)
    assert len(told["findings"]) == 1


# ---- Forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"content": b"x" * 70_000, "headers": {"content-type": "text/plain"}}, 413),
        ({"content": b"{}", "headers": {"content-type": "application/json"}}, 415),
        (
            {"content": b"a=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            422,
        ),
        ({"files": {"checkpoint_file": ("x", b"\xff\xfe")}}, 422),
        ({"content": b"--b\r\n7--b--\r\n", "headers": {"content-type": PARTS}}, 422),
        ({"content": b"key=x", "headers": {"content-type": PARTS}}, 422),
        ({"content": NAMELESS, "headers": {"content-type": PARTS}}, 422),
        ({"content": NAMED.removesuffix(b"--b--\r\n"), "headers": {"content-type": PARTS}}, 422),
        ({"content": NAMED, "headers": {"content-type": "multipart/form-data"}}, 422),
    ],
)
def test_what_is_no_form_is_refused(audited: Audited, given: dict[str, Any], status: int) -> None:
    path = f"/audit/records/{audited.score()}/verify"
    assert_refused(audited.keyed.call("auditor", "POST", path, **given), status)


@pytest.mark.parametrize("content", [NAMED, b"--b--\r\n", b""])
def test_control_a_form_of_parts_is_read(audited: Audited, content: bytes) -> None:
    path = f"/audit/records/{audited.score()}/verify"
    headers = {"content-type": PARTS}
    answer = audited.keyed.call("auditor", "POST", path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["holds"]) == (200, True)


@pytest.mark.parametrize("act", ["replay", "verify"])
def test_a_page_of_another_site_can_press_no_button(
    audited: Audited,
    releases: tuple[Release, Release],
    access: Access,
    portal: BlockingPortal,
    tmp_path: Path,
    act: str,
) -> None:
    with closing(RecordLog.open(f"sqlite:///{tmp_path}/open/records.db")) as log:
        app = around(questions, releases[1], Limits(), access, log, audited.home)
        open_to_all = Caller(app, portal)  # no keys: only the page itself may press
        scored = open_to_all.post("/score", {"project": tiny_project()}).json()["record_id"]
        path = f"/audit/records/{scored}/{act}"
        for headers in ({}, {"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
            assert_refused(open_to_all.call("POST", path, headers=headers), 403)
        assert log.head().size == 1
        assert open_to_all.call("POST", path, headers=OWN).status_code == 200
        assert log.head().size == 2


def test_who_may_press_which_button(audited: Audited) -> None:
    record_id = audited.score()
    for grant in ("department:D1", "expert"):
        page = audited.page(grant, f"/audit/records/{record_id}")
        assert f"{record_id}/verify" in page
        assert f"{record_id}/replay" not in page
        path = f"/audit/records/{record_id}/replay"
        assert_refused(audited.keyed.call(grant, "POST", path), 403)
        refused = audited.keyed.call(grant, "POST", path, headers=PAGE)
        assert refused.status_code == 403
    assert f"{record_id}/replay" in audited.page("auditor", f"/audit/records/{record_id}")


def test_an_act_that_cannot_be_recorded_gives_nothing_out(audited: Audited) -> None:
    record_id = audited.score()
    away = audited.file.with_suffix(".away")
    audited.file.rename(away)
    try:
        for method, path in (("POST", "/replay"), ("POST", "/verify"), ("GET", "")):
            answer = audited.keyed.call("auditor", method, f"/audit/records/{record_id}{path}")
            assert_refused(answer, 503, "cannot_record")
        page = audited.keyed.call("auditor", "GET", "/audit", headers=PAGE)
        assert page.status_code == 503
        assert "请稍后重试" in page.text
    finally:
        away.rename(audited.file)
