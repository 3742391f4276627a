"""The value of a personal field appears in no answer and in no log, whatever goes wrong."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import serving.appraisal_queue
from tests.serving.conftest import IDENTITY_NUMBER, Caller, tiny_project

BODIES: dict[str, Any] = {
    "good": {"project": tiny_project()},
    "too long": {"project": tiny_project(contact=IDENTITY_NUMBER * 2)},
    "list": {"project": tiny_project(contact=[IDENTITY_NUMBER])},
    "number": {"project": tiny_project(contact=int(IDENTITY_NUMBER[:17]))},
    "not a project": {"project": [tiny_project()]},
    "beside": {"project": tiny_project(), "other": IDENTITY_NUMBER},
    "cut off": f'{{"project":{{"contact":"{IDENTITY_NUMBER}"'.encode(),
    "number out of range": f'{{"project":{{"contact":{"9" * 500}}}}}'.encode(),
    "twice": (
        f'{{"project":{{"contact":"{IDENTITY_NUMBER}","contact":"{IDENTITY_NUMBER}"}}}}'
    ).encode(),
    "NUL": f'{{"project":{{"contact":"{IDENTITY_NUMBER}\\u0000"}}}}'.encode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_an_identity_number_is_nowhere(
    service: Caller, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = service.post("/score", BODIES[name])
    batch = service.post("/score_batch", {"projects": [BODIES["too long"]["project"]]})
    assert caplog.records, "the service logs requests"
    for number in (IDENTITY_NUMBER, IDENTITY_NUMBER[:17]):
        assert number not in answer.text
        assert number not in batch.text
        assert number not in caplog.text


def test_an_unexpected_error_tells_no_value(
    service: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(document: dict[str, Any], release: object) -> None:
        try:
            raise KeyError(document["contact"])
        except KeyError as error:
            raise RuntimeError(f"cannot score {document}") from error

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(serving.appraisal_queue, "appraised", broken)
    answer = service.post("/score", {"project": tiny_project()})
    error = answer.json()["error"]
    assert answer.status_code == 500
    assert error["code"] == "internal"
    assert IDENTITY_NUMBER not in answer.text + caplog.text
    number = error["message"].split()[-1].rstrip(".")
    (record,) = [r for r in caplog.records if number in r.getMessage()]
    assert "RuntimeError from KeyError" in record.getMessage()
    assert "test_privacy.py" in record.getMessage()


def test_control_another_field_does_show_its_value(service: Caller) -> None:
    almost = IDENTITY_NUMBER.replace("X", "1")  # the check digit is wrong: no identity number
    answer = service.post("/score", {"project": tiny_project(type=almost)})
    assert almost in answer.text
