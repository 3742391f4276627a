"""Projects declared twice, split, continued under another code, or alike without being the same."""

from __future__ import annotations

from copy import deepcopy

import numpy as np

from training.province.phrases import OBJECTS
from training.province.planting.amounts import Project, divide, request
from training.province.planting.ground import Ground
from training.province.planting.planted import SPLIT, Planted
from training.province.planting.rewriting import rewrite
from training.province.planting.unit import (
    above,
    declared_by,
    department_of,
    neighbour,
    other_department,
    region_of,
    unit_name,
)
from training.province.project_types import TYPE_INDEX
from training.province.span import LAST_YEAR

THRESHOLDS = (500_000.0, 2_000_000.0)  # yuan; above them the province asks for more
"""What split projects stay below: 500,000 yuan for a collective decision, 2,000,000 for an
appraisal report."""

_PARTS = (("（一期）", "（二期）", "（三期）"), ("一标段", "二标段", "三标段"),
          ("（东片区）", "（西片区）", "（北片区）"), ("A包", "B包", "C包"))  # fmt: skip
_AMOUNT_SPREAD = 0.06  # of the logarithm: a second declaration asks for nearly the same
_QUANTITY_KEPT, _QUANTITY_SPREAD = 0.7, 0.03
_OWN_SPREAD = 0.5  # of amount and quantity of a look-alike that is a project of its own


def duplicate_by_department(ground: Ground, row: int) -> None:
    """The same project, declared in the same year by another department of the same place."""
    twin = ground.project(row)
    _twin(ground, twin, region_of(twin), other_department(ground.rng, twin))
    _keep(ground, row, twin, "duplicate_department")


def duplicate_by_level(ground: Ground, row: int) -> None:
    """The same project, declared in the same year one level of government higher."""
    twin = ground.project(row)
    _twin(ground, twin, above(region_of(twin)), department_of(twin))
    _keep(ground, row, twin, "duplicate_level")


def duplicate_by_year(ground: Ground, row: int) -> None:
    """A one-off project, declared as a new one in the year after."""
    twin = ground.project(row)
    twin["fiscal_year"] += 1
    twin["pro_start_year"] += 1
    _plan_a_year_later(twin)
    _twin(ground, twin, region_of(twin), department_of(twin))
    _keep(ground, row, twin, "duplicate_year")


def split(ground: Ground, row: int) -> None:
    """One project as two or three in one round, each below a threshold that the whole exceeds."""
    whole = ground.project(row)
    threshold = threshold_of(whole)
    assert threshold is not None  # noqa: S101 - rows are chosen so
    count = 2 if whole["apply_amt"] < 1.8 * threshold else 3
    shares = 1 / count + ground.rng.uniform(-0.04, 0.04, count)
    shares /= shares.sum()
    words = _PARTS[int(ground.rng.integers(len(_PARTS)))]
    first: Project | None = None
    for share, word in zip(shares, words, strict=False):
        part = deepcopy(whole)
        divide(part, float(share))
        part["pro_name"] += word
        if first is None:
            first = part
            ground.touch(row, part)
        else:
            part["pro_code"] = ground.new_code(part)
            rewrite(ground.rng, part, unit_name(part), unit_name(part))
            part["pro_name"] = whole["pro_name"] + word
            ground.add(row, part)
        ground.plant(
            Planted(
                SPLIT, part["pro_code"], part["fiscal_year"], "apply_amt",
                first["pro_code"] if part is not first else None,
                first["fiscal_year"] if part is not first else None, f"{threshold:.0f}",
            )
        )  # fmt: skip


def threshold_of(project: Project) -> float | None:
    """The threshold that a project exceeds by so little that two or three parts stay below."""
    for threshold in THRESHOLDS:
        if 1.15 * threshold < project["apply_amt"] < 2.6 * threshold:
            return threshold
    return None


def continued(ground: Ground, row: int) -> None:
    """A recurring project that goes on next year under a new code: not a duplicate."""
    after = ground.project(row)
    after["fiscal_year"] += 1
    after["pro_attr"] = "CONTINUE"
    after["last_budget_amt"] = after["apply_amt"]
    _plan_a_year_later(after)
    own = unit_name(after)
    rewrite(ground.rng, after, own, own)
    request(after, after["apply_amt"] * float(np.exp(ground.rng.normal(0.03, 0.06))))
    after["pro_code"] = ground.new_code(after)
    _keep(ground, row, after, "decoy_continued")


def neighbours_own(ground: Ground, row: int) -> None:
    """The same kind of project in a neighbouring place, with its own size: not a duplicate."""
    other = ground.project(row)
    place = neighbour(ground.rng, region_of(other))
    _own_project(ground, other, place, department_of(other))
    _keep(ground, row, other, "decoy_neighbour")


def sibling(ground: Ground, row: int) -> None:
    """Another object of the same unit, declared in much the same words: not a duplicate."""
    other = ground.project(row)
    kind = TYPE_INDEX[other["project_type"]]
    thing = next((o for o in OBJECTS[kind] if o in other["pro_name"]), None)
    if thing is None:
        return
    another = str(ground.rng.choice([o for o in OBJECTS[kind] if o != thing]))
    for name in ("pro_name", "pro_desc", "pro_necessary"):
        if other[name]:
            other[name] = other[name].replace(thing, another)
    _own_project(ground, other, region_of(other), department_of(other))
    _keep(ground, row, other, "decoy_sibling")


def year_after(project: Project) -> int | None:
    """The year after a project's, where there is one."""
    year: int = project["fiscal_year"] + 1
    return year if year <= LAST_YEAR else None


def _twin(ground: Ground, twin: Project, region: int, department: int) -> None:
    """The project told and asked for once more, by another unit or another time, as new."""
    rng = ground.rng
    _made_new(twin)
    before, after = declared_by(rng, twin, region, department)
    rewrite(rng, twin, before, after)
    if rng.random() > _QUANTITY_KEPT:
        _other_quantity(twin, float(np.exp(rng.normal(0, _QUANTITY_SPREAD))))
    request(twin, twin["apply_amt"] * float(np.exp(rng.normal(0, _AMOUNT_SPREAD))))
    if twin["policy_basis"] and rng.random() < 0.3:
        twin["policy_basis"].pop(int(rng.integers(len(twin["policy_basis"]))))
    _fewer_targets(rng, twin)
    twin["pro_code"] = ground.new_code(twin)


def _own_project(ground: Ground, other: Project, region: int, department: int) -> None:
    """A project of its own: other quantity, amount, targets and documents."""
    rng = ground.rng
    _made_new(other)
    before, after = declared_by(rng, other, region, department)
    rewrite(rng, other, before, after)
    factor = float(np.exp(rng.normal(0, _OWN_SPREAD) + rng.choice([-0.25, 0.25])))
    _other_quantity(other, factor)
    request(other, other["apply_amt"] * factor * float(np.exp(rng.normal(0, 0.1))))
    for target in other["kpi"]:
        if target["unit"] == "%" and target["target"].isdigit():
            target["target"] = str(int(rng.integers(80, 98)))
    other["policy_basis"] = other["policy_basis"][: int(rng.integers(0, 2))]
    if other["beneficiaries"]:
        other["beneficiaries"] = max(round(other["beneficiaries"] * factor), 1)
    other["pro_code"] = ground.new_code(other)


def _plan_a_year_later(project: Project) -> None:
    for year in project["year_plan"]:
        year["year"] += 1
    last = max(year["year"] for year in project["year_plan"])
    project["end_year"] = max(project["end_year"], last)


def _made_new(project: Project) -> None:
    project["pro_attr"], project["last_budget_amt"] = "NEW", 0.0
    project["pro_start_year"] = project["fiscal_year"]
    project["end_year"] = max(project["end_year"], project["fiscal_year"])
    project["history"], project["findings"] = [], []
    for target in project["kpi"]:
        target["last_target"] = target["last_actual"] = None


def _other_quantity(project: Project, factor: float) -> None:
    before = project["apply_amt"]
    divide(project, factor)
    request(project, before)


def _fewer_targets(rng: np.random.Generator, project: Project) -> None:
    targets = project["kpi"]
    if len(targets) > 4 and rng.random() < 0.4:
        weight = targets.pop(int(rng.integers(1, len(targets))))["weight"]
        targets[0]["weight"] += weight


def _keep(ground: Ground, row: int, made: Project, kind: str) -> None:
    source = ground.project(row)
    ground.take(row)
    ground.add(row, made)
    ground.plant(
        Planted(
            kind, made["pro_code"], made["fiscal_year"], None, source["pro_code"],
            source["fiscal_year"],
        )
    )  # fmt: skip
