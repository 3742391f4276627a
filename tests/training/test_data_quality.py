"""Duplicates, impossible labels and changes are named by project; sound data are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.contributed import CATALOGUE, contributed, small_rows, written
from tests.small_model import SMALL_TREES
from training.data_quality import MOST_LINES, QualityEvidence, quality_evidence
from training.gathered_outcomes import GatheredOutcomes, gather
from training.outcome_store import OutcomeStore
from training.split import TimeSplit
from training.train import TrainingSettings


def _found(now: GatheredOutcomes, before: GatheredOutcomes | None = None) -> QualityEvidence:
    settings = TrainingSettings(TimeSplit.of(now.data.years), SMALL_TREES)
    return quality_evidence(now, before, settings)


def test_control_sound_data_have_no_finding(tmp_path: Path) -> None:
    told = _found(gather(contributed(tmp_path))).told()
    assert not any(lines for _, lines in told.flagged())


def test_a_row_that_comes_twice_and_a_copied_project_are_duplicates(tmp_path: Path) -> None:
    rows = small_rows(700)
    rows += [rows[4], {**rows[5], "code": "COPY"}]
    store = OutcomeStore(tmp_path, CATALOGUE)
    store.add(written(tmp_path / "rows.csv", rows), "bureau")
    year = rows[4]["year"]
    assert _found(gather(store)).duplicates == (
        f"contribution 1, row 702: P4 of {year} again, first in row 6",
        f"COPY {rows[5]['year']} = P5: the same facts and the same outcomes",
    )


def test_impossible_labels_are_named_with_why(tmp_path: Path) -> None:
    rows = small_rows(700)
    rows[0]["outcome_axis"] = 130
    rows[1]["outcome_cost"] = -1
    rows[2]["outcome_cost"] = float(rows[2]["asked"]) * 10_000
    store = OutcomeStore(tmp_path, CATALOGUE)
    store.add(written(tmp_path / "rows.csv", rows), "bureau")
    stray = [{"code": "P9000", "year": 2024, "outcome_axis": 50}]
    store.add(written(tmp_path / "late" / "outcomes.csv", stray), "bureau")
    found = _found(gather(store)).impossible
    assert found[:3] == (
        "P0 2020 outcome_axis = 130: outside the range of the score",
        "P1 2021 outcome_cost = -1: an amount below 0",
        "P9000 2024: never declared, yet has outcomes (contribution 2)",
    )
    assert found[3].startswith("P2 2022 outcome_cost = ")
    assert found[3].endswith("another unit?")
    assert len(found) == 4


def test_labels_that_changed_since_last_time_are_named(tmp_path: Path) -> None:
    store = contributed(tmp_path)
    before = gather(store)
    p3 = before.data.outcomes["outcome_axis"][3]
    late = [{"code": "P3", "year": 2023, "outcome_axis": 99}]
    store.add(written(tmp_path / "late" / "outcomes.csv", late), "evaluators")
    now = gather(store)
    assert _found(now, before).changed == (f"P3 2023 outcome_axis: {p3:g} → 99",)
    assert _found(now, now).changed == ()  # control
    between = _found(now).changed
    assert between == (f"P3 2023 outcome_axis: {p3:g} (contribution 1) → 99 (contribution 2)",)


def test_a_contributor_who_lifts_labels_is_flagged_among_others(tmp_path: Path) -> None:
    now = gather(contributed(tmp_path, 1_400))
    data = now.data
    said = data.outcomes["outcome_axis"].copy()
    contributors = np.array([f"bureau {n % 8}" for n in range(len(said))])
    own = np.flatnonzero(contributors == "bureau 3")[::10]
    said[own] += 2 * said.std()
    lifted = replace(
        now,
        data=replace(data, outcomes={**data.outcomes, "outcome_axis": said}),
        contributors=tuple(contributors.tolist()),
    )
    told = _found(lifted).told().lifted
    assert len(told) == 1
    assert told[0].startswith("contributor=bureau 3 axis: ")


def test_the_comparison_quotes_so_many_and_says_how_many_more() -> None:
    lines = tuple(f"P{n}" for n in range(MOST_LINES + 5))
    told = QualityEvidence(lines, (), (), "earlier contributions", ()).told()
    assert len(told.duplicates) == MOST_LINES + 1
    assert told.duplicates[-1] == "… 5 more, listed in the evidence"
