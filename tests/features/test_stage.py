"""A head may say which stage of the budget process it helps in; a catalogue need not know any."""

from __future__ import annotations

import json
from typing import Any

import pytest

from features.catalogue import checked_catalogue, load_catalogue
from features.data_dictionary import data_dictionary
from features.errors import CatalogueError
from features.stage import STAGES, Stage
from tests.rulers import catalogue_of, ruler


def staged(stage: str) -> dict[str, Any]:
    raw = ruler()
    raw["heads"][0]["stage"] = stage
    return raw


def test_every_stage_has_words_in_the_order_of_the_process() -> None:
    assert list(STAGES) == list(Stage)
    assert [label.zh for label in STAGES.values()] == [
        "预算编制",
        "项目审核",
        "预算执行",
        "绩效评价",
    ]


@pytest.mark.parametrize("name", ["zero_base", "japan_review"])
def test_every_head_of_the_shipped_catalogues_has_a_stage(name: str) -> None:
    catalogue = load_catalogue(name)
    assert [head.name for head in catalogue.heads if head.stage is None] == []
    rows = [line for line in data_dictionary(catalogue).splitlines() if line.startswith("| `")]
    for head in catalogue.heads:
        (row,) = [row for row in rows if row.startswith(f"| `{head.name}` |")][:1]
        assert STAGES[Stage(head.stage or "")].zh in row


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"heads\[axis\]\.stage"):
        catalogue_of(staged("guessing"))


def test_a_catalogue_without_stages_keeps_its_digest_and_one_with_them_has_another() -> None:
    plain = catalogue_of(ruler())
    assert "stage" not in plain.model_dump_json()
    again = checked_catalogue(json.loads(plain.model_dump_json()))
    assert again.digest == plain.digest
    assert catalogue_of(staged("appraisal")).digest != plain.digest
