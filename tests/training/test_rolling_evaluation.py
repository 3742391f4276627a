"""Round after round, each is forecast by a model of the rounds before it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.rulers import catalogue_of, ruler
from tests.small_model import SMALL_TREES, small_data
from training.rolling_evaluation import rolling_evaluation
from training.split import TimeSplit
from training.train import TrainingSettings


def test_each_round_is_forecast_and_the_first_two_are_not() -> None:
    data = small_data(catalogue_of(ruler()), 1_400)
    settings = TrainingSettings(TimeSplit.of(data.years), SMALL_TREES)
    seen: list[int] = []
    found = rolling_evaluation(data, settings, rounds=9, report=seen.append)
    assert list(found) == seen == [2022, 2023, 2024]
    assert found[2023]["axis"].metrics["n"] == np.count_nonzero(data.years == 2023)


def test_what_came_later_changes_no_forecast() -> None:
    data = small_data(catalogue_of(ruler()))
    settings = TrainingSettings(TimeSplit.of(data.years), SMALL_TREES)
    later = {
        name: np.where(data.years == 2024, column * 0 + 1, column)
        for name, column in data.outcomes.items()
    }
    before = rolling_evaluation(data, settings, rounds=2)[2023]
    after = rolling_evaluation(replace(data, outcomes=later), settings, rounds=2)[2023]
    assert before["axis"].metrics == after["axis"].metrics
