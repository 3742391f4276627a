"""What past rounds say of the next: nothing where they agree, an allowance where they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.drift import NO_DRIFT, STRICTEST, measured_drift

LEVEL, CONFIDENCE = 0.8, 0.95


def _rounds(shifts: list[float], count: int = 400, seed: int = 5) -> tuple[list[Any], list[Any]]:
    """Scores of both tails per round; a round is shifted upwards by so many deviations."""
    chance = np.random.default_rng(seed)
    errors = [chance.normal(size=count) + shift for shift in shifts]
    return [-e for e in errors], errors


def test_rounds_alike_ask_for_nearly_nothing() -> None:
    allowances = [
        measured_drift([1, 2, 3], *_rounds([0, 0, 0], seed=seed), LEVEL, CONFIDENCE).allowance
        for seed in range(20)
    ]
    assert np.median(allowances) == 0.0
    assert max(allowances) < 0.05


def test_rounds_that_shift_ask_for_an_allowance() -> None:
    drift = measured_drift([1, 2, 3], *_rounds([-0.4, 0, 0.4]), LEVEL, CONFIDENCE)
    assert 0.02 < drift.allowance <= STRICTEST * (1 - LEVEL) / 2
    assert drift.between > 0.03
    assert drift.rounds == (1, 2, 3)
    # the low end is missed most in the first round, the high end in the last
    lows, highs = zip(*drift.misses, strict=True)
    assert lows[0] > lows[2]
    assert highs[0] < highs[2]


def test_the_allowance_never_takes_more_than_half_a_tail() -> None:
    drift = measured_drift([1, 2, 3], *_rounds([-9, 0, 9]), LEVEL, CONFIDENCE)
    assert drift.allowance == pytest.approx(0.05)


def _allowance(shift: float, confidence: float) -> float:
    scores = _rounds([-shift, 0, shift], count=20_000)
    return measured_drift([1, 2, 3], *scores, 0.5, confidence).allowance


def test_greater_shifts_and_greater_confidence_ask_for_more() -> None:
    assert 0 < _allowance(0.06, 0.9) < _allowance(0.12, 0.9) < 0.125
    assert _allowance(0.06, 0.9) < _allowance(0.06, 0.97) < 0.125


@pytest.mark.parametrize("rounds", [[], [2020]])
def test_fewer_than_two_rounds_tell_nothing(rounds: list[int]) -> None:
    below, above = _rounds([0.0] * len(rounds))
    drift = measured_drift(rounds, below, above, LEVEL, CONFIDENCE)
    assert (drift.allowance, drift.between, drift.misses) == (0.0, 0.0, ())
    assert drift.rounds == tuple(rounds)
    assert NO_DRIFT.allowance == 0.0
