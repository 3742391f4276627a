"""Rulers of dimensions are read strictly, and must fit the catalogue and the rules they score."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from features.checks.dimensions.ruler import Ruler
from features.checks.dimensions.ruler_files import rating_by, ruler_in_force
from features.checks.rule_files import read_rule_book, rule_texts
from features.errors import RuleError
from features.yaml_form import yaml_form
from tests.features.checks.rule_texts import CATALOGUE, OWN

SHIPPED = (resources.files("features.checks.dimensions") / "rulers" / "zero_base.yaml").read_text(
    encoding="utf-8"
)
BOOK = read_rule_book(rule_texts("zero_base"), CATALOGUE, examples=False)


def own(home: Path, text: str) -> Ruler | None:
    """The ruler in force in a working folder that holds this one."""
    file = home / "dimensions" / "zero_base.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return ruler_in_force(home, "zero_base")


def test_the_ruler_that_ships_fits_its_catalogue_and_rules(tmp_path: Path) -> None:
    ruler = ruler_in_force(tmp_path, "zero_base")
    assert ruler is not None
    rating_by(ruler, CATALOGUE, BOOK)
    assert [dimension.name for dimension in ruler.dimensions] == [
        "necessity", "importance", "normativity", "compliance", "performance", "supervision"
    ]  # fmt: skip
    assert {rule.dimension for rule in BOOK.rules} == {
        "normativity", "compliance", "performance", "supervision"
    }  # fmt: skip


def test_a_bureaus_own_ruler_takes_the_place_of_the_one_that_ships(tmp_path: Path) -> None:
    shipped = ruler_in_force(tmp_path, "zero_base")
    changed = own(tmp_path, SHIPPED.replace("warn: {each: 5,", "warn: {each: 6,"))
    assert shipped is not None
    assert changed is not None
    assert changed.file_digest != shipped.file_digest
    commented = yaml_form(Ruler, SHIPPED.replace("# Points", "# The points").encode(), "ruler")
    assert commented.file_digest == shipped.file_digest  # the control: words beside change nothing


def test_a_catalogue_without_a_ruler_has_none(tmp_path: Path) -> None:
    assert ruler_in_force(tmp_path, "japan_review") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("weight: 0.25", "weight: 0.24", r"weights: they add up to 0\.99, and not to 1"),
        ("weight: 0.25", "wait: 0.25", r"wait"),
        ("en: Basics and texts}, points: 15", "en: Basics and texts}, points: 20", r"are 105, and"),
        ("points: 15, rules: [BAS-]", "points: 15.3, rules: [BAS-]", r"points are whole or half"),
        ("warn: {each: 5, most: 15}", "warn: {each: 5, most: 4}", r"most 4 is less than each 5"),
        ("  note: {each: 2, most: 6}\n", "", r"findings: note missing"),
        ("rules: [TPE-]", "rules: [TPE-], others: true", r"one section has others: true"),
        ("name: goal,", "name: targets,", r"section targets stands 2 times"),
        (
            "{below: 0.8, points: 10}, ",
            "{below: 0.95, points: 10}, ",
            r"bands rise from the lowest",
        ),
        ("counted: {each: 5, most: 20}", "bands: [], counted: null", r"bands or counted"),
        ("head: necessity", "head: necessity, sections: []", None),
        ("weight: 0.2, head: importance", "weight: 0.2", r"importance: a head or sections"),
        ("name: importance,", "name: necessity,", r"dimension necessity stands 2 times"),
        ("format: 1", "format: 1\nformat: 1", r"each key once"),
        ("ruler_for: zero_base", "ruler_for: Zero", r"ruler_for"),
    ],
)
def test_a_wrong_ruler_is_refused_by_name(
    old: str, new: str, said: str | None, tmp_path: Path
) -> None:
    assert old in SHIPPED
    if said is None:  # the control: the same in other words is right
        assert own(tmp_path, SHIPPED.replace(old, new)) == yaml_form(Ruler, SHIPPED.encode(), "")
        return
    with pytest.raises(RuleError, match=said):
        own(tmp_path, SHIPPED.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ruler_for: zero_base", "ruler_for: japan_review", r"expected zero_base; got japan"),
        ("name: supervision", "name: inspection", r"those of the catalogue: necessity"),
        (
            "head: importance",
            "head: low_execution",
            r"importance\.head: expected one of the scores",
        ),
        ("indicator: findings_open", "indicator: findings_opn", r"a numeric indicator of the dim"),
        ("indicator: findings_open", "indicator: last_evaluation", r"of the dimension supervision"),
        ("last_evaluation, bands", "targets_quantified, bands", r"verified facts; got a declared"),
        (
            "mean_evaluation, bands: [{below: 60, points: 10}, {below: 80, points: 5}]",
            "mean_evaluation, counted: {each: 1, most: 5}",
            r"bands, for it counts nothing",
        ),
        ("missing: [KPI-01]", "missing: [KPI-16]", r"targets\.missing: expected a rule of the sec"),
        ("missing: [KPI-01]", "missing: [KPI-99]", r"the code of a rule; got KPI-99"),
        ("EXE-03: {each", "EXE-33: {each", r"rules: expected the code of a rule; got EXE-33"),
    ],
)
def test_a_ruler_that_does_not_fit_is_refused(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    assert old in SHIPPED
    ruler = own(tmp_path, SHIPPED.replace(old, new, 1))
    assert ruler is not None
    with pytest.raises(RuleError, match=said):
        rating_by(ruler, CATALOGUE, BOOK)


def test_rules_of_a_dimension_that_the_model_scores_are_refused() -> None:
    """Their findings would take points from nothing; the model's score is no sum of deductions."""
    ruler = yaml_form(Ruler, SHIPPED.encode(), "ruler")
    texts = rule_texts("zero_base")
    rating_by(ruler, CATALOGUE, read_rule_book(texts | {"own": OWN}, CATALOGUE))
    wrong = OWN.replace("dimension: compliance", "dimension: necessity")
    book = read_rule_book(texts | {"own": wrong}, CATALOGUE)
    with pytest.raises(RuleError, match=r"OWN-01\.dimension: expected a dimension that is scored"):
        rating_by(ruler, CATALOGUE, book)
