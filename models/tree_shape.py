"""How splits lie in their trees: depths, paths, and the shares of training rows on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.tree_text import Integers, TreeNodes

Mask = npt.NDArray[np.bool_]

_LEAST_COUNT = 1e-12
"""Stands for the rows of a node that no training row reached, so that nothing is divided by 0."""


@dataclass(frozen=True)
class TreeShape:
    """How splits lie in their trees; arrays of shape (splits,), (splits, 2) for first and second.

    tree, parent (−1 for none), side (of the parent: 0 or 1), depth. swapped: the first child is
    the right one. children: splits ≥ 0, leaves < 0. ratio: of the split's training rows to each
    child. cover: of all training rows to each child. share: of the training rows that follow all
    the splits above on the same feature, 1 where there are none; edge_share: the same with this
    split, to each child. distinct: the features on the path to the children. ancestor: the nearest
    split above on the same feature, else −1; edge: the split at the end of its edge on this path.
    """

    tree: Integers
    parent: Integers
    side: Integers
    depth: Integers
    swapped: Mask
    children: Integers
    ratio: Numbers
    share: Numbers
    edge_share: Numbers
    cover: Numbers
    distinct: Integers
    ancestor: Integers
    edge: Integers


def shape_of(nodes: TreeNodes) -> TreeShape:
    """How the splits of a forest lie in its trees."""
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
    below = np.where(children >= 0, inside, leaf_reached[leaf_of(children)])
    ratio = below / reached[:, None]
    shape = TreeShape(
        np.repeat(np.arange(len(nodes.split_starts) - 1), np.diff(nodes.split_starts)),
        parent,
        side,
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
        _fill_level(level, nodes, shape)
        below_level = children[level].ravel()
        level = np.sort(below_level[below_level >= 0])
    return shape


def leaf_of(children: Integers) -> Integers:
    """The leaf that a child is; leaf 0 for those that are splits."""
    return np.asarray(-1 - np.minimum(children, -1), dtype=np.int64)


def _fill_level(level: Integers, nodes: TreeNodes, shape: TreeShape) -> None:
    """What the splits of one depth get from the level above."""
    up, way = shape.parent[level], shape.side[level]
    inner = up >= 0
    shape.depth[level[inner]] = shape.depth[up[inner]] + 1
    cover = np.ones(len(level))
    cover[inner] = shape.cover[up[inner], way[inner]]
    at = level.copy()  # the end of an edge, on the way up from each split
    looking = np.flatnonzero(inner)
    while len(looking):
        above = shape.parent[at[looking]]
        same = nodes.features[above] == nodes.features[level[looking]]
        found = looking[same]
        shape.ancestor[level[found]] = above[same]
        shape.edge[level[found]] = at[found]
        shape.share[level[found]] = shape.edge_share[above[same], shape.side[at[found]]]
        at[looking] = above
        looking = looking[~same]
        looking = looking[shape.parent[at[looking]] >= 0]
    fresh = shape.ancestor[level] < 0
    above = np.zeros(len(level), dtype=np.int64)
    above[inner] = shape.distinct[up[inner]]
    shape.distinct[level] = above + fresh
    shape.edge_share[level] = shape.share[level, None] * shape.ratio[level]
    shape.cover[level] = cover[:, None] * shape.ratio[level]
