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
from models.tree_constants import TreeConstants, constants_of
from models.tree_shape import TreeShape, shape_of
from models.tree_steps import steps_of
from models.tree_text import Integers, TreeNodes

Small = npt.NDArray[np.int32]
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
    bit sets, 64 codes each. trees: (trees, TREE_FIELDS). upward: (splits,), tree by tree, children
    before their parents and those of two leaves first. closing: (splits,), tree by tree, the order
    in which splits add to their features. A split is numbered within its tree there and in the
    fields that name another split; WAY_TURNED and WAY_OTHER are places of constants.
    sources: (columns, 2), the column of the matrix and how it is read. features: how many
    contribute. depth: of the deepest split. nodes: the most quadrature nodes of any tree.
    base: the mean prediction that contributions start from.
    """

    steps: Small
    splits: Small
    constants: Numbers
    words: Words
    trees: Small
    upward: Small
    closing: Small
    sources: Small
    features: int
    depth: int
    nodes: int
    base: float

    def over(self, columns: Sequence[int]) -> TreeProgram:
        """The same program for a matrix whose column `columns[i]` holds feature i."""
        sources = self.sources.copy()
        sources[:, 0] = np.array(columns, dtype=np.int32)[sources[:, 0]]
        return replace(self, sources=sources)


def compiled(nodes: TreeNodes, rule: NodeRule = exact_nodes) -> TreeProgram:
    """The program of a forest.

    Args:
        rule: from the distinct features on a tree's longest path to its quadrature nodes.
    """
    shape = shape_of(nodes)
    quadrature = _quadrature_nodes(nodes, shape, rule)
    steps, opened = steps_of(shape)
    constants = constants_of(nodes, shape, quadrature, opened)
    words, first_word, word_counts = _words(nodes, shape)
    columns, sources = _columns(nodes)
    splits = np.empty((len(nodes.features), at.SPLIT_FIELDS), dtype=np.int32)
    splits[:, at.COLUMN] = columns
    splits[:, at.WORDS], splits[:, at.FIRST_WORD] = word_counts, first_word
    left = (nodes.decisions & _DEFAULT_LEFT) > 0
    splits[:, at.FLAGS] = left * at.MISSING_LEFT + shape.swapped * at.SWAPPED
    splits[:, at.FEATURE] = nodes.features
    splits[:, at.CONSTANTS] = constants.of_split
    _place(splits, nodes, shape)
    splits[:, [at.WAY_TURNED, at.WAY_OTHER]] = _ways(shape, quadrature, constants)
    begin = nodes.split_starts[shape.tree]
    two_leaves = (shape.children < 0).all(axis=1)
    closes = np.isin(steps[:, 0] // 2, at.CLOSING)
    return TreeProgram(
        steps.astype(np.int32),
        splits,
        constants.pool,
        words,
        _trees(nodes, shape, quadrature, steps, constants),
        (np.lexsort((-shape.depth, ~two_leaves, shape.tree)) - begin).astype(np.int32),
        (steps[closes, 1] - begin).astype(np.int32),
        sources,
        len(nodes.names),
        int(shape.depth.max(initial=0)),
        int(quadrature.max(initial=1)),
        constants.base,
    )


def _place(splits: Small, nodes: TreeNodes, shape: TreeShape) -> None:
    """Fill in where each split is in its tree."""
    begin = nodes.split_starts[shape.tree]
    splits[:, at.DEPTH], splits[:, at.SIDE] = shape.depth, shape.side
    splits[:, at.ANCESTOR] = np.where(shape.edge >= 0, shape.depth[shape.edge], -1)
    for which, found in (
        (at.PARENT, shape.parent),
        (at.EDGE, shape.edge),
        (at.FIRST, shape.children[:, 0]),
        (at.SECOND, shape.children[:, 1]),
    ):
        splits[:, which] = np.where(found >= 0, found - begin, -1)


def _ways(shape: TreeShape, quadrature: Integers, constants: TreeConstants) -> Integers:
    """Where the factors of the edge to each split are, (splits, 2): for a row that turned to the
    parent's first child, and for one that did not."""
    nodes, parent = quadrature[shape.tree], np.maximum(shape.parent, 0)
    arrays = constants.of_split[parent] + at.ARRAYS
    own = arrays + shape.side * nodes
    cold = np.where(
        shape.ancestor[parent] >= 0,
        arrays + at.COLD_FACTOR * nodes,
        constants.of_tree[shape.tree] + nodes,
    )
    ways = np.stack([own, cold], axis=1)
    return np.where(shape.side[:, None] == 0, ways, ways[:, ::-1])


def _trees(
    nodes: TreeNodes,
    shape: TreeShape,
    quadrature: Integers,
    steps: Integers,
    constants: TreeConstants,
) -> Small:
    found = np.empty((len(quadrature), at.TREE_FIELDS), dtype=np.int32)
    counts = np.bincount(shape.tree[steps[:, 1]], minlength=len(found))
    found[:, at.FIRST_STEP], found[:, at.STEP_COUNT] = np.cumsum(counts) - counts, counts
    found[:, at.NODE_COUNT], found[:, at.TREE_CONSTANTS] = quadrature, constants.of_tree
    first = nodes.split_starts[:-1]
    found[:, at.FIRST_SPLIT], found[:, at.SPLIT_COUNT] = first, np.diff(nodes.split_starts)
    found[:, at.CONSTANTS_COUNT] = np.bincount(shape.tree, constants.sizes, len(found))
    return found


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


def _columns(nodes: TreeNodes) -> tuple[Integers, Small]:
    """The column that each split reads, (splits,), and each column's feature and reading."""
    missing = nodes.decisions >> 2
    reading = np.select(
        [nodes.categorical, missing == _MISSING_NONE, missing == _MISSING_ZERO],
        [at.CODE, at.ZERO_FOR_MISSING, at.ZERO_IS_MISSING],
        at.AS_IS,
    )
    pairs = np.stack([nodes.features, reading], axis=1)
    sources, columns = np.unique(pairs, axis=0, return_inverse=True)
    return columns.reshape(-1).astype(np.int64), sources.astype(np.int32).reshape(-1, 2)
