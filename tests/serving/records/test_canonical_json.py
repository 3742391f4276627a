"""The bytes are those of RFC 8785, whichever encoder wrote them."""

from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from serving.records.canonical_json import canonical
from serving.records.errors import RecordRefused

texts = st.text(st.characters(exclude_categories=[]), max_size=6)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats()
    | st.floats(-1e3, 1e3)
    | st.sampled_from([1e-4, 9.999e-5, 1e-6, 1e-7, 1e15, 1e16, 1e20, 1e21, 1e22, -0.0, 2.0**53])
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
@example({"\ue000": 1, "\U00010000": 2})
@example({"é": 1, "z": 2, "": 3, "\x7f": 4, "\u2028": '\u2028\x1f\\"/'})
@example([2.0, -0.0, 1e21, 333333333.33333329, 1e30, 4.50, 2e-3, 1e-27])
@example("\ud800")
@example({"\ud800": None})
def test_the_bytes_are_those_of_the_reference(value: Any) -> None:
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):  # the latter from a key
        with pytest.raises(RecordRefused, match="x: expected a value in JSON"):
            canonical(value, "x")
        return
    assert canonical(value, "x") == expected


def test_control_the_plain_encoder_alone_writes_other_bytes() -> None:
    for value in (2.0, -0.0, 1e20, 1e16, 1e-5, {"\ue000": 1, "\U00010000": 2}):
        plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert plain.encode() != rfc8785.dumps(value), value
        assert canonical(value, "x") == rfc8785.dumps(value), value


def test_the_number_of_the_specification() -> None:
    # RFC 8785, section 3.2.2.3 and appendix B.
    assert canonical([333333333.33333329, 1e30, 4.50, 2e-3, 1e-27], "x") == (
        b"[333333333.3333333,1e+30,4.5,0.002,1e-27]"
    )


def test_a_read_only_mapping_is_an_object() -> None:
    assert canonical(MappingProxyType({"b": 1, "a": (1, 2)}), "x") == b'{"a":[1,2],"b":1}'


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, {1: 2}, {None: 1}, object(), b"x"])
def test_what_cannot_be_json_is_refused(value: Any) -> None:
    with pytest.raises(RecordRefused, match="x: expected a value in JSON"):
        canonical([value], "x")


def test_a_value_nested_too_deeply_is_refused() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(RecordRefused, match="got RecursionError"):
        canonical(value, "x")
