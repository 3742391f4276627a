"""A document made from a project gives the same project, and holds nothing personal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from features.catalogue import Catalogue, load_catalogue
from features.declared_project import parse_project
from features.field import Sensitivity
from features.project_document import joined_document, split_document
from features.project_rows import parse_rows
from tests.serving.conftest import CATALOGUE, IDENTITY_NUMBER, tiny_project
from tests.small_model import province_folder

TINY = load_catalogue(CATALOGUE)
ZERO_BASE = load_catalogue("zero_base")


def again(document: dict[str, Any], catalogue: Catalogue) -> None:
    project = parse_project(document, catalogue)
    public, personal = split_document(project, catalogue)
    kept = json.loads(json.dumps([public, personal]))
    assert parse_project(joined_document(*kept), catalogue) == project


@pytest.mark.parametrize("name", ["project", "project_weak"])
def test_the_examples_come_back(name: str) -> None:
    with open(f"docs/examples/{name}.json", encoding="utf-8") as file:
        again(json.load(file), ZERO_BASE)


def test_what_a_table_says_comes_back_as_json() -> None:
    seen = 0
    for batch in parse_rows(next(province_folder().glob("projects.*")), ZERO_BASE):
        for row in batch.rows[:300]:
            assert row.project is not None
            public, personal = split_document(row.project, ZERO_BASE)
            assert parse_project(joined_document(public, personal), ZERO_BASE) == row.project
            seen += 1
    assert seen > 300


def test_personal_values_stand_apart() -> None:
    public, personal = split_document(parse_project(tiny_project(), TINY), TINY)
    assert IDENTITY_NUMBER not in json.dumps(public)
    assert personal == {"contact": IDENTITY_NUMBER}
    again(tiny_project(), TINY)


def test_personal_fields_of_a_part_stand_apart() -> None:
    part = TINY.parts[0]
    task = part.fields[0].model_copy(update={"sensitivity": Sensitivity.PERSONAL})
    changed = part.model_copy(update={"fields": (task, *part.fields[1:])})
    catalogue = TINY.model_copy(update={"parts": (changed,)})
    document = tiny_project(lines=[{"task": "Mr. Wang"}, {"task": "Ms. Li", "amount": 3.0}])
    project = parse_project(document, catalogue)
    public, personal = split_document(project, catalogue)
    assert public["lines"] == [{}, {"amount": 3.0}]
    assert personal["lines.task"] == ["Mr. Wang", "Ms. Li"]
    assert parse_project(joined_document(public, personal), catalogue) == project
