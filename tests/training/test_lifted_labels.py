"""A department whose labels were lifted is flagged, no other is, and clean labels flag nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.catalogue import load_catalogue
from tests.rulers import catalogue_of, ruler
from tests.small_model import SMALL_TREES, province_folder, small_data
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.growing import TreeSettings
from training.lifted_labels import FALSE_ALARM, GroupEvidence, lifted_labels
from training.out_of_fold import group_folds
from training.split import TimeSplit
from training.train import TrainingSettings

CATALOGUE = catalogue_of(ruler())
SEEDS = (1, 2, 3, 4)


def _small(seed: int) -> AppraisalData:
    return small_data(CATALOGUE, 1_400, seed)


def planted(data: AppraisalData, column: str, department: str, seed: int) -> AppraisalData:
    """One in ten of a department's labels lifted by two standard deviations of all labels."""
    said = data.outcomes[column].copy()
    own = np.flatnonzero((np.array(data.groups) == department) & ~np.isnan(said))
    chosen = np.random.default_rng(seed).choice(own, round(len(own) / 10), replace=False)
    said[chosen] += 2 * np.nanstd(said)
    return replace(data, outcomes={**data.outcomes, column: said})


def _found(data: AppraisalData, trees: TreeSettings = SMALL_TREES) -> list[GroupEvidence]:
    settings = TrainingSettings(TimeSplit.of(data.years), trees)
    return lifted_labels(data, data.groups, settings)


def _flagged(found: list[GroupEvidence]) -> list[tuple[str, str]]:
    return [(each.group, each.head) for each in found if each.flagged]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tenth_of_a_departments_labels_lifted_is_flagged_and_nothing_else(seed: int) -> None:
    department = f"O{seed}"
    found = _found(planted(_small(seed), "outcome_axis", department, seed))
    assert _flagged(found) == [(department, "axis")]


@pytest.mark.parametrize("seed", SEEDS)
def test_control_clean_labels_flag_nobody(seed: int) -> None:
    found = _found(_small(seed))
    assert len(found) == 7 * 3  # offices × heads with labels that can be lifted by degrees
    assert _flagged(found) == []
    assert min(each.p for each in found) > FALSE_ALARM


def test_a_whole_department_lifted_is_flagged_by_its_shift() -> None:
    data = _small(5)
    groups = tuple(f"{group}{row % 3}" for row, group in enumerate(data.groups))
    said = data.outcomes["outcome_axis"] + 8.0 * (np.array(groups) == "O31")
    lifted = replace(data, groups=groups, outcomes={**data.outcomes, "outcome_axis": said})
    found = _found(lifted)
    assert _flagged(found) == [("O31", "axis")]
    first = found[0]
    assert first.z > 5
    assert first.influence is not None
    assert first.influence > 0


def test_the_suspects_are_the_projects_that_were_lifted() -> None:
    data = _small(6)
    lifted = planted(data, "outcome_axis", "O2", 6)
    moved = lifted.outcomes["outcome_axis"] != data.outcomes["outcome_axis"]
    really = {data.projects[i].project_id for i in np.flatnonzero(moved)}
    suspects = [each.project_id for each in _found(lifted)[0].suspects]
    assert len(really & set(suspects)) >= 0.8 * len(really)
    assert set(suspects[: len(really) // 2]) <= really


def test_a_group_of_its_own_sort_is_not_flagged_for_being_different() -> None:
    """Nobody else has such projects: what is expected of them means nothing."""
    data = _small(7)
    projects = tuple(
        replace(p, values={**p.values, "type": "care" if group == "O1" else "road"})
        for p, group in zip(data.projects, data.groups, strict=True)
    )
    said = data.outcomes["outcome_axis"] + 20.0 * (np.array(data.groups) == "O1")
    apart = replace(data, projects=projects, outcomes={**data.outcomes, "outcome_axis": said})
    found = _found(apart)
    assert _flagged(found) == []
    told = next(each for each in found if (each.group, each.head) == ("O1", "axis"))
    assert np.isnan(told.z)


def test_too_few_groups_cannot_be_told_apart() -> None:
    data = _small(8)
    few = tuple("A" if group < "O3" else "B" for group in data.groups)
    assert _found(replace(data, groups=few)) == []


def test_folds_keep_groups_whole_and_even() -> None:
    groups = [f"G{n % 11}" for n in range(220)]
    folds = group_folds(groups)
    assert all(len({f for f, g in zip(folds, groups, strict=True) if g == n}) == 1 for n in groups)
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= 20


@pytest.fixture(scope="module")
def invented() -> AppraisalData:
    return read_appraisal_data(province_folder(), load_catalogue("zero_base"))


def test_nobody_in_the_invented_province_is_flagged(invented: AppraisalData) -> None:
    assert _flagged(_found(invented, TreeSettings())) == []


@pytest.mark.parametrize("department", ["205001", "208003"])
def test_lifted_in_the_invented_province(invented: AppraisalData, department: str) -> None:
    found = _found(planted(invented, "expert_necessity", department, 7), TreeSettings())
    assert _flagged(found) == [(department, "necessity")]
