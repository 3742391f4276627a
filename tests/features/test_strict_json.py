from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.strict_json import NotJson, read_json, read_json_at

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Cs: lone surrogates. They and NUL are refused; a test below says so.
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc预算", min_size=1), inner),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_sound_json_is_read_as_the_standard_library_reads_it(
    value: object, ascii_only: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    found = read_json(text)
    assert found.value == json.loads(text)
    assert found.faults == ()


@pytest.mark.parametrize(
    ("text", "field", "got"),
    [
        ('{"apply_amt": 1, "apply_amt": 2}', "apply_amt", "the same key again"),
        ('{"a": {"b": 1, "b": 1}}', "b", "the same key again"),
        ('{"a": NaN}', None, "NaN"),
        ('{"a": [-Infinity]}', None, "-Infinity"),
        ('{"a": 1e999}', None, "1e999"),
        ('{"a": -1e999}', None, "-1e999"),
        ('{"a": ' + "9" * 401 + "}", None, "a number of 401 digits"),
        ('{"a": {"b": ["x", "\\u0000"]}}', "a.b[2]", "a NUL or half of a surrogate pair in it"),
        ('{"a": "\\ud83d"}', "a", "a NUL or half of a surrogate pair in it"),
        ('{"\\u0000": 1}', None, "a NUL or half of a surrogate pair in it"),
    ],
)
def test_what_the_standard_library_lets_through_is_a_fault(
    text: str, field: str | None, got: str
) -> None:
    json.loads(text)  # the control: accepted there
    (fault,) = read_json(text).faults
    assert (fault.field, fault.got) == (field, got)


NUMBERS = (
    "-0",
    "-0.0",
    "1E5",
    "9223372036854775808",
    "-9223372036854775809",
    "1" + "0" * 30,
    "1e300",
)
KEYS = ('"a"', '"\\u0061"', '"b:"', '"预"')
TEXTS = st.recursive(
    st.sampled_from(
        (*NUMBERS, "1e999", "NaN", "9" * 401, "null", '"12:30"', '"\\":"', '"\\u0000"')
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=3).map(
            lambda pairs: "{" + ",".join(f"{key} : {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=8,
)


@given(TEXTS)
def test_a_whole_text_is_read_as_one_that_others_may_follow(text: str) -> None:
    """The first is read by orjson where that shows nothing wrong, the second never."""
    assert repr(read_json(text)) == repr(read_json_at(text, 0))


@pytest.mark.parametrize("levels", [1, 16, 17, 300])
def test_depth_does_not_change_what_is_read(levels: int) -> None:
    text = '{"a":[' * levels + "]}" * levels
    assert read_json(text).value == read_json_at(text, 0).value


def test_a_whole_surrogate_pair_is_text() -> None:
    found = read_json('{"a": "\\ud83d\\ude00"}')
    assert (found.value, found.faults) == ({"a": "😀"}, ())


def test_every_fault_is_named_and_the_end_is_still_found() -> None:
    text = '{"a": NaN, "a": 1e999} {"b": 1}'
    found = read_json_at(text, 0)
    assert [fault.got for fault in found.faults] == ["NaN", "1e999", "the same key again"]
    assert text[found.end :] == ' {"b": 1}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value at line 1, character 1"),
        ('{"a": 1', "Expecting ',' delimiter at line 1, character 8"),
        ('{"a":\n 01}', "line 2, character 3"),
        ('{"a": "tab\there"}', "Invalid control character"),
        ("{'a': 1}", "property name"),
        ('{"a": 1} x', "more text after it, at character 9"),
        ("[" * 200_000, "too many levels"),
    ],
)
def test_text_that_is_not_json_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(NotJson, match=message):
        read_json(text)


@pytest.mark.parametrize("depth", [1, 2, 5, 40])
@pytest.mark.parametrize("blank", ["", "\ufeff"], ids=["at once", "looked at closely"])
def test_levels_are_those_that_hold_others(depth: int, blank: str) -> None:
    for text in (
        "[" * depth + "]" * depth,
        '{"a":' * depth + "1" + "}" * depth,
        "[1," * depth + "2" + "]" * depth,
    ):
        assert read_json(blank + text).levels == depth
    assert read_json(f"{blank}7").levels == 0
