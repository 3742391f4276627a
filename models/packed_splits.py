"""Splits packed for the walk of a single row: a few numbers each, read once and in order.

Many rows share what is read from memory and where the processor jumps; a single row waits for
both. So the factors of the edges, which models/tree_constants.py lays out ready for use, are here
left to the walk, which makes them from a few numbers by the same operations, with the same bits.
And trees of as many quadrature nodes are walked in bunches: what is done to a split of one kind is
done to all such splits of a bunch, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models import tree_layout as at
from models.quadrature import gauss_legendre
from models.split_numbers import SplitNumbers
from models.tree_shape import TreeShape
from models.tree_text import Integers, TreeNodes

Packed = npt.NDArray[np.void]
Short = npt.NDArray[np.int16]
Small = npt.NDArray[np.int32]

TURN = np.dtype(
    [("threshold", "=f8"), ("column", "=u2"), ("parent_way", "=u2"), ("child", "=i2", 2)]
)
"""Where a row turns at a split; models/tree_kernel.c has this type and the next two."""

EDGES = np.dtype([("inverse", "=f8", 2), ("leaf", "=f8", 2)])
"""What the factors of a split's edges are made from; see `SplitNumbers`."""

REPEATED = np.dtype(
    [("share", "=f8"), ("split", "=u2"), ("ancestor_way", "=u2"), ("unused", "=i2", 2)]
)
"""What there is besides of a split whose feature was split on before."""

_SPLITS_OF_A_BUNCH = 128
"""What is known of so many on the way fits into the first cache."""

_GREATEST = int(np.iinfo(np.int16).max)


@dataclass(frozen=True)
class PackedSplits:
    """The splits of a forest, packed bunch by bunch.

    Within a bunch, splits with a split below come first, parents before children. They are numbered
    from 1, and a child ≤ 0 is leaf −child of its tree. What there is for both children is ordered
    right, left: at 1 where a row turns left, which is where a column is at most the threshold. A
    way is 2 · split to its left child, 2 · split + 1 to its right; 0 where there is none. A
    categorical split has, instead of the threshold, the first word of its set and how many words.

    turns: (splits,) of `TURN`, and edges: (splits,) of `EDGES`; nothing where a number does not
    fit. sources: (columns, 2), the column of the matrix and how it is read. bunches: (bunches,
    BUNCH_FIELDS). repeated, by_set: bunch by bunch, `REPEATED` of the splits whose feature was
    split on before, and the categorical splits. trees: (trees, PACKED_TREE_FIELDS), bunch by
    bunch, without those that have no split. adding: (splits, 2), a place among all splits and the
    feature, in the order of adding. rules: quadratures, each in whole vectors of WIDE numbers:
    weights, nodes, complements. leaf_values: of all trees.
    """

    turns: Packed
    edges: Packed
    sources: Small
    bunches: Small
    repeated: Packed
    by_set: Short
    trees: Small
    adding: Small
    rules: Numbers
    leaf_values: Numbers

    def over(self, columns: Small) -> PackedSplits:
        """The same splits for a matrix whose column `columns[i]` holds feature i."""
        return replace(self, sources=over(self.sources, columns))


def over(sources: Small, columns: Small) -> Small:
    """Sources for a matrix whose column `columns[i]` holds feature i."""
    return np.stack([columns[sources[:, 0]], sources[:, 1]], axis=1)


def packed(
    nodes: TreeNodes,
    shape: TreeShape,
    numbers: SplitNumbers,
    quadrature: Integers,
    fields: Small,
    readings: Integers,
    closing: Integers,
) -> PackedSplits:
    """The splits of a forest, packed.

    Args:
        quadrature: the quadrature nodes of each tree, (trees,).
        fields: (splits, SPLIT_FIELDS).
        readings: how the value is read at each split, (splits,).
        closing: the splits in the order in which they add to their features.
    """
    counts = np.diff(nodes.split_starts)
    unknown_left = (fields[:, at.FLAGS] & at.MISSING_LEFT > 0) & (readings != at.CODE)
    read = readings + at.UNKNOWN_LEAST * unknown_left
    pairs, columns = np.unique(
        np.stack([nodes.features, read], axis=1), axis=0, return_inverse=True
    )
    columns = columns.reshape(-1)
    if (
        max(len(pairs), 2 * counts.max(initial=0) + 1) > _GREATEST
        or quadrature.max(initial=0) > at.MOST_NODES_OF_A_ROW
    ):
        return _nothing()
    bunch_of = _bunches(quadrature, counts)
    bunch = bunch_of[shape.tree]
    two_leaves = (shape.children < 0).all(axis=1)
    repeated, by_set = shape.ancestor >= 0, fields[:, at.WORDS] > 0
    order = np.lexsort((shape.depth, two_leaves, bunch))
    bunches = np.zeros((int(bunch_of.max(initial=-1)) + 1, at.BUNCH_FIELDS), dtype=np.int32)

    def counted(some: Integers) -> Integers:
        return np.bincount(some, minlength=len(bunches))

    sizes = counted(bunch)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    number = place - _starts(sizes)[bunch] + 1
    has_splits = np.flatnonzero(counts)
    in_bunches = has_splits[np.argsort(bunch_of[has_splits], kind="stable")]
    tree_counts = counted(bunch_of[in_bunches])
    rules, rule_of = _rules(quadrature)
    of_bunch = in_bunches[_starts(tree_counts)]
    deepest = np.zeros(len(bunches), dtype=np.int64)
    np.maximum.at(deepest, bunch, shape.depth + 1)
    for field, found in (
        (at.BUNCH_START, _starts(sizes)),
        (at.BUNCH_COUNT, sizes),
        (at.OPEN_COUNT, counted(bunch[~two_leaves])),
        (at.REPEATED_START, _starts(counted(bunch[repeated]))),
        (at.REPEATED_COUNT, counted(bunch[repeated])),
        (at.BY_SET_START, _starts(counted(bunch[by_set]))),
        (at.BY_SET_COUNT, counted(bunch[by_set])),
        (at.TREES_START, _starts(tree_counts)),
        (at.TREES_COUNT, tree_counts),
        (at.BUNCH_NODES, quadrature[of_bunch]),
        (at.BUNCH_RULE, rule_of[of_bunch]),
        (at.DEEPEST, deepest),
    ):
        bunches[:, field] = found
    trees = np.empty((len(in_bunches), at.PACKED_TREE_FIELDS), dtype=np.int32)
    trees[:, at.TREE], trees[:, at.ROOT] = in_bunches, number[nodes.split_starts[in_bunches]]
    trees[:, at.LEAVES] = nodes.leaf_starts[in_bunches]
    return PackedSplits(
        _turns(nodes, shape, fields, columns, number)[order],
        _edges(shape, numbers)[order],
        pairs.astype(np.int32),
        bunches,
        _repeated(shape, numbers, number, order[repeated[order]]),
        number[order][by_set[order]].astype(np.int16),
        trees,
        np.stack([place[closing], nodes.features[closing]], axis=1).astype(np.int32),
        rules,
        nodes.values,
    )


def _turns(
    nodes: TreeNodes, shape: TreeShape, fields: Small, columns: Integers, number: Integers
) -> Packed:
    """Splits with their numbers in the bunch in place of those in the forest."""
    found = np.zeros(len(number), TURN)
    by_set = fields[:, at.WORDS] > 0
    sets = np.ascontiguousarray(fields[:, [at.FIRST_WORD, at.WORDS]], dtype=np.int32)
    found["threshold"] = np.where(by_set, sets.view(np.float64)[:, 0], nodes.thresholds)
    found["column"] = columns
    found["parent_way"] = _ways(shape, number, np.arange(len(number)))
    leaves = shape.children + 1 + nodes.leaf_starts[shape.tree, None]
    inner = shape.children >= 0
    child = np.where(inner, number[np.maximum(shape.children, 0)], leaves)
    found["child"] = _right_left(shape, child)
    return found


def _edges(shape: TreeShape, numbers: SplitNumbers) -> Packed:
    found = np.zeros(len(shape.tree), EDGES)
    found["inverse"] = _right_left(shape, numbers.inverse)
    found["leaf"] = _right_left(shape, np.where(shape.children >= 0, 1.0, numbers.leaf))
    return found


def _repeated(
    shape: TreeShape, numbers: SplitNumbers, number: Integers, splits: Integers
) -> Packed:
    found = np.zeros(len(splits), REPEATED)
    found["share"], found["split"] = numbers.share[splits], number[splits]
    found["ancestor_way"] = _ways(shape, number, shape.edge[splits])
    return found


def _right_left(shape: TreeShape, of_children: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Of the right and the left child what was of the first and the second, (splits, 2)."""
    return np.where(shape.swapped[:, None], of_children, of_children[:, ::-1])


def _ways(shape: TreeShape, number: Integers, ends: Integers) -> Integers:
    """The ways to the splits at the ends of edges; 0 to a root."""
    above = shape.parent[ends]
    is_right = shape.side[ends] ^ shape.swapped[above]
    return np.where(above >= 0, 2 * number[above] + is_right, 0)


def _bunches(quadrature: Integers, counts: Integers) -> Integers:
    """The bunch of each tree, (trees,); −1 for one without splits."""
    found = np.full(len(counts), -1, dtype=np.int64)
    bunch, nodes, held = -1, 0, 0
    for tree in np.argsort(quadrature, kind="stable"):
        if not counts[tree]:
            continue
        held += counts[tree]
        if quadrature[tree] != nodes or held > _SPLITS_OF_A_BUNCH:
            bunch, nodes, held = bunch + 1, quadrature[tree], counts[tree]
        found[tree] = bunch
    return found


def _rules(quadrature: Integers) -> tuple[Numbers, Integers]:
    """The quadratures in whole vectors, and where that of each tree begins, (trees,)."""
    found, begins = [np.zeros(0)], np.zeros(len(quadrature), dtype=np.int64)
    for nodes in np.unique(quadrature[quadrature > 0]):
        begins[quadrature == nodes] = sum(map(len, found))
        beyond = -nodes % at.WIDE
        rule = gauss_legendre(int(nodes))
        # Beyond the last node any numbers will do that keep clear of 0/0.
        for array, number in ((rule.weights, 0.0), (rule.nodes, 0.0), (rule.complements, 1.0)):
            found.append(np.append(array, np.full(beyond, number)))
    return np.concatenate(found), begins


def _starts(counts: Integers) -> Integers:
    """Where each of so many begins."""
    return np.asarray(np.cumsum(counts) - counts, dtype=np.int64)


def _nothing() -> PackedSplits:
    return PackedSplits(
        np.empty(0, TURN),
        np.empty(0, EDGES),
        np.empty((0, 2), np.int32),
        np.empty((0, at.BUNCH_FIELDS), np.int32),
        np.empty(0, REPEATED),
        np.empty(0, np.int16),
        np.empty((0, at.PACKED_TREE_FIELDS), np.int32),
        np.empty((0, 2), np.int32),
        np.empty(0),
        np.empty(0),
    )
