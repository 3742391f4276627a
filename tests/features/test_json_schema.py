"""The schema of a declared project says what the parser does."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import Catalogue, load_catalogue
from features.declared_project import parse_project
from features.errors import ProjectError
from features.field import Kind
from features.json_schema import project_schema

EXAMPLES = sorted(Path("docs/examples").glob("project*.json"))
CATALOGUE = load_catalogue("zero_base")
SCHEMA = project_schema(CATALOGUE)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GOOD: dict[str, Any] = json.loads(Path("docs/examples/project.json").read_text(encoding="utf-8"))


def parses(document: Any) -> bool:
    """Whether the parser takes a document; the schema cannot know the checks between fields."""
    lenient = CATALOGUE.model_copy(update={"checks": ()})
    try:
        parse_project(document, lenient)
    except ProjectError:
        return False
    return True


@pytest.mark.parametrize("name", ["zero_base", "japan_review"])
def test_it_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(project_schema(load_catalogue(name)))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_accepts_the_examples(example: Path) -> None:
    document = json.loads(example.read_text(encoding="utf-8"))
    VALIDATOR.validate(document)
    assert parses(document)


def test_every_field_has_its_words_and_unit() -> None:
    amount = SCHEMA["properties"]["apply_amt"]
    assert amount["title"] == "申报金额 / Requested amount"
    assert amount["x-unit"] == {"zh": "元", "en": "yuan"}
    assert (amount["type"], amount["minimum"], amount["maximum"]) == ("number", 0.0, 1e15)
    kind = SCHEMA["properties"]["project_type"]
    assert kind["type"] == ["string", "null"]
    assert kind["enum"][-1] is None
    assert kind["x-codes"]["it_system"] == {"zh": "信息系统建设", "en": "building of IT systems"}


def test_derived_indicators_are_not_asked_for() -> None:
    derived = {i.name for i in CATALOGUE.indicators if i.derived}
    assert derived
    assert not derived & set(SCHEMA["properties"])
    assert set(SCHEMA["required"]) == {field.name for field in CATALOGUE.given if field.required}


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 3000),
    st.floats(-1e16, 1e16, allow_nan=False),
    st.sampled_from([10**20, -(10**20), 10**400, 1e15, 0.5]),
    st.text(st.characters(exclude_categories=["Cs", "Z"]), max_size=8),
    st.sampled_from(["2025-03-31", "2025/3/1", "2025-13-01", "2025", "0000-01-01", "a" * 10_001]),
    st.sampled_from(["it_system", "central", "001", "NEW", "是", "3200000", "a\x00b"]),
    st.sampled_from([[], {}, [{}], [1], {"a": 1}]),
)
"""Values of every type, good for some field. No blanks at the ends of codes: the parser drops
them, the schema does not know them."""

FIELDS = [field.name for field in CATALOGUE.given] + ["colour", *[p.name for p in CATALOGUE.parts]]
PART_FIELDS = [(part.name, field.name) for part in CATALOGUE.parts for field in part.fields]


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1, max_size=3))
@settings(max_examples=400, deadline=None)
def test_it_agrees_with_the_parser_on_changed_fields(changes: dict[str, Any]) -> None:
    document = GOOD | changes
    assert VALIDATOR.is_valid(document) == parses(document)


@given(st.sampled_from(PART_FIELDS), VALUES)
@settings(max_examples=400, deadline=None)
def test_it_agrees_with_the_parser_inside_parts(place: tuple[str, str], value: Any) -> None:
    document = copy.deepcopy(GOOD)
    part, field = place
    document.setdefault(part, [])
    if not document[part]:
        document[part] = [{}]
    document[part][0][field] = value
    assert VALIDATOR.is_valid(document) == parses(document)


@given(st.sets(st.sampled_from(sorted(GOOD)), max_size=4))
@settings(max_examples=100, deadline=None)
def test_it_agrees_with_the_parser_on_what_is_left_out(names: set[str]) -> None:
    document = {name: value for name, value in GOOD.items() if name not in names}
    assert VALIDATOR.is_valid(document) == parses(document)


def test_it_agrees_on_one_bad_value_of_every_kind_of_field() -> None:
    wrong: dict[Kind, Any] = {
        Kind.NUMBER: "1",
        Kind.SHARE: 1.5,
        Kind.MONEY: -1,
        Kind.COUNT: 1.5,
        Kind.CATEGORY: "no such code",
        Kind.FLAG: 1,
        Kind.TEXT: 7,
        Kind.DATE: "31.3.2025",
    }
    for field in CATALOGUE.given:
        if field.kind is Kind.CATEGORY and not field.codes:
            continue
        document = GOOD | {field.name: wrong[field.kind]}
        if field.kind is Kind.SHARE and field.range:
            document[field.name] = "x"
        assert not VALIDATOR.is_valid(document), field.name
        assert not parses(document), field.name


def test_the_most_items_of_a_part() -> None:
    for part in CATALOGUE.parts:
        good = GOOD[part.name][:1] if GOOD.get(part.name) else [{}]
        for count, holds in ((part.max_items, True), (part.max_items + 1, False)):
            document = GOOD | {part.name: good * count}
            assert VALIDATOR.is_valid(document) == parses(document) == holds


def test_what_only_the_parser_knows_is_a_day_that_no_month_has() -> None:
    document = copy.deepcopy(GOOD)
    document["findings"][0]["date"] = "2022-02-30"
    assert VALIDATOR.is_valid(document)
    assert not parses(document)


def test_control_a_schema_that_forgets_a_limit_is_caught() -> None:
    forgetful = copy.deepcopy(SCHEMA)
    del forgetful["properties"]["apply_amt"]["minimum"]
    document = GOOD | {"apply_amt": -1}
    assert jsonschema.Draft202012Validator(forgetful).is_valid(document) != parses(document)


def test_the_schema_does_not_depend_on_the_catalogue_shipped() -> None:
    other: Catalogue = load_catalogue("japan_review")
    schema = project_schema(other)
    assert schema["$id"] == f"urn:lingji:japan_review:{other.version}"
    assert set(schema["properties"]) == {f.name for f in other.given} | {
        p.name for p in other.parts
    }
