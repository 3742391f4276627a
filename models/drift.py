"""Allowance for rounds that differ: how much stricter a range must be to hold in a new round.

Split-conformal calibration promises coverage when the next round is like the calibration round.
Where past rounds differ from each other by more than chance, the round is the unit that varies:
the miss rate of a fixed range in each past round is one observation, the variance between rounds
is estimated as in a random-effects model (DerSimonian and Laird, 1986), and the allowance is the
one-sided upper limit of a new round's miss rate. Hierarchical conformal prediction (Dunn,
Wasserman and Ramdas, 2022) would need more rounds than a bureau has; the t limit takes its place
and is a model, not a guarantee. Without a difference beyond chance, the allowance is zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from features.operations import Numbers
from models.conformal_quantile import conformal_quantile

REFIT_NOISE = 0.01
"""Miss rates of equally good models differ by about a hundredth because each is refitted."""
STRICTEST = 0.5
"""At most this share of a tail's miss rate is given up: beyond it the range says nothing."""


@dataclass(frozen=True)
class Drift:
    """What past rounds say of the next.

    allowance: how much smaller each tail's miss rate is made, a share. between: the standard
    deviation of the miss rate between rounds, beyond chance. misses: per forecast round, the
    shares below and above a range that fits all of them together; empty when there were too few
    rounds to tell.
    """

    allowance: float
    between: float
    rounds: tuple[int, ...]
    misses: tuple[tuple[float, float], ...]


NO_DRIFT = Drift(0.0, 0.0, (), ())
"""The answer where nobody asked."""


def measured_drift(
    rounds: Sequence[int],
    below: Sequence[Numbers],
    above: Sequence[Numbers],
    level: float,
    confidence: float,
) -> Drift:
    """The drift between past rounds, each forecast from the rounds before it.

    Args:
        below, above: per round, the conformal scores of each tail, each of shape (n of the round,).
        confidence: that a new round's miss rate stays within the level.
    """
    if len(rounds) < 2:
        return Drift(0.0, 0.0, tuple(rounds), ())
    rates, excesses = [], []
    for scores in (below, above):
        pooled = conformal_quantile(np.concatenate(scores), (1 + level) / 2)
        missed = np.array([float((part > pooled).mean()) for part in scores])
        mean = float((np.concatenate(scores) > pooled).mean())
        chance = np.array([mean * (1 - mean) / len(part) for part in scores]) + REFIT_NOISE**2
        rates.append(missed)
        excesses.append(float(missed.var(ddof=1) - chance.mean()))
    between = math.sqrt(max(0.0, float(np.mean(excesses))))
    freedom = 2 * (len(rounds) - 1)
    limit = float(stdtrit(freedom, confidence)) * between * math.sqrt(1 + 1 / len(rounds))
    allowance = min(limit, STRICTEST * (1 - level) / 2)
    misses = tuple((float(low), float(high)) for low, high in zip(*rates, strict=True))
    return Drift(allowance, between, tuple(rounds), misses)
