"""The shipped zero_base catalogue: consistent, blind where it must be, and its examples valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from features.catalogue import Catalogue, catalogue_text, load_catalogue, parse_catalogue
from features.declared_project import parse_project
from features.errors import CatalogueError, ProjectError
from features.field import Role
from features.indicator_table import IndicatorTable, indicator_table
from features.item_operations import ITEM_OPERATIONS

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
AXES_AND_COST = ("necessity", "importance", "reasonable_cost")
RISKS = ("poor_performance", "low_execution")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue("zero_base")


@pytest.fixture
def project() -> dict[str, Any]:
    return _example("project")


def _example(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return document


def _row(document: dict[str, Any], catalogue: Catalogue) -> IndicatorTable:
    return indicator_table([parse_project(document, catalogue)], catalogue)


def _moved(
    before: dict[str, Any], after: dict[str, Any], catalogue: Catalogue, heads: tuple[str, ...]
) -> set[str]:
    """Names of the indicators of these heads that differ between two declarations."""
    used = {i.name for head in heads for i in catalogue.inputs(head)}
    used |= {name for head in heads for name in catalogue.head(head).relative_to}
    one, other = _row(before, catalogue), _row(after, catalogue)
    return {name for name in used if str(one[name][0]) != str(other[name][0])}


def _fields(catalogue: Catalogue) -> dict[str, Role | None]:
    return {f"{p.name}.{f.name}": f.role for p in catalogue.parts for f in p.fields}


def _roles(catalogue: Catalogue, head: str) -> set[Role]:
    roles = _fields(catalogue) | {i.name: i.role for i in catalogue.indicators}
    return {role for name in catalogue.origins(head) if (role := roles.get(name)) is not None}


def test_every_dimension_and_every_head_has_indicators(catalogue: Catalogue) -> None:
    used = {i.dimension for i in catalogue.indicators if i.use}
    assert used == {dimension.name for dimension in catalogue.dimensions}
    assert all(catalogue.inputs(head.name) for head in catalogue.heads)


def test_every_use_of_an_item_operation_fits_its_signature(catalogue: Catalogue) -> None:
    derived = [i.derive for i in catalogue.indicators if i.derive]
    for derive in (d for d in derived if d.operation in ITEM_OPERATIONS):
        scalars = [name not in _fields(catalogue) for name in derive.of]
        assert ITEM_OPERATIONS[derive.operation].faults(scalars, derive.options) == []


def test_checks_read_what_a_project_gives(catalogue: Catalogue) -> None:
    given = {i.name for i in catalogue.given} | _fields(catalogue).keys()
    assert {name for check in catalogue.checks for name in check.of} <= given


def test_axes_and_cost_rest_on_no_amount_and_on_no_declarer(catalogue: Catalogue) -> None:
    assert {head: _roles(catalogue, head) for head in AXES_AND_COST} == {
        head: set() for head in AXES_AND_COST
    }
    # Control: the same walk finds amounts where they are.
    assert _roles(catalogue, "low_execution") == {Role.REQUESTED_AMOUNT, Role.LAST_BUDGET}


@pytest.mark.parametrize(
    "used", ["apply_amt", "lines_gap", "request_unit_cost", "last_execution_rate"]
)
def test_an_axis_that_reads_an_amount_is_refused(used: str) -> None:
    declared = yaml.safe_load(catalogue_text("zero_base"))
    entry = next(i for i in declared["indicators"] if i["name"] == used)
    entry["use"] = {**entry["use"], "necessity": "free"}
    with pytest.raises(CatalogueError, match=rf"heads\[necessity\].*{used}"):
        parse_catalogue(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False))


def test_every_amount_times_three_moves_the_risks_and_nothing_else(
    catalogue: Catalogue, project: dict[str, Any]
) -> None:
    padded = _example("project")
    for name in ("apply_amt", "pro_total_amt", "last_budget_amt"):
        padded[name] *= 3
    amounts = {
        "cost_lines": ("qty", "est_amt"),
        "year_plan": ("declaration_amt", "support_amount"),
        "history": ("budget_amt", "adjusted_amt"),
    }
    for part, names in amounts.items():
        for item in padded[part]:
            item.update({name: item[name] * 3 for name in names})
    assert _moved(project, padded, catalogue, AXES_AND_COST) == set()
    assert {"apply_amt", "last_execution_rate"} <= _moved(project, padded, catalogue, RISKS)


def test_who_declares_moves_nothing(catalogue: Catalogue, project: dict[str, Any]) -> None:
    other = project | {
        "pro_code": "990204-2025-106001-00012",
        "mof_div_code": "990204",
        "dept_code": "106001",
        "agency_code": "106001001",
        "contact_name": "另一人",
    }
    assert _moved(project, other, catalogue, AXES_AND_COST + RISKS) == set()
    # Control: what the money is for does move something.
    assert _moved(project, other | {"exp_func_code": "2160299"}, catalogue, AXES_AND_COST) == {
        "function_class"
    }


@pytest.mark.parametrize(
    "name",
    ["policy_basis", "kpi", "cost_lines", "attachments", "year_plan", "pro_desc", "pro_necessary",
     "pro_plan", "kpi_goal_total", "duty_code"],
)  # fmt: skip
def test_leaving_out_what_is_declared_never_looks_better(
    name: str, catalogue: Catalogue, project: dict[str, Any]
) -> None:
    silent = {key: value for key, value in project.items() if key != name}
    one, other = _row(project, catalogue), _row(silent, catalogue)
    for indicator in catalogue.inputs("necessity"):
        direction = catalogue.direction("necessity", indicator.name)
        if direction != "free":
            sign = 1 if direction == "+" else -1
            assert sign * other[indicator.name][0] <= sign * one[indicator.name][0], indicator.name


def test_the_examples_differ_where_evidence_is_weak(catalogue: Catalogue) -> None:
    strong, weak = (_row(_example(name), catalogue) for name in ("project", "project_weak"))
    expected = {
        "policy_level_in_force": (4, 0),
        "policy_documented": (1, 0),
        "policies_verifiable": (2, 0),
        "lines_fitting": (1, 2 / 3),
        "targets_core": (1, 2 / 3),
        "goal_measurable": (3, 0),
        "plan_gap": (0, 0.2),
        "need_concrete": (1, 0),
        "need_original": (None, 0),
        "name_specific": (1, 0),
        "targets_quantified": (1, 0),
        "targets_own": (1, 1 / 3),
        "target_kinds": (1, 2 / 3),
        "target_weights": (1, 0),
        "lines_multiply": (1, 2 / 3),
        "three_public_lines": (0, 1 / 3),
        "findings_open": (0, 2),
        "last_evaluation": (88.6, None),
    }
    for name, (good, poor) in expected.items():
        assert good is None or strong[name][0] == pytest.approx(good), name
        assert poor is None or weak[name][0] == pytest.approx(poor), name


def test_the_examples_are_rated(catalogue: Catalogue) -> None:
    for name in ("project", "project_weak"):
        assert parse_project(_example(name), catalogue).missing_key_evidence(catalogue) == ()


@pytest.mark.parametrize(
    "name", ["project_type", "driver_quantity", "price_index", "statutory_duty"]
)
def test_key_evidence_is_named_when_missing(
    name: str, catalogue: Catalogue, project: dict[str, Any]
) -> None:
    parsed = parse_project(project | {name: None}, catalogue)
    assert parsed.missing_key_evidence(catalogue) == (name,)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"apply_amt": 232.0}, r"apply_amt: expected an amount in the same unit .*万元"),
        ({"pro_total_amt": 690.0}, r"pro_total_amt: expected an amount in the same unit"),
        ({"end_year": 2023}, r"end_year: expected 2024 or later; got 2023"),
        ({"end_year": 2024}, r"fiscal_year: expected a year of the term, 2024 to 2024; got 2025"),
        ({"end_year": 2025}, r"year_plan\[3\].year: expected a year of the term"),
        ({"fiscal_year": 2024}, r"history\[3\].year: expected a year before 2024; got 2024"),
        ({"region_level": "town"}, r"region_level: expected one of county, city, province"),
        ({"policy_score": 5}, r"policy_score: expected a field of the catalogue"),
    ],
)
def test_clear_faults_are_refused(
    change: dict[str, Any], fault: str, catalogue: Catalogue, project: dict[str, Any]
) -> None:
    parse_project(project, catalogue)  # control: without the change there is no fault
    with pytest.raises(ProjectError, match=fault):
        parse_project(project | change, catalogue)


def test_a_line_in_wan_is_named(catalogue: Catalogue, project: dict[str, Any]) -> None:
    project["cost_lines"][1]["est_amt"] = 92.16
    with pytest.raises(ProjectError, match=r"cost_lines\[2\].est_amt: expected price × qty"):
        parse_project(project, catalogue)
