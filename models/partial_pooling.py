"""Partial pooling of conformal offsets: a category's own as far as categories really differ.

An offset from a hundred cases is mostly chance. How much categories differ beyond chance is
estimated from their miss rates under the common offset, as in a random-effects model (DerSimonian
and Laird, 1986); each category's offset is then drawn to the common one by its share of chance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.conformal_quantile import conformal_quantile

Mask = npt.NDArray[np.bool_]


def partially_pooled(scores: Numbers, members: Sequence[Mask], tail: float) -> Numbers:
    """One offset for each group, shape (groups,); infinite where a group is too small.

    Args:
        scores: (n,), conformal scores of one tail.
        members: for each group, which of the n cases are in it, shape (n,) each.
        tail: the share of scores that must not exceed the offset.
    """
    if not members:
        return np.empty(0)
    common = conformal_quantile(scores, tail)
    own = np.array([conformal_quantile(scores[inside], tail) for inside in members])
    missed = np.array([float((scores[inside] > common).mean()) for inside in members])
    chance = np.array([tail * (1 - tail) / inside.sum() for inside in members])
    between = max(0.0, float(np.mean((missed - (1 - tail)) ** 2 - chance)))
    trust = between / (between + chance)
    if np.isinf(common):  # nothing to be drawn to
        return own
    reached = np.isfinite(own)
    own[reached] = common + trust[reached] * (own[reached] - common)
    return own
