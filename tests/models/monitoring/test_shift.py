"""A shift is judged by its size: as many projects again do not make it larger."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from models.monitoring.shift import Shift, Verdict, shift

SIZES = (200, 200_000)


def _moved(by: float, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    return chance.normal(0, 1, size), chance.normal(by, 1, size)


@pytest.mark.parametrize(
    ("by", "verdict"), [(0.0, Verdict.STABLE), (0.1, Verdict.STABLE), (1.2, Verdict.SHIFTED)]
)
def test_the_same_shift_has_the_same_verdict_at_any_size(by: float, verdict: Verdict) -> None:
    for size in SIZES:
        found = [Shift("x", *shift(*_moved(by, size, seed))).verdict for seed in range(20)]
        assert found.count(verdict) >= 19


def test_control_a_test_of_significance_changes_its_mind() -> None:
    few, many = (ks_2samp(*_moved(0.1, size, 1)).pvalue for size in SIZES)
    assert few > 0.01 > many


def test_chance_is_taken_off() -> None:
    """The mean effect of no shift at all is nearly 0; untouched it would be about 0.09."""
    effects = [shift(*_moved(0.0, 200, seed))[0] for seed in range(100)]
    assert np.mean(effects) < 0.03


def test_the_error_is_the_spread_of_the_effect() -> None:
    found = np.array([shift(*_moved(0.6, 500, seed)) for seed in range(200)])
    assert found[:, 0].std() == pytest.approx(found[:, 1].mean(), rel=0.2)


def test_a_share_of_unknown_values_is_a_shift_of_its_own() -> None:
    before, after = _moved(0.0, 2_000, 3)
    after[:800] = np.nan
    assert shift(before, after)[0] > 1
    assert shift(before, before)[0] == 0


def test_codes_are_counted_and_not_ordered() -> None:
    before, after = np.repeat([0.0, 1.0, 2.0], 500), np.repeat([0.0, 1.0, 2.0], [900, 300, 300])
    effect, _ = shift(before, after, codes=True)
    p, q = np.array([1 / 3, 1 / 3, 1 / 3]), np.array([0.6, 0.2, 0.2])
    assert effect == pytest.approx(float(((p - q) * np.log(p / q)).sum()), abs=0.01)
