"""A declared project: parsed once, or refused with every fault named."""

from __future__ import annotations

from typing import Any

import pytest

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, parse_project
from features.errors import ProjectError
from tests.rulers import Raw, catalogue_of, indicator, named, ruler

RULER = catalogue_of(ruler())
PROJECT: dict[str, Any] = {
    "code": "P1",
    "year": 2024,
    "type": "road",
    "level": "city",
    "area": 12.5,
    "asked": 300000,
    "lines": [{"task": "gravel", "amount": 100000}, {"task": "kerb"}],
    "history": [{"rate": 0.9}],
}


def _faults(document: Any, catalogue: Catalogue = RULER, *, cells: bool = False) -> dict[str, str]:
    """Field → message of every fault of a document."""
    with pytest.raises(ProjectError, match="declared project: ") as caught:
        parse_project(document, catalogue, cells=cells)
    return {str(fault.field): fault.message() for fault in caught.value.faults}


def _parsed(**changes: Any) -> DeclaredProject:
    return parse_project(PROJECT | changes, RULER)


def test_a_project_is_typed_values_and_absent_ones_are_none() -> None:
    project = _parsed()
    assert (project.project_id, project.year) == ("P1", 2024)
    assert project.values["asked"] == 300000.0
    assert project.values["words"] is None
    assert project.values["lines"] == (
        {"task": "gravel", "amount": 100000.0},
        {"task": "kerb", "amount": None},
    )
    assert set(project.values) == {i.name for i in RULER.given} | {"lines", "history"}


def test_a_declared_part_that_is_absent_is_empty_and_a_verified_one_unknown() -> None:
    project = parse_project({"code": "P1", "year": 2024}, RULER)
    assert project.values["lines"] == ()
    assert project.values["history"] is None
    assert _parsed(history=[]).values["history"] == ()  # control: given and empty is known


def test_every_fault_is_named_at_once() -> None:
    document = PROJECT | {
        "year": "2024",
        "level": "town",
        "area": -1,
        "wordy": 3,
        "colour": "red",
        "lines": [{"amount": 1}, "gravel", {"task": "kerb", "price": 2, "amount": -2}],
        "history": {"rate": 1},
    }
    del document["code"]
    faults = _faults(document)
    assert set(faults) == {
        "code",
        "year",
        "level",
        "area",
        "wordy",
        "colour",
        "lines[1].task",
        "lines[2]",
        "lines[3].price",
        "lines[3].amount",
        "history",
    }
    assert "it is calculated, leave it out" in faults["wordy"]
    assert "see /schema for the fields" in faults["colour"]
    assert "an object of fields; got str" in faults["lines[2]"]
    assert "expected one of amount, task; got an unknown field" in faults["lines[3].price"]


@pytest.mark.parametrize("document", [None, [], "P1", 3])
def test_what_is_no_object_is_refused(document: Any) -> None:
    with pytest.raises(ProjectError, match="expected an object of fields; got"):
        parse_project(document, RULER)


def test_a_part_has_no_more_items_than_its_catalogue_says() -> None:
    three = [{"task": "a"}] * 3
    assert len(_parsed(lines=three).values["lines"]) == 3  # type: ignore[arg-type]
    assert "at most 3 items; got 4 items" in _faults(PROJECT | {"lines": [*three, {}]})["lines"]


def test_parts_in_cells_are_json_texts() -> None:
    project = parse_project(PROJECT | {"lines": '[{"task": "gravel"}]'}, RULER, cells=True)
    assert project.values["lines"] == ({"task": "gravel", "amount": None},)
    assert parse_project(PROJECT | {"lines": " "}, RULER, cells=True).values["lines"] == ()
    assert "a JSON list of objects" in _faults(PROJECT | {"lines": "[{"}, cells=True)["lines"]
    assert "a list of objects; got str" in _faults(PROJECT | {"lines": "[]"})["lines"]  # control


@pytest.mark.parametrize("text", ['[{"task": "a", "amount": NaN}]', '[{"task": "a", "task": "b"}]'])
def test_json_in_a_cell_is_read_as_strictly_as_json(text: str) -> None:
    assert any(f.startswith("lines") for f in _faults(PROJECT | {"lines": text}, cells=True))


def test_missing_key_evidence_is_listed() -> None:
    assert _parsed().missing_key_evidence(RULER) == ()
    assert _parsed(type=None).missing_key_evidence(RULER) == ("type",)


def _with_ids(*entries: Raw) -> Catalogue:
    raw = ruler()
    raw["indicators"] += entries
    raw["columns"]["id"] = [entry["name"] for entry in entries]
    return catalogue_of(raw)


def test_long_numbers_as_ids_stay_apart() -> None:
    catalogue = _with_ids(indicator("number", "count"))
    ids = [parse_project(PROJECT | {"number": n}, catalogue).project_id for n in (1234567, 1234568)]
    assert ids == ["1234567", "1234568"]


def test_an_id_of_several_columns_joins_them() -> None:
    catalogue = _with_ids(indicator("book", "text"), indicator("page", "count"))
    document = PROJECT | {"book": "B", "page": 4}
    assert parse_project(document, catalogue).project_id == "B|4"


def test_a_year_is_whole() -> None:
    raw = ruler()
    named(raw, "indicators", "year")["kind"] = "number"
    assert "a whole year" in _faults(PROJECT | {"year": 2024.5}, catalogue_of(raw))["year"]
    assert parse_project(PROJECT, catalogue_of(raw)).year == 2024  # control
