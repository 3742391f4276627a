"""The one-standard-error rule, worked out by hand, and the price it saves."""

from __future__ import annotations

import numpy as np
import pytest

from training.cheapest_settings import Trial, best, cheapest, noise, price
from training.growing import TreeSettings

GIVEN = TreeSettings(trees=100, leaves=11)
DEAR = TreeSettings(trees=200, leaves=11)
CHEAP = TreeSettings(trees=50, leaves=11)


def trial(settings: TreeSettings, *rounds: list[float]) -> Trial:
    return Trial(settings, tuple(np.array(losses) for losses in rounds))


def test_price_is_the_number_of_splits() -> None:
    # a tree of 11 leaves has 10 splits
    assert [price(s) for s in (CHEAP, GIVEN, DEAR)] == [500, 1000, 2000]


def test_each_round_counts_alike() -> None:
    assert trial(GIVEN, [1.0, 3.0], [5.0]).loss == 3.5


def test_noise_worked_out_by_hand() -> None:
    one = trial(GIVEN, [2.0, 6.0], [4.0, 4.0, 10.0])
    other = trial(GIVEN, [1.0, 3.0], [3.0, 3.0, 3.0])
    # differences 1, 3 with variance 2 over 2 cases; 1, 1, 7 with variance 12 over 3 cases
    assert noise(one, other) == pytest.approx(np.sqrt(2 / 2 + 12 / 3) / 2)
    assert noise(one, other) == noise(other, one)
    assert noise(one, one) == 0


@pytest.mark.parametrize(
    ("losses", "taken"),
    [
        # better by 0.5 on every project: no noise at all, so the gain is worth its price
        ({"given": [2.0, 2.0], "dear": [1.5, 1.5], "cheap": [3.0, 3.0]}, DEAR),
        # better by 0.5 ± 0.5: within the noise, so the given ones stay
        ({"given": [2.0, 2.0], "dear": [1.0, 2.0], "cheap": [9.0, 9.0]}, GIVEN),
        # worse by 0.1 ± 0.3: within the noise, so the cheap ones do as well
        ({"given": [2.0, 2.0], "dear": [3.0, 3.0], "cheap": [2.4, 1.8]}, CHEAP),
        # worse by 0.1 on every project: beyond the noise
        ({"given": [2.0, 2.0], "dear": [3.0, 3.0], "cheap": [2.1, 2.1]}, GIVEN),
    ],
)
def test_what_is_taken(losses: dict[str, list[float]], taken: TreeSettings) -> None:
    by_name = {"given": GIVEN, "dear": DEAR, "cheap": CHEAP}
    trials = [trial(by_name[name], found) for name, found in losses.items()]
    assert cheapest(trials).settings == taken


def test_control_the_best_by_loss_alone_would_take_the_dear_ones() -> None:
    trials = [trial(GIVEN, [2.0, 2.0]), trial(DEAR, [1.0, 2.0])]
    assert best(trials).settings == DEAR
    assert cheapest(trials).settings == GIVEN


def test_never_dearer_for_a_gain_within_the_noise_though_as_good_as_the_best() -> None:
    dearest = TreeSettings(trees=400, leaves=11)
    trials = [
        trial(GIVEN, [2.0, 2.0]),
        trial(DEAR, [1.0, 2.5]),  # gains 0.25 ± 0.75 on the given ones
        trial(dearest, [1.5, 1.5]),  # gains 0.5 ± 0
    ]
    assert best(trials).settings == dearest
    # DEAR is within the noise of the best and cheaper, but not surely better than what was given.
    assert trials[1].loss - trials[2].loss <= noise(trials[1], trials[2])
    assert cheapest(trials).settings == dearest


def test_of_equally_cheap_ones_the_better() -> None:
    twin = TreeSettings(trees=50, leaves=11, l2=9.0)
    trials = [trial(GIVEN, [2.0, 2.1]), trial(CHEAP, [2.1, 2.0]), trial(twin, [2.0, 2.0])]
    assert cheapest(trials).settings == twin
