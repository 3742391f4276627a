"""What is planted in a province that nothing was calibrated on is found, and hardly more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from features.duplicates.compared_fields import Compared, compared_in
from features.duplicates.finding import found_pairs
from features.duplicates.found_pair import FoundPair
from features.duplicates.kinds import CONTINUED, KINDS, OTHER_YEAR, SAME_YEAR, SPLIT
from features.duplicates.traits import Traits
from training.duplicates.japan_verdicts import DIFFERENT, SAME, verdicts
from training.duplicates.measured import Measured, measured, measured_together
from training.duplicates.planted_calibration import SEEDS
from training.duplicates.planted_truth import Codes, planted_pairs, traits_in
from training.duplicates.results import TEST_SEEDS
from training.province import simulate_province

SEED = 211


@dataclass(frozen=True)
class Searched:
    projects: list[Traits]
    truth: Mapping[str, set[Codes]]
    decoys: Mapping[Codes, str]
    found: list[FoundPair]

    def of(self, kind: str) -> Measured:
        (told,) = (m for m in measured(self.found, self.truth) if m.kind == kind)
        return told


def shipped() -> Compared:
    compared = compared_in("zero_base")
    assert compared is not None
    return compared


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    files = simulate_province(tmp_path_factory.mktemp("p"), 2_600, seed=SEED, planting=True)
    assert files.planted is not None
    projects = traits_in(files.projects, "zero_base", shipped().fields)
    rows = pq.read_table(files.planted).to_pylist()
    decoys = {
        frozenset((row["project_id"], row["partner"])): row["kind"]
        for row in rows
        if row["kind"].startswith("decoy") and row["partner"]
    }
    found = found_pairs(projects, shipped())
    return Searched(projects, planted_pairs(files.planted), decoys, found)


def test_nothing_is_tested_on_what_it_was_calibrated_on() -> None:
    assert not {*SEEDS} & {*TEST_SEEDS, SEED}


def test_duplicates_and_splits_are_found(searched: Searched) -> None:
    kinds = [searched.of(kind) for kind in (SAME_YEAR, OTHER_YEAR, SPLIT, CONTINUED)]
    assert min(told.planted for told in kinds) >= 5
    right = sum(told.right for told in kinds)
    assert right / sum(told.planted for told in kinds) >= 0.9
    assert right / sum(told.found for told in kinds) >= 0.9
    (together,) = measured_together([[searched.of(SAME_YEAR)]])
    assert together == searched.of(SAME_YEAR)


def test_look_alikes_are_no_duplicates(searched: Searched) -> None:
    taken = [
        pair
        for pair in searched.found
        if pair.kind in (SAME_YEAR, OTHER_YEAR, SPLIT)
        and frozenset((pair.one.project_id, pair.other.project_id)) in searched.decoys
    ]
    assert len(searched.decoys) > 20
    assert len(taken) <= 1


def test_control_without_the_limit_much_else_is_taken_for_duplicates(searched: Searched) -> None:
    points = {
        name: one.model_copy(update={"limit": -14.0}) for name, one in shipped().points.items()
    }
    careless = found_pairs(searched.projects, shipped().model_copy(update={"points": points}))
    told = {m.kind: m for m in measured(careless, searched.truth)}
    assert told[SAME_YEAR].precision < 0.5


def test_measured_counts_pairs_by_kind(searched: Searched) -> None:
    truth = {SAME_YEAR: {frozenset("AB"), frozenset("CD")}}
    assert [m.recall for m in measured([], truth) if m.kind == SAME_YEAR] == [0.0]
    assert [m.kind for m in measured([], truth)] == list(KINDS)


def test_pairs_looked_at_by_hand_are_many_and_of_both_verdicts() -> None:
    assert len(verdicts()) >= 100
    assert set(verdicts().values()) == {SAME, DIFFERENT}
    assert all(one.split("|")[0] != other.split("|")[0] for one, other in verdicts())


def test_real_programmes_are_found_again(japan_review_file: Path) -> None:
    """A few ministries' sheets of the years that nothing was calibrated on."""
    from training.duplicates.japan_calibration import TESTED_ON, programme_of, sheets_of

    compared = compared_in("japan_review")
    assert compared is not None
    some = {"環境省", "警察庁", "法務省"}
    sheets = [s for s in sheets_of(japan_review_file, compared, TESTED_ON) if s.department in some]
    of_year = [{programme_of(s) for s in sheets if s.year == year} for year in TESTED_ON]
    again = of_year[0] & of_year[1]
    found = {
        programme_of(pair.one)
        for pair in found_pairs(sheets, compared)
        if pair.kind == CONTINUED and programme_of(pair.one) == programme_of(pair.other)
    }
    assert len(again) > 300
    assert len(found & again) / len(again) > 0.97
