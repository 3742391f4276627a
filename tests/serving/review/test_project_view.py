"""A declared project as an expert reads it: every fact in words, and nobody's personal values."""

from __future__ import annotations

import json
from pathlib import Path

from features.catalogue import load_catalogue
from features.declared_project import parse_project
from features.project_document import split_document
from models.review.case import Case
from serving.review.project_view import ProjectFacts, project_facts
from tests.serving.conftest import CATALOGUE, IDENTITY_NUMBER, tiny_project

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "project.json"


def facts(lang: str, document: dict[str, object] | None = None) -> ProjectFacts:
    """The facts of a case whose document was not split, as if somebody had put all into it."""
    given = document if document is not None else tiny_project(policy=None)
    case = Case(
        id="2-0123456789ab-001",
        project_id="P0001",
        year=2024,
        document=given,
    )
    return project_facts(case, load_catalogue(CATALOGUE), lang)


def test_facts_are_in_words_with_their_source() -> None:
    zh = {f.label: (f.value, f.source) for s in facts("zh").sections for f in s.facts}
    assert zh["面积"] == ("1,200平方米", "核实")
    assert zh["申报金额"] == ("30万元", "申报")
    assert zh["上年执行率"] == ("90%", "核实")
    assert zh["政策层级"] == ("未提供", "申报"), "what is not given is told as well"
    (lines,) = facts("en").lists
    assert (lines.columns, lines.rows) == (("Task", "Amount"), (("gravel", "100,000 yuan"),))


def test_personal_values_are_not_shown_even_where_a_case_holds_them() -> None:
    assert IDENTITY_NUMBER in json.dumps(tiny_project())  # control
    shown = str(facts("zh")) + str(facts("en"))
    assert IDENTITY_NUMBER not in shown
    assert "联系人证件号" not in shown


def test_years_of_the_shipped_catalogue_are_years() -> None:
    catalogue = load_catalogue("zero_base")
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    project = parse_project(document, catalogue)
    case = Case(
        id="2-0123456789ab-001",
        project_id=project.project_id,
        year=project.year,
        document=split_document(project, catalogue).public,
    )
    told = project_facts(case, catalogue, "zh")
    listed = {each.label: each for each in told.lists}
    plan = listed["分年度支出计划"]
    assert [row[0] for row in plan.rows] == [str(p["year"]) for p in document["year_plan"]]
    assert told.name == document["pro_name"]
