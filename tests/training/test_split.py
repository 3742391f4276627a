"""The split by rounds: nothing of a later round is learned from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import TrainingError
from training.rolling_origins import rolling_origins
from training.split import TimeSplit

YEARS = np.array([2019, 2020, 2021, 2022, 2022, 2020])


def test_the_last_round_tests_and_the_one_before_calibrates() -> None:
    split = TimeSplit.of(YEARS)
    assert (split.fit_until, split.calibrate_until) == (2020, 2021)
    assert split.fit(YEARS).tolist() == [True, True, False, False, False, True]
    assert split.calibrate(YEARS).tolist() == [False, False, True, False, False, False]
    assert split.test(YEARS).tolist() == [False, False, False, True, True, False]


def test_without_a_test_round_the_last_one_calibrates() -> None:
    assert TimeSplit.of(YEARS, test_rounds=0) == TimeSplit(2021, 2022)


@given(st.lists(st.integers(2000, 2030), min_size=3, max_size=40), st.integers(0, 2))
def test_each_row_has_one_use_and_no_use_leaks_into_an_earlier_one(
    years: list[int], tests: int
) -> None:
    rounds = np.array(years)
    if len(set(years)) < 2 + tests:
        with pytest.raises(TrainingError, match=f"expected at least {2 + tests} rounds"):
            TimeSplit.of(rounds, tests)
        return
    split = TimeSplit.of(rounds, tests)
    uses = [split.fit(rounds), split.calibrate(rounds), split.test(rounds)]
    assert (np.sum(uses, axis=0) == 1).all()
    fit, calibrate, test = (rounds[use] for use in uses)
    assert fit.max() < calibrate.min()
    assert len(test) == 0 or calibrate.max() < test.min()
    assert len(set(test.tolist())) == tests


def test_too_few_rounds_are_named() -> None:
    with pytest.raises(TrainingError, match=r"expected at least 3 rounds .* got 2: 2020, 2021;"):
        TimeSplit.of(np.array([2020, 2021]))


@pytest.mark.parametrize("until", [2019, 2020])
def test_calibration_comes_after_fitting(until: int) -> None:
    with pytest.raises(TrainingError, match="expected a calibration round after the last round"):
        TimeSplit(2020, until)


def test_origins_roll_over_the_last_rounds_with_windows_of_one_length() -> None:
    origins = rolling_origins(np.array([2015, 2016, 2017, 2018, 2019, 2019]), 3)
    assert [(o.window, o.round) for o in origins] == [
        ((2015, 2016), 2017),
        ((2016, 2017), 2018),
        ((2017, 2018), 2019),
    ]
    years = np.array([2016, 2019, 2018])
    assert origins[2].fit(years).tolist() == [False, False, True]
    assert origins[2].forecast(years).tolist() == [False, True, False]
    assert all(max(o.window) < o.round for o in origins)


def test_too_few_rounds_have_no_origins() -> None:
    assert rolling_origins(np.array([2015, 2016, 2017]), 3) == ()
