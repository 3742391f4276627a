"""Trees compiled into a program: one walk gives a row's prediction and its exact Shapley values.

Path-dependent tree SHAP (Lundberg et al., 2020) of a feature i is a sum over leaves. With d features
on the leaf's path, z the share of training rows that follow all the path's splits of a feature and o
whether the row does (0 or 1), a leaf of value v contributes

    v · (o_i − z_i) · ∫₀¹ ∏_{j ≠ i} (z_j (1 − t) + o_j t) dt,

because ∫ tˢ (1 − t)^(d − 1 − s) dt is the weight of a subset of s of d features. The integrand is a
polynomial of degree d − 1 at most, so Gauss–Legendre quadrature with ⌈d/2⌉ nodes is exact. As in
Linear TreeSHAP (Yu et al., 2022), the leaves below an edge share the factors of the path to it:
products of factors go down the tree, sums of what lies below come up, and each split adds to its
feature. The factors are divided by z, whose product goes into the leaf's value; all that depends on
a split and its side alone is a constant of the program.

A program is a list of steps, split by split, the same for every row:

    both children leaves         BOTH_LEAVES
    first a leaf, second not     OPEN_SECOND … CLOSE_ONE
    both not leaves              OPEN_FIRST … BETWEEN … CLOSE_BOTH

Where exactly one child is a leaf, it is the first. A split whose feature was split on further up the
path (its ancestor) replaces that split's factor; its constants are quotients of the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.quadrature import gauss_legendre
from models.tree_text import Integers, TreeNodes

Small = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

# The layout that the kernels read; models/tree_kernel.c has the same names.
COLUMN, WORDS, FIRST_WORD, FLAGS, FEATURE, DEPTH, ANCESTOR, CONSTANTS, SPLIT_FIELDS = range(9)
MISSING_LEFT, SWAPPED = 1, 2
THRESHOLD, VALUE_FIRST, VALUE_SECOND, HOT, COLD, HOT_SECOND, NEITHER, ARRAYS = range(8)
ONE, TWO, COLD_FACTOR, JACOBIAN, ARRAY_COUNT = range(5)
FIRST_STEP, STEP_COUNT, NODE_COUNT, TREE_CONSTANTS, TREE_FIELDS = range(5)
BOTH_LEAVES, OPEN_SECOND, OPEN_FIRST, CLOSE_ONE, BETWEEN, CLOSE_BOTH = range(6)
AS_IS, ZERO_FOR_MISSING, ZERO_IS_MISSING, CODE = range(4)

_MISSING_NONE, _MISSING_ZERO, _MISSING_NAN = range(3)
_LEAST_COUNT = 1e-12
"""Stands for the rows of a node that no training row reached, so that nothing is divided by 0."""

NodeRule = Callable[[int], int]


def exact_nodes(features: int) -> int:
    """Quadrature nodes that are exact where so many distinct features are on a path."""
    return max(1, math.ceil(features / 2))


@dataclass(frozen=True)
class TreeProgram:
    """A program for the kernels, which lay out as models/tree_kernel.c says.

    steps: (steps, 2), what to do at which split; a close step is 2 · code + 1 where the feature has
    an ancestor, else 2 · code. splits: (splits, SPLIT_FIELDS). constants: of splits and trees.
    words: bit sets, 64 codes each. trees: (trees, TREE_FIELDS). sources: (columns, 2), the column of
    the matrix and how it is read. first, second: (splits,), the children that are splits, else −1.
    features: how many contribute. depth: of the deepest split. nodes: the most of any tree.
    base: the mean prediction that contributions start from.
    """

    steps: Small
    splits: Small
    constants: Numbers
    words: Words
    trees: Small
    sources: Small
    first: Integers
    second: Integers
    features: int
    depth: int
    nodes: int
    base: float

    def over(self, columns: Sequence[int]) -> TreeProgram:
        """The same program for a matrix whose column `columns[i]` holds feature i."""
        sources = self.sources.copy()
        sources[:, 0] = np.array(columns, dtype=np.int32)[sources[:, 0]]
        return replace(self, sources=sources)


@dataclass(frozen=True)
class _Shape:
    """How splits lie in their trees; arrays of shape (splits,), (splits, 2) for first and second.

    children: splits ≥ 0, leaves < 0. edge_share: z of the feature along the edge to each child;
    share: z above the split, 1 for a feature that is new on the path. ratio: of the rows that turn
    to each child. cover: the share of training rows that reach each child. distinct: features on
    the path to the children. ancestor: the split above on the same feature, else −1.
    """

    tree: Integers
    depth: Integers
    swapped: Mask
    children: Integers
    ratio: Numbers
    share: Numbers
    edge_share: Numbers
    cover: Numbers
    distinct: Integers
    ancestor: Integers
    ancestor_slot: Integers


def compiled(nodes: TreeNodes, rule: NodeRule = exact_nodes) -> TreeProgram:
    """The program of a forest.

    Args:
        rule: from the distinct features on a tree's longest path to its quadrature nodes.
    """
    shape = _shape(nodes)
    quadrature = _quadrature_nodes(nodes, shape, rule)
    steps, opened = _steps(nodes, shape)
    pool, offsets, tree_constants, base = _constants(nodes, shape, quadrature, opened)
    words, first_word, word_counts = _words(nodes)
    columns, sources = _columns(nodes)
    splits = np.empty((len(nodes.features), SPLIT_FIELDS), dtype=np.int32)
    missing_left = np.where((nodes.decisions & 2) > 0, MISSING_LEFT, 0)
    splits[:, COLUMN] = columns
    splits[:, WORDS] = word_counts
    splits[:, FIRST_WORD] = first_word
    splits[:, FLAGS] = missing_left + np.where(shape.swapped, SWAPPED, 0)
    splits[:, FEATURE] = nodes.features
    splits[:, DEPTH] = shape.depth
    splits[:, ANCESTOR] = shape.ancestor_slot
    splits[:, CONSTANTS] = offsets
    trees = np.empty((len(nodes.split_starts) - 1, TREE_FIELDS), dtype=np.int32)
    counts = np.bincount(_tree_of_step(steps, shape), minlength=len(trees))
    trees[:, FIRST_STEP] = np.cumsum(counts) - counts
    trees[:, STEP_COUNT] = counts
    trees[:, NODE_COUNT] = quadrature
    trees[:, TREE_CONSTANTS] = tree_constants
    return TreeProgram(
        steps.astype(np.int32),
        splits,
        pool,
        words,
        trees,
        sources,
        np.where(shape.children[:, 0] >= 0, shape.children[:, 0], -1),
        np.where(shape.children[:, 1] >= 0, shape.children[:, 1], -1),
        len(nodes.names),
        int(shape.depth.max(initial=0)),
        int(quadrature.max(initial=1)),
        base,
    )


def _tree_of_step(steps: Integers, shape: _Shape) -> Integers:
    return np.asarray(shape.tree[steps[:, 1]], dtype=np.int64)


def _shape(nodes: TreeNodes) -> _Shape:
    count = len(nodes.features)
    sides = np.stack([nodes.left, nodes.right], axis=1)
    # Where exactly one child is a leaf, it is the first.
    swapped = (sides[:, 0] >= 0) & (sides[:, 1] < 0)
    children = np.where(swapped[:, None], sides[:, ::-1], sides)
    parent = np.full(count, -1, dtype=np.int64)
    side = np.zeros(count, dtype=np.int64)
    for which in (0, 1):
        inner = children[:, which] >= 0
        parent[children[inner, which]] = np.flatnonzero(inner)
        side[children[inner, which]] = which
    reached = np.maximum(nodes.counts, _LEAST_COUNT)
    leaf_reached = np.maximum(nodes.leaf_counts, _LEAST_COUNT)
    inside = np.append(reached, 1.0)[np.maximum(children, -1)]  # −1, a leaf, reads the 1
    below = np.where(children >= 0, inside, leaf_reached[_leaf(children)])
    ratio = below / reached[:, None]
    shape = _Shape(
        np.repeat(np.arange(len(nodes.split_starts) - 1), np.diff(nodes.split_starts)),
        np.zeros(count, dtype=np.int64),
        swapped,
        children,
        ratio,
        np.ones(count),
        np.empty((count, 2)),
        np.empty((count, 2)),
        np.zeros(count, dtype=np.int64),
        np.full(count, -1, dtype=np.int64),
        np.full(count, -1, dtype=np.int64),
    )
    level = np.flatnonzero(parent < 0)
    while len(level):
        _fill_level(level, nodes, shape, parent, side)
        below_level = children[level].ravel()
        level = np.sort(below_level[below_level >= 0])
    return shape


def _leaf(children: Integers) -> Integers:
    """The leaf that a child is; leaf 0 for those that are splits."""
    return np.asarray(-1 - np.minimum(children, -1), dtype=np.int64)


def _fill_level(
    level: Integers, nodes: TreeNodes, shape: _Shape, parent: Integers, side: Integers
) -> None:
    """What the splits of one depth get from the level above."""
    up, way = parent[level], side[level]
    inner = up >= 0
    shape.depth[level[inner]] = shape.depth[up[inner]] + 1
    cover = np.ones(len(level))
    cover[inner] = shape.cover[up[inner], way[inner]]
    looking, at, came = np.flatnonzero(inner), up[inner], way[inner]
    while len(looking):
        same = nodes.features[at] == nodes.features[level[looking]]
        found = level[looking[same]]
        shape.ancestor[found] = at[same]
        shape.ancestor_slot[found] = shape.depth[at[same]] + 1
        shape.share[found] = shape.edge_share[at[same], came[same]]
        looking, at = looking[~same], at[~same]
        came, at = side[at], parent[at]
        looking, came, at = looking[at >= 0], came[at >= 0], at[at >= 0]
    fresh = shape.ancestor[level] < 0
    above = np.zeros(len(level), dtype=np.int64)
    above[inner] = shape.distinct[up[inner]]
    shape.distinct[level] = above + fresh
    shape.edge_share[level] = shape.share[level, None] * shape.ratio[level]
    shape.cover[level] = cover[:, None] * shape.ratio[level]


def _quadrature_nodes(nodes: TreeNodes, shape: _Shape, rule: NodeRule) -> Integers:
    """The quadrature nodes of each tree, shape (trees,); 0 for a tree without splits."""
    longest = np.zeros(len(nodes.split_starts) - 1, dtype=np.int64)
    np.maximum.at(longest, shape.tree, shape.distinct)
    wanted = {int(features): rule(int(features)) for features in np.unique(longest)} | {0: 0}
    return np.array([wanted[int(features)] for features in longest], dtype=np.int64)


def _steps(nodes: TreeNodes, shape: _Shape) -> tuple[Integers, Integers]:
    """All steps in order, (steps, 2), and the place of each split's first one, (splits,)."""
    inner = shape.children >= 0
    length = np.choose(inner.sum(axis=1), [1, 2, 3])
    deepest_first = np.argsort(-shape.depth, kind="stable")
    for split in _levels(deepest_first, shape.depth):
        for which in (0, 1):
            some = split[inner[split, which]]
            length[some] += length[shape.children[some, which]]
    opened = np.zeros(len(length), dtype=np.int64)
    roots = nodes.split_starts[:-1][np.diff(nodes.split_starts) > 0]
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
    for some, code in ((leaves, BOTH_LEAVES), (one, OPEN_SECOND), (both, OPEN_FIRST)):
        steps[opened[some], 0] = code
    between = opened[both] + 1 + length[shape.children[both, 0]]
    steps[between, 0], steps[between, 1] = BETWEEN, np.flatnonzero(both)
    for some, code in ((one, CLOSE_ONE), (both, CLOSE_BOTH)):
        closed = opened[some] + length[some] - 1
        steps[closed, 0], steps[closed, 1] = code, np.flatnonzero(some)
    steps[opened, 1] = np.arange(len(opened))
    steps[:, 0] = 2 * steps[:, 0] + (shape.ancestor[steps[:, 1]] >= 0)
    return steps, opened


def _levels(order: Integers, depth: Integers) -> list[Integers]:
    """Splits in the given order, cut where the depth changes."""
    return np.split(order, np.flatnonzero(np.diff(depth[order])) + 1) if len(order) else []


def _constants(
    nodes: TreeNodes, shape: _Shape, quadrature: Integers, opened: Integers
) -> tuple[Numbers, Integers, Integers, float]:
    """The pool of constants, where each split's begin, where each tree's, and the base.

    A tree's constants are its quadrature weights and the complements of its nodes; without splits,
    the value of its leaf. Only a split with an ancestor has the last two of its arrays.
    """
    rules = [int(n) for n in np.unique(quadrature) if n]
    alone = np.flatnonzero(quadrature == 0)
    lone_values = nodes.values[nodes.leaf_starts[alone]]
    own = quadrature[shape.tree]
    size = ARRAYS + np.where(shape.ancestor >= 0, ARRAY_COUNT, COLD_FACTOR) * own
    in_order = np.argsort(opened)
    head = 2 * sum(rules) + len(alone)
    offsets = np.empty(len(own), dtype=np.int64)
    offsets[in_order] = head + np.cumsum(size[in_order]) - size[in_order]
    pool = np.zeros(head + int(size.sum()))
    tree_constants = np.empty(len(quadrature), dtype=np.int64)
    start = 0
    for rule in rules:
        pool[start : start + rule] = gauss_legendre(rule).weights
        pool[start + rule : start + 2 * rule] = gauss_legendre(rule).complements
        tree_constants[quadrature == rule] = start
        for repeated, arrays in ((False, COLD_FACTOR), (True, ARRAY_COUNT)):
            some = np.flatnonzero((own == rule) & ((shape.ancestor >= 0) == repeated))
            width = ARRAYS + arrays * rule
            found = _split_constants(nodes, shape, some, rule)[:, :width]
            pool[offsets[some, None] + np.arange(width)] = found
        start += 2 * rule
    pool[start : start + len(alone)] = lone_values
    tree_constants[alone] = start + np.arange(len(alone))
    leaf = shape.children < 0
    weighted = (nodes.values[_leaf(shape.children)] * shape.cover)[leaf]
    return pool, offsets, tree_constants, math.fsum([*weighted, *lone_values])


def _split_constants(nodes: TreeNodes, shape: _Shape, some: Integers, rule: int) -> Numbers:
    """The constants of splits in trees of `rule` quadrature nodes, (splits, ARRAYS + 4 rule)."""
    t, rest = gauss_legendre(rule).nodes, gauss_legendre(rule).complements
    repeated = shape.ancestor[some] >= 0
    above = np.where(repeated[:, None], rest + t / shape.share[some, None], 1.0)
    jacobian = 1.0 / shape.share[some, None] / (above * above)
    first, second = (
        (rest + t / shape.edge_share[some, which, None]) / above for which in (0, 1)
    )
    cold = rest / above
    hot = 1.0 / shape.ratio[some] - 1.0
    leaf = shape.children[some] < 0
    value = np.where(leaf, nodes.values[_leaf(shape.children[some])], 0.0)
    weighted = value * np.where(leaf, shape.cover[some], 0.0)
    a, b = weighted[:, :1], weighted[:, 1:]
    one_leaf, two_leaves = (leaf.sum(axis=1) == n for n in (1, 2))
    found = np.zeros((len(some), ARRAYS + ARRAY_COUNT * rule))
    found[:, THRESHOLD] = nodes.thresholds[some]
    found[:, VALUE_FIRST], found[:, VALUE_SECOND] = value.T
    pair_hot = hot * weighted - weighted[:, ::-1]
    found[:, HOT] = np.select([two_leaves, one_leaf], [pair_hot[:, 0], hot[:, 0] * a[:, 0]], hot[:, 0])
    found[:, COLD] = np.where(two_leaves, pair_hot[:, 1], -a[:, 0])
    found[:, HOT_SECOND] = hot[:, 1]
    found[:, NEITHER] = a[:, 0] + b[:, 0]
    arrays = found[:, ARRAYS:].reshape(len(some), ARRAY_COUNT, rule)
    two, one = two_leaves[:, None], one_leaf[:, None]
    arrays[:, ONE] = np.where(two, first * a + cold * b, np.where(one, first * a, first))
    arrays[:, TWO] = np.where(two, cold * a + second * b, second)
    arrays[:, COLD_FACTOR] = cold
    arrays[:, JACOBIAN] = jacobian
    return found


def _words(nodes: TreeNodes) -> tuple[Words, Integers, Integers]:
    """The bit sets in words of 64, and each split's first word and how many; 0 for a numerical."""
    joined: list[int] = []
    starts, counts = [], []
    for bits in nodes.sets:
        pairs = [*bits, *([0] * (len(bits) % 2))]
        starts.append(len(joined))
        joined += [low | high << 32 for low, high in zip(pairs[::2], pairs[1::2], strict=True)]
        counts.append(len(joined) - starts[-1])
    chosen = nodes.categorical
    tree = np.repeat(np.arange(len(nodes.split_starts) - 1), np.diff(nodes.split_starts))
    which = (nodes.set_starts[tree] + np.where(chosen, nodes.thresholds, 0).astype(np.int64))[chosen]
    first_word, word_counts = np.zeros((2, len(chosen)), dtype=np.int64)
    first_word[chosen] = np.array(starts, dtype=np.int64)[which]
    word_counts[chosen] = np.array(counts, dtype=np.int64)[which]
    return np.array(joined, dtype=np.uint64), first_word, word_counts


def _columns(nodes: TreeNodes) -> tuple[Integers, Small]:
    """The column that each split reads, (splits,), and each column's feature and reading."""
    missing = nodes.decisions >> 2
    reading = np.select(
        [nodes.categorical, missing == _MISSING_NONE, missing == _MISSING_ZERO],
        [CODE, ZERO_FOR_MISSING, ZERO_IS_MISSING],
        AS_IS,
    )
    pairs = np.stack([nodes.features, reading], axis=1)
    sources, columns = np.unique(pairs, axis=0, return_inverse=True)
    return columns.reshape(-1).astype(np.int64), sources.astype(np.int32).reshape(-1, 2)
