"""The constants of trees: what of a walk depends on a split and a side, and not on the row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from models import tree_layout as at
from models.quadrature import gauss_legendre
from models.tree_shape import TreeShape, leaf_of
from models.tree_text import Integers, TreeNodes

_BEYOND = 8
"""Numbers behind the last constant, so that whole vectors can be read."""


@dataclass(frozen=True)
class TreeConstants:
    """The constants of a forest.

    pool: all of them. of_split, of_tree: where each one's begin, (splits,) and (trees,). sizes: how
    many a split has, (splits,). base: the mean prediction of the training rows.

    A tree's constants are its quadrature weights and the complements of its nodes; without splits,
    the value of its leaf. The splits of a tree follow each other in the order of their first steps.
    """

    pool: Numbers
    of_split: Integers
    of_tree: Integers
    sizes: Integers
    base: float


def constants_of(
    nodes: TreeNodes, shape: TreeShape, quadrature: Integers, opened: Integers
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
            found = _split_constants(nodes, shape, some, rule)[:, :width]
            pool[offsets[some, None] + np.arange(width)] = found
        start += 2 * rule
    pool[start : start + len(alone)] = lone_values
    tree_constants[alone] = start + np.arange(len(alone))
    leaf = shape.children < 0
    weighted = (nodes.values[leaf_of(shape.children)] * shape.cover)[leaf]
    base = math.fsum([*weighted, *lone_values])
    return TreeConstants(pool, offsets, tree_constants, size, base)


def _split_constants(nodes: TreeNodes, shape: TreeShape, some: Integers, rule: int) -> Numbers:
    """The constants of splits in trees of `rule` quadrature nodes, (splits, at.ARRAYS + 4 rule)."""
    t, rest = gauss_legendre(rule).nodes, gauss_legendre(rule).complements
    repeated = shape.ancestor[some] >= 0
    above = np.where(repeated[:, None], rest + t / shape.share[some, None], 1.0)
    jacobian = 1.0 / shape.share[some, None] / (above * above)
    first, second = ((rest + t / shape.edge_share[some, which, None]) / above for which in (0, 1))
    cold = rest / above
    hot = 1.0 / shape.ratio[some] - 1.0
    leaf = shape.children[some] < 0
    value = np.where(leaf, nodes.values[leaf_of(shape.children[some])], 0.0)
    weighted = value * np.where(leaf, shape.cover[some], 0.0)
    a, b = weighted[:, :1], weighted[:, 1:]
    one_leaf, two_leaves = (leaf.sum(axis=1) == n for n in (1, 2))
    found = np.zeros((len(some), at.ARRAYS + at.ARRAY_COUNT * rule))
    found[:, at.THRESHOLD] = nodes.thresholds[some]
    found[:, at.VALUE_FIRST], found[:, at.VALUE_SECOND] = value.T
    pair_hot = hot * weighted - weighted[:, ::-1]
    found[:, at.HOT] = np.select(
        [two_leaves, one_leaf], [pair_hot[:, 0], hot[:, 0] * a[:, 0]], hot[:, 0]
    )
    found[:, at.COLD] = np.where(two_leaves, pair_hot[:, 1], -a[:, 0])
    found[:, at.HOT_SECOND] = hot[:, 1]
    found[:, at.NEITHER] = a[:, 0] + b[:, 0]
    arrays = found[:, at.ARRAYS :].reshape(len(some), at.ARRAY_COUNT, rule)
    two, one = two_leaves[:, None], one_leaf[:, None]
    arrays[:, at.ONE] = np.where(two, first * a + cold * b, np.where(one, first * a, first))
    arrays[:, at.TWO] = np.where(two, cold * a + second * b, second)
    arrays[:, at.COLD_FACTOR] = cold
    arrays[:, at.JACOBIAN] = jacobian
    return found
