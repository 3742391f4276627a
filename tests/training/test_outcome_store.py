"""Contributions are taken in once, replace what was said before, and can be left out again."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.errors import FileError, OutcomeStoreError, TrainingError
from tests.contributed import CATALOGUE, written
from training.gathered_outcomes import Statement, gather
from training.outcome_store import OutcomeStore


def _project(number: int, **more: Any) -> dict[str, Any]:
    return {"code": f"P{number}", "year": 2024, "office": "O1", "type": "road", **more}


@pytest.fixture
def store(tmp_path: Path) -> OutcomeStore:
    return OutcomeStore(tmp_path / "home", CATALOGUE)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    rows = [_project(1, outcome_axis=50, outcome_cost=100), _project(2, outcome_axis=60)]
    return written(tmp_path / "first.csv", rows)


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """What came a year later: a corrected axis of P1, a cost of P2, no word about P1's cost."""
    rows = [
        {"code": "P1", "year": 2024, "outcome_axis": 55, "outcome_cost": ""},
        {"code": "P2", "year": 2024, "outcome_axis": "", "outcome_cost": 300},
    ]
    return written(tmp_path / "late" / "outcomes.csv", rows)


def test_the_same_file_twice_changes_nothing(store: OutcomeStore, first: Path) -> None:
    contribution, new = store.add(first, "bureau")
    assert new
    before = gather(store)
    assert store.add(first, "somebody else") == (contribution, False)
    assert store.contributions() == [contribution]
    assert gather(store).data.digest == before.data.digest


def test_control_one_byte_more_is_another_contribution(store: OutcomeStore, first: Path) -> None:
    store.add(first, "bureau")
    first.write_text(first.read_text() + "\n")
    assert store.add(first, "bureau")[1]


def test_a_later_contribution_replaces_what_it_knows(
    store: OutcomeStore, first: Path, late: Path
) -> None:
    store.add(first, "bureau")
    store.add(late, "evaluators")
    found = gather(store)
    assert [p.project_id for p in found.data.projects] == ["P1", "P2"]
    assert found.data.outcomes["outcome_axis"].tolist() == [55, 60]
    assert found.data.outcomes["outcome_cost"].tolist() == [100, 300]
    assert found.contributors == ("evaluators", "evaluators")
    said = {("P1", 2024): (Statement(1, 50.0), Statement(2, 55.0))}
    assert found.history == {(key, "outcome_axis"): values for key, values in said.items()}


def test_an_excluded_contribution_counts_no_more_until_it_is_included(
    store: OutcomeStore, first: Path, late: Path
) -> None:
    store.add(first, "bureau")
    store.add(late, "evaluators")
    whole = gather(store).data
    excluded = store.decide(2, True, "Li", "labels look lifted")
    assert excluded.excluded
    without = gather(store).data
    assert without.outcomes["outcome_axis"].tolist() == [50, 60]
    assert np.isnan(without.outcomes["outcome_cost"][1])
    assert without.digest != whole.digest
    included = store.decide(2, False, "Wang", "checked with the evaluators")
    assert [(d.excluded, d.by, d.reason) for d in included.decisions] == [
        (True, "Li", "labels look lifted"),
        (False, "Wang", "checked with the evaluators"),
    ]
    again = gather(store).data
    assert again.digest == whole.digest
    assert again.outcomes["outcome_axis"].tolist() == [55, 60]


def test_a_decision_that_changes_nothing_is_not_kept(store: OutcomeStore, first: Path) -> None:
    store.add(first, "bureau")
    assert store.decide(1, False, "Li", "again").decisions == ()


def test_quality_tells_unreadable_rows_from_impossible_values(
    store: OutcomeStore, tmp_path: Path
) -> None:
    rows = [
        _project(1, outcome_axis=50, outcome_cost=-5),
        _project(2, outcome_axis=101, outcome_cost=5),
        _project(3, type="bridge"),
        _project(4, outcome_axis="", outcome_cost=""),
    ]
    quality = store.add(written(tmp_path / "bad.csv", rows), "bureau")[0].quality
    assert (quality.rows, quality.read, quality.possible) == (4, 0.75, 0.5)
    assert quality.score == 0.375
    assert quality.known == {"outcome_axis": pytest.approx(2 / 3), "outcome_cost": 2 / 3}


def test_outcomes_of_projects_that_nobody_declared_are_named(
    store: OutcomeStore, first: Path, tmp_path: Path
) -> None:
    store.add(first, "bureau")
    stray = [{"code": "P9", "year": 2024, "outcome_axis": 70}]
    store.add(written(tmp_path / "stray" / "outcomes.csv", stray), "bureau")
    found = gather(store)
    assert found.undeclared == {("P9", 2024): 2}
    assert len(found.data.projects) == 2


def test_altered_files_are_refused(store: OutcomeStore, first: Path) -> None:
    contribution, _ = store.add(first, "bureau")
    kept = store.files(contribution).projects
    assert kept is not None
    kept.write_text(kept.read_text().replace("50", "95"))
    with pytest.raises(OutcomeStoreError, match=r"files of contribution 1 with sha256"):
        gather(store)


def test_what_is_not_there_is_said(store: OutcomeStore, late: Path, tmp_path: Path) -> None:
    with pytest.raises(OutcomeStoreError, match=r"expected a contribution \(none\); got 7"):
        store.decide(7, True, "Li", "")
    with pytest.raises(FileError, match="nothing there"):
        store.add(tmp_path / "absent.csv", "bureau")
    store.add(late, "evaluators")
    with pytest.raises(TrainingError, match="expected contributions with declared projects"):
        gather(store)


def _add(home: Path, path: Path) -> int:
    return OutcomeStore(home, CATALOGUE).add(path, "bureau")[0].number


def test_racing_additions_leave_each_file_once(tmp_path: Path, first: Path, late: Path) -> None:
    home = tmp_path / "home"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        numbers = pool.starmap(_add, [(home, path) for path in (first, late) * 4])
    every = OutcomeStore(home, CATALOGUE).contributions()
    assert len({each.digest for each in every}) == len(every) == 2
    assert set(numbers) == {each.number for each in every}
