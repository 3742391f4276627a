"""A rehearsed comparison is the one that retraining would make; its gates notice a worse model."""

from __future__ import annotations

from pathlib import Path

from models.approval import Status
from models.release.release_policy import release_policy
from tests.rulers import catalogue_of, ruler
from tests.small_model import SMALL_TREES, small_data
from training.growing import TreeSettings
from training.rehearsal import rehearse
from training.split import TimeSplit
from training.train import TrainingSettings

LITTLE = TreeSettings(trees=1, leaves=2, learning_rate=0.01, least_rows_per_leaf=20)


def test_the_challenger_is_compared_on_the_round_that_neither_has_seen() -> None:
    data = small_data(catalogue_of(ruler()), 1_400)
    older, newer = TimeSplit(2021, 2022), TimeSplit.of(data.years)
    case = rehearse(
        data, TrainingSettings(older, SMALL_TREES), TrainingSettings(newer, SMALL_TREES)
    )
    assert case.comparison.data.rounds == (2024,)
    assert case.champion.facts.years[1] == 2022
    told = case.verdicts(release_policy(None, Path("/nowhere")))
    gates = {verdict.gate for verdict in told}
    assert {"no_worse", "coverage", "from_zero", "identity", "climber"} <= gates
    assert not {"bundle", "data_quality", "reviewed"} & gates
    assert [v.name for v in told if v.gate == "no_worse" and v.status is Status.FAIL] == []


def test_control_a_model_that_learned_little_fails() -> None:
    data = small_data(catalogue_of(ruler()), 1_400)
    split = TimeSplit.of(data.years)
    case = rehearse(data, TrainingSettings(split, SMALL_TREES), TrainingSettings(split, LITTLE))
    told = case.verdicts(release_policy(None, Path("/nowhere")))
    failed = {v.head for v in told if v.gate == "no_worse" and v.status is Status.FAIL}
    assert {"axis", "second"} <= failed
