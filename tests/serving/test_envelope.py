from __future__ import annotations

import json

import pytest

from features.errors import Fault, ProjectError
from serving.envelope import CODES, Refusal, encoded, refused_project


@pytest.mark.parametrize("status", CODES)
def test_every_status_has_a_code_and_a_message(status: int) -> None:
    body = Refusal(status).body()
    assert body == {"error": {"code": CODES[status][0], "message": CODES[status][1], "details": []}}
    assert Refusal(status).response().status_code == status


def test_a_refused_project_names_every_fault() -> None:
    faults = [Fault(None, "area", "a number", "'x'", "write a number"), Fault(None, None, "a", "b")]
    body = refused_project(ProjectError(faults)).body()["error"]
    assert body["message"].startswith("The project does not meet the catalogue: 2 faults")
    assert body["details"] == [
        {"field": "area", "expected": "a number", "got": "'x'", "hint": "write a number"},
        {"field": "", "expected": "a", "got": "b"},
    ]


def test_json_is_compact_utf8() -> None:
    assert encoded({"名": [1.5, None]}) == '{"名":[1.5,null]}'.encode()


def test_half_a_character_is_escaped() -> None:
    assert json.loads(encoded({"a": "\ud800"})) == {"a": "\ud800"}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_does_not_have_never_leaves(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encoded({"a": number})
