"""Trees compiled into a program: one walk gives a row's prediction and its exact Shapley values.

Path-dependent tree SHAP (Lundberg et al., 2020) of a feature i is a sum over leaves. With d
features on the leaf's path, z the share of training rows that follow all the path's splits of a
feature and o whether the row does (0 or 1), a leaf of value v contributes

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

Where exactly one child is a leaf, it is the first. A split whose feature was split on further up
the path (its ancestor) replaces that split's factor; its constants are quotients of the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models import tree_layout as at
from models.packed_splits import PackedSplits, Small, over, packed
from models.split_numbers import split_numbers
from models.tree_constants import constants_of
from models.tree_shape import TreeShape, shape_of
from models.tree_steps import steps_of
from models.tree_text import Integers, TreeNodes

Words = npt.NDArray[np.uint64]
NodeRule = Callable[[int], int]

_MISSING_NONE, _MISSING_ZERO = 0, 1
_DEFAULT_LEFT = 2


def exact_nodes(features: int) -> int:
    """Quadrature nodes that are exact where so many distinct features are on a path."""
    return max(1, math.ceil(features / 2))


@dataclass(frozen=True)
class TreeProgram:
    """A program as models/tree_layout.py lays it out.

    steps: (steps, 2), what to do at which split; 2 · code + 1 where the split's feature has an
    ancestor, else 2 · code. splits: (splits, SPLIT_FIELDS). constants: of splits and trees. words:
    bit sets, 64 codes each. trees: (trees, TREE_FIELDS). closing: (splits,), tree by tree, the
    order in which splits add to their features. A split is numbered within its tree there and in
    the fields that name another split. packed: the same splits for the walk of a single row.
    sources: (columns, 2), the column of the matrix and how it is read. features: how many
    contribute. depth: of the deepest split. nodes: the most quadrature nodes of any tree.
    base: the mean prediction that contributions start from.
    """

    steps: Small
    splits: Small
    constants: Numbers
    words: Words
    trees: Small
    closing: Small
    packed: PackedSplits
    sources: Small
    features: int
    depth: int
    nodes: int
    base: float

    def over(self, columns: Sequence[int]) -> TreeProgram:
        """The same program for a matrix whose column `columns[i]` holds feature i."""
        places = np.array(columns, dtype=np.int32)
        sources = over(self.sources, places)
        return replace(self, sources=sources, packed=self.packed.over(places))


def compiled(nodes: TreeNodes, rule: NodeRule = exact_nodes) -> TreeProgram:
    """The program of a forest.

    Args:
        rule: from the distinct features on a tree's longest path to its quadrature nodes.
    """
    shape = shape_of(nodes)
    numbers = split_numbers(nodes, shape)
    quadrature = _quadrature_nodes(nodes, shape, rule)
    steps, opened = steps_of(shape)
    constants = constants_of(nodes, shape, numbers, quadrature, opened)
    words, first_word, word_counts = _words(nodes, shape)
    readings = _readings(nodes)
    columns, sources = _columns(nodes, readings)
    splits = np.empty((len(nodes.features), at.SPLIT_FIELDS), dtype=np.int32)
    splits[:, at.COLUMN] = columns
    splits[:, at.WORDS], splits[:, at.FIRST_WORD] = word_counts, first_word
    left = (nodes.decisions & _DEFAULT_LEFT) > 0
    splits[:, at.FLAGS] = left * at.MISSING_LEFT + shape.swapped * at.SWAPPED
    splits[:, at.FEATURE] = nodes.features
    splits[:, at.CONSTANTS] = constants.of_split
    _place(splits, nodes, shape)
    closing = steps[np.isin(steps[:, 0] // 2, at.CLOSING), 1]
    trees = np.empty((len(quadrature), at.TREE_FIELDS), dtype=np.int32)
    step_counts = np.bincount(shape.tree[steps[:, 1]], minlength=len(trees))
    for field, found in (
        (at.FIRST_STEP, np.cumsum(step_counts) - step_counts),
        (at.STEP_COUNT, step_counts),
        (at.NODE_COUNT, quadrature),
        (at.TREE_CONSTANTS, constants.of_tree),
        (at.FIRST_SPLIT, nodes.split_starts[:-1]),
        (at.SPLIT_COUNT, np.diff(nodes.split_starts)),
    ):
        trees[:, field] = found
    return TreeProgram(
        steps.astype(np.int32),
        splits,
        constants.pool,
        words,
        trees,
        (closing - nodes.split_starts[shape.tree]).astype(np.int32),
        packed(nodes, shape, numbers, quadrature, splits, readings, closing),
        sources,
        len(nodes.names),
        int(shape.depth.max(initial=0)),
        int(quadrature.max(initial=1)),
        constants.base,
    )


def _place(splits: Small, nodes: TreeNodes, shape: TreeShape) -> None:
    """Fill in where each split is in its tree."""
    begin = nodes.split_starts[shape.tree]
    splits[:, at.DEPTH] = shape.depth
    splits[:, at.ANCESTOR] = np.where(shape.edge >= 0, shape.depth[shape.edge], -1)
    for which, found in (
        (at.EDGE, shape.edge),
        (at.FIRST, shape.children[:, 0]),
        (at.SECOND, shape.children[:, 1]),
    ):
        splits[:, which] = np.where(found >= 0, found - begin, -1)


def _quadrature_nodes(nodes: TreeNodes, shape: TreeShape, rule: NodeRule) -> Integers:
    """The quadrature nodes of each tree, shape (trees,); 0 for a tree without splits."""
    longest = np.zeros(len(nodes.split_starts) - 1, dtype=np.int64)
    np.maximum.at(longest, shape.tree, shape.distinct)
    wanted = {int(features): rule(int(features)) for features in np.unique(longest)} | {0: 0}
    return np.array([wanted[int(features)] for features in longest], dtype=np.int64)


def _words(nodes: TreeNodes, shape: TreeShape) -> tuple[Words, Integers, Integers]:
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
    which = (nodes.set_starts[tree] + np.where(chosen, nodes.thresholds, 0).astype(np.int64))[
        chosen
    ]
    first_word, word_counts = np.zeros((2, len(chosen)), dtype=np.int64)
    first_word[chosen] = np.array(starts, dtype=np.int64)[which]
    word_counts[chosen] = np.array(counts, dtype=np.int64)[which]
    return np.array(joined, dtype=np.uint64), first_word, word_counts


def _readings(nodes: TreeNodes) -> Integers:
    """How each split reads its value, (splits,)."""
    missing = nodes.decisions >> 2
    return np.select(
        [nodes.categorical, missing == _MISSING_NONE, missing == _MISSING_ZERO],
        [at.CODE, at.ZERO_FOR_MISSING, at.ZERO_IS_MISSING],
        at.AS_IS,
    )


def _columns(nodes: TreeNodes, readings: Integers) -> tuple[Integers, Small]:
    """The column that each split reads, (splits,), and each column's feature and reading."""
    pairs = np.stack([nodes.features, readings], axis=1)
    sources, columns = np.unique(pairs, axis=0, return_inverse=True)
    return columns.reshape(-1).astype(np.int64), sources.astype(np.int32).reshape(-1, 2)
