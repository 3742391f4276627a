"""Faults planted into the projects of a block, with the truth about them kept aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from training.province.planting import copying, pairs, violations
from training.province.planting.amounts import Project, adds_up
from training.province.planting.ground import Ground
from training.province.planting.planted import planted_table
from training.province.randomness import stream
from training.province.rows import Rows

Plant = Callable[[Ground, int], None]
Fits = Callable[[Ground, Project, int], bool]
_HONEST = (0.9, 1.15)  # request ÷ true cost of projects into which a padded price is planted
_TRIED = 12  # rows looked at for each fault wanted; a block that has no room gets fewer
_TELLING = 60  # characters of an argument that is worth copying


@dataclass(frozen=True)
class _Kind:
    """How often per thousand projects something is planted, into which of them."""

    name: str
    per_thousand: float
    plant: Plant
    fits: Fits


@dataclass(frozen=True)
class PlantedTables:
    """The tables of a block after planting, and what was planted."""

    projects: pa.Table
    outcomes: pa.Table
    truth: pa.Table
    planted: pa.Table


def plant(rows: Rows, projects: pa.Table, outcomes: pa.Table, truth: pa.Table) -> PlantedTables:
    """The block's tables with faults planted, projects added among them, and the truth of both.

    Projects without a fault stay what they were. An added project has the outcomes of the one it
    was made from as far as experts judged it, and was not funded.
    """
    rng = stream(rows.block.seed, rows.block.number, "planting")
    ground = Ground(rng, projects, rows.block.number)
    padding = np.array(truth["padding"])
    for kind in _kinds(padding):
        wanted = int(rng.poisson(kind.per_thousand * len(ground) / 1000))
        for row in rng.permutation(len(ground))[: wanted * _TRIED]:
            if wanted == 0:
                break
            if ground.free(row) and kind.fits(ground, ground.project(int(row)), int(row)):
                planted_before = len(ground.planted)
                kind.plant(ground, int(row))
                wanted -= len(ground.planted) > planted_before
    return _tables(ground, projects, outcomes, truth)


def _kinds(padding: np.ndarray) -> tuple[_Kind, ...]:
    def honest(ground: Ground, project: Project, row: int) -> bool:
        return adds_up(project) and _HONEST[0] < padding[row] < _HONEST[1]

    return (
        _Kind("duplicate_department", 4, pairs.duplicate_by_department, _sound),
        _Kind("duplicate_year", 4, pairs.duplicate_by_year, _once),
        _Kind("duplicate_level", 4, pairs.duplicate_by_level, _below_province),
        _Kind("split", 4, pairs.split, _near_threshold),
        _Kind("decoy_continued", 5, pairs.continued, _recurring),
        _Kind("decoy_neighbour", 5, pairs.neighbours_own, _below_province),
        _Kind("decoy_sibling", 5, pairs.sibling, _sound),
        _Kind("copied_text", 6, _copy_text, _argued),
        _Kind("copied_targets", 6, _copy_targets, _in_figures),
        _Kind("decoy_particulars", 8, copying.own_particulars, _argued),
        _Kind("padded_price", 20, violations.pad_price, honest),
        _Kind("missing_document", 8, violations.remove_document, _documented),
        _Kind("expired_policy", 8, violations.expire_policy, _cited),
        _Kind("sums_wrong", 8, violations.spoil_sums, _sound),
        _Kind("wrong_economic_code", 8, violations.mistake_code, _sound),
        _Kind("vague_targets", 8, violations.blur_targets, _in_figures),
    )


def frequencies() -> dict[str, float]:
    """How many of each kind are planted per thousand projects, where the block has room."""
    return {kind.name: kind.per_thousand for kind in _kinds(np.empty(0))}


def _sound(ground: Ground, project: Project, row: int) -> bool:
    return adds_up(project)


def _below_province(ground: Ground, project: Project, row: int) -> bool:
    return adds_up(project) and project["region_level"] != "province"


def _near_threshold(ground: Ground, project: Project, row: int) -> bool:
    large_enough = project["driver_quantity"] >= 6
    return adds_up(project) and large_enough and pairs.threshold_of(project) is not None


def _not_declared_next_year(ground: Ground, project: Project) -> bool:
    year = pairs.year_after(project)
    return year is not None and (project["pro_code"], year) not in ground.keys


def _once(ground: Ground, project: Project, row: int) -> bool:
    one_off = project["exist_status"] == "001"
    return one_off and adds_up(project) and _not_declared_next_year(ground, project)


def _recurring(ground: Ground, project: Project, row: int) -> bool:
    recurring = project["exist_status"] == "002"
    return recurring and adds_up(project) and _not_declared_next_year(ground, project)


def _argued(ground: Ground, project: Project, row: int) -> bool:
    return len(project["pro_necessary"] or "") > _TELLING


def _in_figures(ground: Ground, project: Project, row: int) -> bool:
    return copying.figures(project["kpi"]) >= copying.FEWEST_TARGETS


def _documented(ground: Ground, project: Project, row: int) -> bool:
    attached = any(a["doctype"] == "政策依据" for a in project["attachments"])
    return attached and bool(project["policy_basis"])


def _cited(ground: Ground, project: Project, row: int) -> bool:
    first_day = f"{project['fiscal_year']}-01-01"
    return any((policy["valid_to"] or first_day) >= first_day for policy in project["policy_basis"])


def _copy_text(ground: Ground, row: int) -> None:
    taker = _another(ground, row, _other_department)
    if taker is not None:
        copying.copy_text(ground, taker, row)


def _copy_targets(ground: Ground, row: int) -> None:
    taker = _another(ground, row, _same_type)
    if taker is not None:
        copying.copy_targets(ground, taker, row)


def _other_department(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["dept_code"] != other["dept_code"])


def _same_type(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["project_type"] == other["project_type"])


def _another(ground: Ground, row: int, alike: Callable[[Project, Project], bool]) -> int | None:
    """A free row of another series in the same round that is alike."""
    own = ground.project(row)
    for other in ground.rng.permutation(len(ground))[: _TRIED * 20]:
        if int(other) == row or not ground.free(int(other)):
            continue
        project = ground.project(int(other))
        same_round = project["fiscal_year"] == own["fiscal_year"]
        if same_round and project["pro_code"] != own["pro_code"] and alike(own, project):
            return int(other)
    return None


def _tables(
    ground: Ground, projects: pa.Table, outcomes: pa.Table, truth: pa.Table
) -> PlantedTables:
    count = len(ground)
    touched, made_from = list(ground.touched), [row for row, _ in ground.added]
    changed = [*ground.touched.values(), *(project for _, project in ground.added)]
    every = pa.concat_tables([projects, pa.Table.from_pylist(changed, schema=projects.schema)])
    row_of = np.arange(count)
    row_of[touched] = count + np.arange(len(touched))
    order, source = _order(ground, made_from)
    added = count + len(touched) + np.arange(len(made_from))
    every = every.take(np.concatenate([row_of, added])[order])
    key = every.select(["pro_code", "fiscal_year"])
    return PlantedTables(
        every,
        _keyed(_unfunded(outcomes.take(source), order >= count), key),
        _keyed(truth.take(source), key),
        planted_table(ground.planted),
    )


def _order(ground: Ground, made_from: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """All projects in their order with the added ones anywhere among them; and whence they come."""
    count = len(ground)
    place = np.concatenate([np.arange(count), ground.rng.uniform(0, count, len(made_from))])
    order = np.argsort(place, kind="stable")
    return order, np.concatenate([np.arange(count), made_from]).astype(np.int64)[order]


def _keyed(table: pa.Table, key: pa.Table) -> pa.Table:
    for place, name in enumerate(key.column_names):
        table = table.set_column(place, table.schema.field(name), key[name])
    return table


_FUNDED = ("approved_amt", "budget_amt", "adjusted_amt", "executed_amt", "eval_score", "eval_grade")


def _unfunded(outcomes: pa.Table, added: np.ndarray) -> pa.Table:
    mask = pa.array(added)
    for name in _FUNDED:
        place, field = outcomes.column_names.index(name), outcomes.schema.field(name)
        values = pc.if_else(mask, pa.scalar(None, field.type), outcomes[name])
        outcomes = outcomes.set_column(place, field, values)
    return outcomes
