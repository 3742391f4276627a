"""Agreement of two gradings on an ordered scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.operations import Numbers

Grades = npt.NDArray[np.int64]


def quadratic_kappa(given: Grades, true: Grades, levels: int) -> float:
    """Cohen's κ with quadratic weights: 1 agreement, 0 what chance gives; NaN for one constant.

    Source: Cohen (1968), "Weighted kappa".
    """
    seen = np.zeros((levels, levels))
    np.add.at(seen, (given, true), 1.0)
    by_chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    apart = (np.arange(levels)[:, None] - np.arange(levels)[None, :]) ** 2
    disagreement = float((apart * by_chance).sum())
    return 1 - float((apart * seen).sum()) / disagreement if disagreement else float("nan")


def accuracy(given: Grades, true: Grades) -> float:
    """The share of equal grades."""
    return float((given == true).mean())


def graded(value: Numbers, cuts: Numbers) -> Grades:
    """The number of cuts that each value reaches, shape (n,)."""
    return np.asarray(np.searchsorted(cuts, value, side="right"), dtype=np.int64)


def matching_cuts(value: Numbers, true: Grades, levels: int) -> Numbers:
    """Cuts at which the values fall into grades as often as the true grades do, shape (levels−1,).

    A mean prediction is never as extreme as an outcome, so the outcome's own cuts would give no
    top grade; these keep the order and restore the shares of the round they are taken from.
    """
    below = np.array([(true < grade).mean() for grade in range(1, levels)])
    return np.asarray(np.quantile(value, below), dtype=np.float64)
