"""Agreement of two gradings on an ordered scale beyond what chance gives."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from features.operations import Numbers

Classes = npt.NDArray[np.int64]


def weighted_kappa(
    first: Classes, second: Classes, classes: int, weights: Numbers | None = None
) -> float:
    """Cohen's κ weighted by squared distance: 1 agreement, 0 what chance gives.

    A table of pairs and two sums, because intervals draw it a thousand times.

    Args:
        first, second: the class of each case from 0, shape (n,).
        classes: how many there are.
        weights: how much each case counts, shape (n,); all alike where none are given.

    Returns:
        NaN where everybody says the same class of every case.

    Source: Cohen (1968), "Weighted kappa".
    """
    pairs = np.bincount(first * classes + second, weights, minlength=classes**2)
    seen = pairs.reshape(classes, classes)
    by_chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    apart = (np.arange(classes)[:, None] - np.arange(classes)[None, :]) ** 2
    disagreement = float((apart * by_chance).sum())
    return 1 - float((apart * seen).sum()) / disagreement if disagreement else math.nan
