"""What an address may ask of the list, and what it says when it is read back."""

from __future__ import annotations

import jsonschema
import pytest

from serving.projects.query import PARAMETERS, project_query, written_cursor
from serving.records.project_list import Cursor, Wanted
from serving.wording.envelope import Refusal
from tests.serving.conftest import IDENTITY_NUMBER


def test_an_empty_address_asks_for_everything() -> None:
    query = project_query([("lang", "en"), ("grade", ""), ("words", "  ")])
    assert query.wanted == Wanted()
    assert (query.filters, query.address, query.sort) == ({}, {}, "rank_score")


def test_filters_are_read_and_written_back() -> None:
    asked = {
        "department": "D1", "year": "2024", "category": "road", "words": "道路 10%",
        "status": "rated", "grade": "B", "position": "above", "risk": "12.5", "sort": "excess",
    }  # fmt: skip
    query = project_query([*asked.items(), ("after", "490000.5_1712")])
    assert query.wanted == Wanted("D1", 2024, "road", "道路 10%", "rated", "B", "above", 0.125)
    assert query.after == Cursor(490000.5, 1712)
    assert query.address == asked
    assert project_query(query.address.items()).wanted == query.wanted


@pytest.mark.parametrize("cursor", [Cursor(68.4, 3), Cursor(-1.0, 0), Cursor(1234567.89, 99)])
def test_a_cursor_reads_back_as_itself(cursor: Cursor) -> None:
    assert project_query([("after", written_cursor(cursor))]).after == cursor


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("grade", "D"), ("status", "not_rated"), ("position", "below"), ("sort", "newest"),
        ("year", "2024"), ("risk", "0"), ("risk", "099"), ("risk", "100.00"), ("risk", "7.25"),
        ("risk", "100.01"), ("risk", "101"), ("risk", "1."), ("risk", "1000"), ("risk", ".5"),
        ("after", "-1.000000_0"), ("after", "1_2_3"), ("after", "1.0000000_1"),
        ("words", " 道路　改造 "), ("words", "x" * 100), ("words", "x" * 101), ("words", "a\tb"),
        ("department", "a\u202eb"), ("category", "a\x7f"), ("category", " "), ("grade", " "),
        ("grade", "AB"), ("grade", "A\n"), ("year", "2024\n"), ("year", ""), ("words", ""),
    ],
)  # fmt: skip
def test_what_is_read_is_what_the_schema_says(name: str, text: str) -> None:
    described = jsonschema.Draft202012Validator({"type": "string", **PARAMETERS[name]})
    try:
        project_query([(name, text)])
    except Refusal:
        read = False
    else:
        read = True
    # Python's "$" stands before a last line break too, that of JSON Schema does not.
    assert read == (described.is_valid(text) and not text.endswith("\n"))


def test_a_text_with_an_ideographic_space_is_sought() -> None:
    assert project_query([("words", "道路　改造")]).wanted.words == "道路　改造"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("grade", "E"), ("grade", "A' OR 1=1"), ("status", "all"), ("position", "over"),
        ("year", "24"), ("year", "２０２４"), ("risk", "101"), ("risk", "-1"), ("risk", "nan"),
        ("sort", "leaf"), ("after", "1"), ("after", "1_2_3"), ("after", "inf_1"),
        ("after", "٣_1"), ("words", "x" * 101), ("words", "a\x00b"),
        ("words", f"编号{IDENTITY_NUMBER}"), ("department", IDENTITY_NUMBER), ("limit", "5"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_and_not_shown(name: str, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        project_query([(name, text)])
    assert refused.value.status == 422
    (fault,) = refused.value.faults
    assert fault.field == name
    assert text not in str(refused.value.body())


def test_a_parameter_twice_is_refused() -> None:
    with pytest.raises(Refusal, match="422"):
        project_query([("grade", "A"), ("grade", "B")])


def test_every_parameter_is_known_by_name() -> None:
    assert {"department", "grade", "words", "risk", "sort", "after"} < set(PARAMETERS)
