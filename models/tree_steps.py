"""The steps of a walk through trees: for each split, what is done before and after its children."""

from __future__ import annotations

import numpy as np

from models import tree_layout as at
from models.tree_shape import TreeShape
from models.tree_text import Integers


def steps_of(shape: TreeShape) -> tuple[Integers, Integers]:
    """All steps in order, (steps, 2), and the place of each split's first one, (splits,)."""
    inner = shape.children >= 0
    length = np.choose(inner.sum(axis=1), [1, 2, 3])
    deepest_first = np.argsort(-shape.depth, kind="stable")
    for split in _levels(deepest_first, shape.depth):
        for which in (0, 1):
            some = split[inner[split, which]]
            length[some] += length[shape.children[some, which]]
    opened = np.zeros(len(length), dtype=np.int64)
    roots = np.flatnonzero(shape.parent < 0)
    opened[roots] = np.cumsum(length[roots]) - length[roots]
    for split in _levels(deepest_first[::-1], shape.depth):
        both = split[inner[split].all(axis=1)]
        one = split[inner[split].sum(axis=1) == 1]
        first, second = shape.children[both].T
        opened[first] = opened[both] + 1
        opened[second] = opened[first] + length[first] + 1
        opened[shape.children[one, 1]] = opened[one] + 1
    steps = np.empty((int(length[roots].sum()), 2), dtype=np.int64)
    leaves, one, both = (inner.sum(axis=1) == n for n in range(3))
    for some, code in ((leaves, at.BOTH_LEAVES), (one, at.OPEN_SECOND), (both, at.OPEN_FIRST)):
        steps[opened[some], 0] = code
    between = opened[both] + 1 + length[shape.children[both, 0]]
    steps[between, 0], steps[between, 1] = at.BETWEEN, np.flatnonzero(both)
    for some, code in ((one, at.CLOSE_ONE), (both, at.CLOSE_BOTH)):
        closed = opened[some] + length[some] - 1
        steps[closed, 0], steps[closed, 1] = code, np.flatnonzero(some)
    steps[opened, 1] = np.arange(len(opened))
    steps[:, 0] = 2 * steps[:, 0] + (shape.ancestor[steps[:, 1]] >= 0)
    return steps, opened


def _levels(order: Integers, depth: Integers) -> list[Integers]:
    """Splits in the given order, cut where the depth changes."""
    return np.split(order, np.flatnonzero(np.diff(depth[order])) + 1) if len(order) else []
