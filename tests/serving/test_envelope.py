from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.errors import Fault, ProjectError
from serving.wording.envelope import CODES, Refusal, encoded, refused_project


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


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
@example({"a": [1e16, 1e-7, -0.0, 2**70, None]})
@example(["\ud800", "\udfff名"])
def test_what_is_written_is_read_as_it_was(content: Any) -> None:
    again = json.loads(encoded(content))
    assert again == content
    assert json.dumps(again) == json.dumps(content)  # the order of keys and the kind of numbers


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float64("nan")])
@pytest.mark.parametrize("place", ["list", "tuple", "deep", "beside half a character"])
def test_it_does_not_leave_from_anywhere(number: float, place: str) -> None:
    content = {
        "list": [1.0, None, number],
        "tuple": {"a": (1.0, number)},
        "deep": {"a": {"b": [{"c": number}], "d": None}},
        "beside half a character": ["\ud800", number],
    }[place]
    with pytest.raises(ValueError, match="not JSON compliant"):
        encoded(content)


def test_control_the_encoder_itself_would_have_written_null() -> None:
    assert orjson.dumps([float("nan")]) == b"[null]"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_does_not_have_never_leaves(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encoded({"a": number})
