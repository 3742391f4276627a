"""Texts and targets taken over from another project, and texts that are like no other."""

from __future__ import annotations

from copy import deepcopy

from training.province.planting.amounts import Project
from training.province.planting.ground import Ground
from training.province.planting.particulars import particulars
from training.province.planting.planted import Planted
from training.province.planting.rewriting import readdressed
from training.province.planting.unit import unit_name

_COPIED = ("pro_necessary", "pro_plan", "pro_feasibility")
FEWEST_TARGETS = 5  # in figures, for a set worth copying


def copy_text(ground: Ground, row: int, source: int) -> None:
    """The argument, plan and feasibility of the project of `source`, under another name."""
    given, taken = ground.project(source), ground.project(row)
    given["pro_necessary"] += particulars(ground.rng, 2)
    own, other = unit_name(given), unit_name(taken)
    for name in _COPIED:
        taken[name] = readdressed(given[name], own, other)
    _keep(ground, row, source, "copied_text", "pro_necessary", given, taken)


def copy_targets(ground: Ground, row: int, source: int) -> None:
    """All targets of the project of `source`, figures included."""
    given, taken = ground.project(source), ground.project(row)
    taken["kpi"] = deepcopy(given["kpi"])
    for target in taken["kpi"]:
        target["last_target"] = target["last_actual"] = None
    _keep(ground, row, source, "copied_targets", "kpi", given, taken)


def own_particulars(ground: Ground, row: int) -> None:
    """An argument with facts of its own, such as copied ones have too: not a fault."""
    project = ground.project(row)
    project["pro_necessary"] += particulars(ground.rng, 2)
    ground.touch(row, project)
    ground.plant(Planted("decoy_particulars", project["pro_code"], project["fiscal_year"]))


def figures(targets: list[dict[str, str]]) -> int:
    """How many targets are in figures."""
    return sum(str(target["target"]).isdigit() for target in targets)


def _keep(
    ground: Ground, row: int, source: int, kind: str, item: str, given: Project, taken: Project
) -> None:
    ground.touch(source, given)
    ground.touch(row, taken)
    ground.plant(
        Planted(
            kind, taken["pro_code"], taken["fiscal_year"], item, given["pro_code"],
            given["fiscal_year"],
        )
    )  # fmt: skip
