"""The numbers of a split that all its factors are made from, whatever the quadrature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from models.tree_shape import TreeShape, leaf_of
from models.tree_text import TreeNodes


@dataclass(frozen=True)
class SplitNumbers:
    """The numbers of a forest's splits; arrays of shape (splits,), (splits, 2) for both children.

    threshold. share: of the training rows that follow all the splits above on the same feature.
    inverse: 1 / the same with this split, to each child. value: of a child that is a leaf, else 0.
    leaf: its value × the share of all training rows that reach it; where a child is none, 1 for
    the first and 0 for the second.
    """

    threshold: Numbers
    share: Numbers
    inverse: Numbers
    value: Numbers
    leaf: Numbers


def split_numbers(nodes: TreeNodes, shape: TreeShape) -> SplitNumbers:
    """The numbers of a forest's splits."""
    is_leaf = shape.children < 0
    value = np.where(is_leaf, nodes.values[leaf_of(shape.children)], 0.0)
    leaf = np.where(is_leaf, value * shape.cover, [1.0, 0.0])
    return SplitNumbers(nodes.thresholds, shape.share, 1.0 / shape.edge_share, value, leaf)
