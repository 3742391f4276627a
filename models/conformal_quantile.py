"""The quantile of calibration scores that later scores stay below in the stated share."""

from __future__ import annotations

import math

import numpy as np

from features.operations import Numbers


def conformal_quantile(scores: Numbers, level: float) -> float:
    """The smallest score that at least `level` of exchangeable later scores do not exceed.

    The ⌈(n + 1) · level⌉-th smallest of n scores; infinite where n is too small for the level.
    """
    rank = math.ceil((len(scores) + 1) * level - 1e-9)
    if rank > len(scores):
        return math.inf
    return float(np.partition(scores, rank - 1)[rank - 1])
