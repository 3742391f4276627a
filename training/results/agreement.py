"""Agreement of two gradings on an ordered scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.operations import Numbers

Grades = npt.NDArray[np.int64]


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
