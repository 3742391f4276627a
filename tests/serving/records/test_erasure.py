"""Erased private values are gone, a record says so, and everything still verifies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serving.records.checkpoint import SigningKey
from serving.records.erasure import Erasure
from serving.records.errors import RecordRefused
from serving.records.record import Record, new_record_id
from serving.records.record_log import RecordLog
from serving.records.verification import verified_checkpoint, verify_log
from tests.serving.records.test_record_log import fill

GROUND = "当事人依法申请删除"


def person() -> Record:
    private = {"phone": "13800000000", "name": "张三"}
    return Record("score", "platform", {}, private=private, department="a", project_id="P1")


def erasure(record_id: str, *names: str, ground: str = GROUND) -> Erasure:
    return Erasure(record_id, names, ground, "os:keeper", {"way": "a test"})


def test_an_erased_value_is_gone_and_the_proof_stays(log: RecordLog, key: SigningKey) -> None:
    fill(log, 4)
    asked = person()
    log.append(asked).result()
    outside = [verified_checkpoint(log.checkpoint(key), key.verifier)]
    assert '\\"13800000000\\"' in "".join(log.export())
    done = log.erase(erasure(asked.record_id, "phone"))
    assert done is not None
    after = list(log.export())
    assert "13800000000" not in "".join(after)
    assert json.loads(after[5])["private"]["phone"] == {"erased": True}
    stored = log.record(asked.record_id)
    assert stored is not None
    assert stored.private["phone"] is None
    assert stored.private["name"] is not None
    assert stored.erased == ["phone"]
    verdict = verify_log(after, [key.verifier], outside)
    assert verdict.holds, verdict.findings
    assert (verdict.private_values, verdict.erased, verdict.covered) == (1, 1, 5)


def test_its_record_says_which_values_went_who_did_it_and_why(log: RecordLog) -> None:
    asked = person()
    log.append(asked).result()
    done = log.erase(erasure(asked.record_id, "phone", "name", "phone"))
    assert done is not None
    stored = log.record(done.record_id)
    assert stored is not None
    leaf = stored.content()
    assert leaf["kind"] == "erasure"
    assert leaf["about"] == [asked.record_id]
    assert (leaf["actor"], leaf["project_id"], leaf["department"]) == ("os:keeper", "P1", "a")
    assert leaf["content"] == {
        "names": ["phone", "name"],
        "ground": GROUND,
        "asked": {"way": "a test"},
    }
    assert b"13800000000" not in stored.leaf


def test_what_is_erased_already_makes_no_record(log: RecordLog) -> None:
    asked = person()
    log.append(asked).result()
    log.erase(erasure(asked.record_id, "phone"))
    assert log.erase(erasure(asked.record_id, "phone")) is None
    both = log.erase(erasure(asked.record_id, "phone", "name"))
    assert both is not None
    stored = log.record(both.record_id)
    assert stored is not None
    assert stored.content()["content"]["names"] == ["name"]
    log.append(person()).result()
    assert log.head().size == 4
    assert verify_log(log.export()).holds


def test_what_cannot_be_erased_is_refused_and_nothing_is(log: RecordLog) -> None:
    asked = person()
    log.append(asked).result()
    other = new_record_id()
    with pytest.raises(RecordRefused, match=r"among the private values of .*; got address"):
        log.erase(erasure(asked.record_id, "phone", "address"))
    with pytest.raises(RecordRefused, match="expected a record of this log"):
        log.erase(erasure(other, "phone"))
    for wrong in (lambda: erasure(other), lambda: erasure(other, "phone", ground="  ")):
        with pytest.raises(RecordRefused, match=r"at least one|a ground of 1 to 500"):
            wrong()
    stored = log.record(asked.record_id)
    assert stored is not None
    assert stored.erased == []
    assert log.head().size == 1


def test_an_erased_value_is_in_no_file(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    with RecordLog.open(sqlite_url) as log:
        asked = person()
        log.append(asked).result()
        fill(log, 3)
        stored = log.record(asked.record_id)
        assert stored is not None
        _, sealed = stored.sealed["phone"] or ("", b"")

        def found() -> bool:
            return any(sealed in path.read_bytes() for path in folder.iterdir())

        assert found(), "control: what is sealed is found before"
        log.erase(erasure(asked.record_id, "phone"))
        assert not found()
