"""The constants of trees: what of a walk depends on a split and a side, and not on the row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from models import tree_layout as at
from models.quadrature import gauss_legendre
from models.split_numbers import SplitNumbers
from models.tree_shape import TreeShape
from models.tree_text import Integers, TreeNodes

_BEYOND = 8
"""Numbers behind the last constant, so that whole vectors can be read."""


@dataclass(frozen=True)
class TreeConstants:
    """The constants of a forest.

    pool: all of them. of_split, of_tree: where each one's begin, (splits,) and (trees,). base: the
    mean prediction of the training rows.

    A tree's constants are its quadrature weights and the complements of its nodes; without splits,
    the value of its leaf. The splits of a tree follow each other in the order of their first steps.
    """

    pool: Numbers
    of_split: Integers
    of_tree: Integers
    base: float


def constants_of(
    nodes: TreeNodes,
    shape: TreeShape,
    numbers: SplitNumbers,
    quadrature: Integers,
    opened: Integers,
) -> TreeConstants:
    """The constants of a forest.

    Args:
        quadrature: the quadrature nodes of each tree, (trees,); 0 for one without splits.
        opened: the place of each split's first step, (splits,).
    """
    rules = [int(n) for n in np.unique(quadrature) if n]
    alone = np.flatnonzero(quadrature == 0)
    lone_values = nodes.values[nodes.leaf_starts[alone]]
    own = quadrature[shape.tree]
    repeated = shape.ancestor >= 0
    size = at.ARRAYS + np.where(repeated, at.ARRAY_COUNT, at.COLD_FACTOR) * own
    in_order = np.argsort(opened)
    head = 2 * sum(rules) + len(alone)
    offsets = np.empty(len(own), dtype=np.int64)
    offsets[in_order] = head + np.cumsum(size[in_order]) - size[in_order]
    pool = np.zeros(head + int(size.sum()) + _BEYOND)
    tree_constants = np.empty(len(quadrature), dtype=np.int64)
    start = 0
    for rule in rules:
        pool[start : start + rule] = gauss_legendre(rule).weights
        pool[start + rule : start + 2 * rule] = gauss_legendre(rule).complements
        tree_constants[quadrature == rule] = start
        for which, arrays in ((False, at.COLD_FACTOR), (True, at.ARRAY_COUNT)):
            some = np.flatnonzero((own == rule) & (repeated == which))
            width = at.ARRAYS + arrays * rule
            found = _split_constants(shape, numbers, some, rule)[:, :width]
            pool[offsets[some, None] + np.arange(width)] = found
        start += 2 * rule
    pool[start : start + len(alone)] = lone_values
    tree_constants[alone] = start + np.arange(len(alone))
    base = math.fsum([*numbers.leaf[shape.children < 0], *lone_values])
    return TreeConstants(pool, offsets, tree_constants, base)


def _split_constants(shape: TreeShape, numbers: SplitNumbers, some: Integers, rule: int) -> Numbers:
    """The constants of splits in trees of `rule` quadrature nodes, (splits, at.ARRAYS + 4 rule).

    models/tree_kernel_row.h makes them from the same numbers by the same operations.
    """
    t, rest = gauss_legendre(rule).nodes, gauss_legendre(rule).complements
    share, inverse = numbers.share[some, None], numbers.inverse[some]
    within = 1.0 / (rest * share + t)
    quotient = np.where(shape.ancestor[some, None] >= 0, share * within, 1.0)
    first, second = ((rest + t * inverse[:, which, None]) * quotient for which in (0, 1))
    cold = rest * quotient
    leaf = numbers.leaf[some]
    a, b = leaf[:, :1], leaf[:, 1:]
    hot = inverse * share - 1.0
    pair_hot = hot * leaf - leaf[:, ::-1]
    two = np.count_nonzero(shape.children[some] < 0, axis=1)[:, None] == 2
    found = np.zeros((len(some), at.ARRAYS + at.ARRAY_COUNT * rule))
    found[:, at.THRESHOLD] = numbers.threshold[some]
    found[:, at.VALUE_FIRST], found[:, at.VALUE_SECOND] = numbers.value[some].T
    found[:, at.HOT] = np.where(two[:, 0], pair_hot[:, 0], hot[:, 0] * leaf[:, 0])
    found[:, at.COLD] = np.where(two[:, 0], pair_hot[:, 1], -leaf[:, 0])
    found[:, at.HOT_SECOND] = hot[:, 1]
    found[:, at.NEITHER] = leaf.sum(axis=1)
    arrays = found[:, at.ARRAYS :].reshape(len(some), at.ARRAY_COUNT, rule)
    arrays[:, at.ONE] = np.where(two, first * a + cold * b, first * a)
    arrays[:, at.TWO] = np.where(two, cold * a + second * b, second)
    arrays[:, at.COLD_FACTOR] = cold
    arrays[:, at.JACOBIAN] = quotient * within
    return found
