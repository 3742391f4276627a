"""The kernel in NumPy: the same bits as the one in C, where that could not be compiled.

All splits of one depth, of all trees with the same number of quadrature nodes, are taken together;
each number is made by the same operations in the same order as in models/tree_kernel_lanes.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models import tree_layout as at
from models.tree_program import TreeProgram
from models.tree_shape import Mask
from models.tree_text import Integers

NEARLY_ZERO = float(np.float32(1e-35))
"""LightGBM's kZeroThreshold."""

_GREATEST_CODE = 2**31 - 1
_NUMBERS_AT_ONCE = 1 << 20
_WORD = 64


@dataclass(frozen=True)
class _Group:
    """The trees of one number of quadrature nodes, their weights, and their splits by depth."""

    weights: Numbers
    levels: tuple[_Level, ...]


@dataclass(frozen=True)
class NumpyKernel:
    """Walks matrices through a program."""

    program: TreeProgram

    def run(self, matrix: Numbers, explain: bool) -> tuple[Numbers, Numbers]:
        """The prediction of each row, (n,), and its contributions, (n, features).

        Args:
            matrix: (n, columns) of float64.
        """
        rows = len(matrix)
        values = np.empty(rows)
        contributions = np.empty((rows, self.program.features if explain else 0))
        at_once = max(1, _NUMBERS_AT_ONCE // max(1, len(self.program.splits) * self.program.nodes))
        for start in range(0, rows, at_once):
            part = slice(start, min(start + at_once, rows))
            turned = self._turned(matrix[part])
            values[part] = self._values(turned)
            if explain:
                contributions[part] = self._contributions(turned)
        return values, contributions

    @cached_property
    def _splits(self) -> npt.NDArray[np.int64]:
        return self.program.splits.astype(np.int64)

    @cached_property
    def _tree(self) -> Integers:
        """The tree of each split."""
        return np.repeat(np.arange(len(self.program.trees)), self.program.trees[:, at.SPLIT_COUNT])

    def _in_forest(self, splits: Integers, numbers: Integers) -> Integers:
        """Splits of the same trees, numbered within them, as numbers in the forest; −1 stays."""
        begin = self.program.trees[self._tree[splits], at.FIRST_SPLIT]
        return np.where(numbers >= 0, numbers + begin, -1)

    @cached_property
    def _first(self) -> Integers:
        return self._in_forest(np.arange(len(self._splits)), self._splits[:, at.FIRST])

    @cached_property
    def _second(self) -> Integers:
        return self._in_forest(np.arange(len(self._splits)), self._splits[:, at.SECOND])

    @cached_property
    def _closing(self) -> Integers:
        return self._in_forest(np.arange(len(self._splits)), self.program.closing.astype(np.int64))

    @cached_property
    def _groups(self) -> tuple[_Group, ...]:
        nodes = self.program.trees[self._tree, at.NODE_COUNT]
        return tuple(self._group(int(count), nodes == count) for count in np.unique(nodes))

    def _group(self, nodes: int, inside: Mask) -> _Group:
        depth = self._splits[:, at.DEPTH]
        start = int(self.program.trees[self._tree[inside][0], at.TREE_CONSTANTS])
        weights, complements = self.program.constants[start : start + 2 * nodes].reshape(2, nodes)
        deepest = int(depth[inside].max())
        by_depth = (np.flatnonzero(inside & (depth == level)) for level in range(deepest + 1))
        return _Group(weights, tuple(self._level(s, nodes, complements) for s in by_depth))

    @cached_property
    def _roots(self) -> Integers:
        """The root of each tree with splits, in order."""
        return np.flatnonzero(self._splits[:, at.DEPTH] == 0)

    def _constant(self, splits: Integers, which: int) -> Numbers:
        """One constant of each split, shape (splits, 1)."""
        places = self._splits[splits, at.CONSTANTS] + which
        return np.asarray(self.program.constants[places][:, None], dtype=np.float64)

    def _array(self, splits: Integers, which: int, nodes: int) -> Numbers:
        """One array of constants of each split, shape (splits, nodes, 1)."""
        start = self._splits[splits, at.CONSTANTS] + at.ARRAYS + which * nodes
        return np.asarray(
            self.program.constants[start[:, None] + np.arange(nodes)][:, :, None], dtype=np.float64
        )

    def _turned(self, matrix: Numbers) -> Mask:
        """Whether each row turns to the first child of each split, shape (splits, n)."""
        columns = [
            _read(matrix[:, source], how) for source, how in self.program.sources.tolist()
        ] or [np.empty(len(matrix))]
        table = np.stack(columns)
        x = table[self._splits[:, at.COLUMN]]
        everything = np.arange(len(self._splits))
        missing_left = (self._splits[:, at.FLAGS] & at.MISSING_LEFT)[:, None] > 0
        left = (x <= self._constant(everything, at.THRESHOLD)) | (np.isnan(x) & missing_left)
        by_set = self._splits[:, at.WORDS] > 0
        left[by_set] = self._in_sets(x[by_set].astype(np.int64), self._splits[by_set])
        return left ^ ((self._splits[:, at.FLAGS] & at.SWAPPED)[:, None] > 0)

    def _in_sets(self, codes: Integers, splits: Integers) -> Mask:
        word, bit = codes // _WORD, (codes % _WORD).astype(np.uint64)
        found = np.zeros(codes.shape, dtype=bool)
        for number in range(int(splits[:, at.WORDS].max(initial=0))):
            has = splits[:, at.WORDS] > number
            bits = self.program.words[np.where(has, splits[:, at.FIRST_WORD] + number, 0)]
            inside = (bits[:, None] >> bit) & np.uint64(1)
            found |= has[:, None] & (word == number) & (inside > 0)
        return found

    def _values(self, turned: Mask) -> Numbers:
        """The sum of the leaf values that each row reaches, tree by tree, shape (n,)."""
        reached = np.empty(turned.shape)
        for level in range(self.program.depth, -1, -1):
            splits = np.flatnonzero(self._splits[:, at.DEPTH] == level)
            sides = [
                np.where(
                    (children[splits] >= 0)[:, None],
                    reached[children[splits]],
                    self._constant(splits, which),
                )
                for children, which in (
                    (self._first, at.VALUE_FIRST),
                    (self._second, at.VALUE_SECOND),
                )
            ]
            reached[splits] = np.where(turned[splits], *sides)
        root = {int(self._tree[split]): split for split in self._roots}
        total = np.zeros(turned.shape[1])
        for tree, fields in enumerate(self.program.trees):
            alone = self.program.constants[fields[at.TREE_CONSTANTS]]
            total += reached[root[tree]] if tree in root else alone
        return total

    def _contributions(self, turned: Mask) -> Numbers:
        """Each feature's Shapley value, shape (n, features)."""
        rows = turned.shape[1]
        moved = np.zeros(turned.shape)
        edges = np.zeros(turned.shape, dtype=bool)
        for group in self._groups:
            self._move(group, turned, edges, moved)
        features = self._splits[self._closing, at.FEATURE]
        places = features[:, None] * rows + np.arange(rows)
        # bincount adds in the order given, as the kernel in C does.
        sums = np.bincount(
            places.ravel(), moved[self._closing].ravel(), self.program.features * rows
        )
        return np.asarray(sums.reshape(self.program.features, rows).T, dtype=np.float64)

    def _move(self, group: _Group, turned: Mask, edges: Mask, moved: Numbers) -> None:
        """Fill in how far each split of a group moves its feature, (splits, n)."""
        shape = (len(turned), len(group.weights), turned.shape[1])
        products, subtrees = np.zeros(shape), np.zeros(shape)
        products[group.levels[0].splits] = group.weights[:, None]
        for level in group.levels:
            level.go_down(turned[level.splits], products, edges)
        for level in reversed(group.levels):
            level.come_up(turned[level.splits], products, subtrees, edges, moved)

    def _level(self, splits: Integers, nodes: int, complements: Numbers) -> _Level:
        repeated = self._splits[splits, at.ANCESTOR] >= 0
        cold = np.broadcast_to(complements[:, None], (len(splits), nodes, 1)).copy()
        jacobian = np.ones((len(splits), nodes, 1))
        cold[repeated] = self._array(splits[repeated], at.COLD_FACTOR, nodes)
        jacobian[repeated] = self._array(splits[repeated], at.JACOBIAN, nodes)
        return _Level(
            splits,
            self._first[splits],
            self._second[splits],
            self._in_forest(splits, self._splits[splits, at.EDGE]),
            self._array(splits, at.ONE, nodes),
            self._array(splits, at.TWO, nodes),
            cold,
            jacobian,
            {which: self._constant(splits, which) for which in range(at.ARRAYS)},
        )


@dataclass(frozen=True)
class _Level:
    """Splits of one depth with their constants; arrays are (splits, nodes, rows or 1)."""

    splits: Integers
    first: Integers
    second: Integers
    edge: Integers
    one: Numbers
    two: Numbers
    cold: Numbers
    jacobian: Numbers
    constants: dict[int, Numbers]

    def go_down(self, turned: Mask, products: Numbers, edges: Mask) -> None:
        """Products and masks of the edges to the children that are splits."""
        above = self._above(edges)
        for children, chosen, factor in (
            (self.first, turned, self._to_first(turned, above)),
            (self.second, ~turned, self._to_second(turned, above)),
        ):
            inner = children >= 0
            products[children[inner]] = products[self.splits[inner]] * factor[inner]
            edges[children[inner]] = (chosen & above)[inner]

    def come_up(
        self, turned: Mask, products: Numbers, subtrees: Numbers, edges: Mask, moved: Numbers
    ) -> None:
        """What lies below each split, and how far it moves its feature."""
        above = self._above(edges)
        product = products[self.splits] * self.jacobian
        two_leaves, one_leaf = self.second < 0, (self.first < 0) & (self.second >= 0)
        neither = self.constants[at.NEITHER][:, None]
        hot = np.where(turned, self.constants[at.HOT], self.constants[at.COLD])
        hot_first = np.where(turned, self.constants[at.HOT], -1.0)
        hot_second = np.where(turned, -1.0, self.constants[at.HOT_SECOND])
        below_first, below_second = subtrees[self.first], subtrees[self.second]
        leaf_integral = _summed(product) * hot
        integral = np.where(
            one_leaf[:, None], leaf_integral, _summed(product * below_first) * hot_first
        )
        found = np.where(
            two_leaves[:, None],
            leaf_integral,
            integral + _summed(product * below_second) * hot_second,
        )
        moved[self.splits] = np.where(above, found, 0.0)
        leaf_cold = np.where(two_leaves[:, None, None], self.two, self.cold * neither)
        leaf = np.where(turned[:, None], self.one, leaf_cold)
        leaf = np.where(above[:, None], leaf, neither)
        first = np.where(one_leaf[:, None, None], leaf, self._to_first(turned, above) * below_first)
        second = self._to_second(turned, above) * below_second
        subtrees[self.splits] = np.where(two_leaves[:, None, None], leaf, first + second)

    def _above(self, edges: Mask) -> Mask:
        """Rows that followed the earlier splits of the feature, shape (splits, n)."""
        return edges[self.edge] | (self.edge < 0)[:, None]

    def _to_first(self, turned: Mask, above: Mask) -> Numbers:
        return self._factor(turned, above, self.one, self.cold)

    def _to_second(self, turned: Mask, above: Mask) -> Numbers:
        return self._factor(turned, above, self.cold, self.two)

    def _factor(self, turned: Mask, above: Mask, yes: Numbers, no: Numbers) -> Numbers:
        """The factor of an edge; 1 where an earlier split of the feature was not followed."""
        return np.where(above[:, None], np.where(turned[:, None], yes, no), 1.0)


def _summed(parts: Numbers) -> Numbers:
    """The sums over quadrature nodes, from the first to the last, shape (splits, n)."""
    total = np.zeros((parts.shape[0], parts.shape[2]))
    for node in range(parts.shape[1]):
        total = total + parts[:, node]
    return total


def _read(column: Numbers, how: int) -> Numbers:
    """A column as splits compare it; the codes of a category, −1 for none."""
    if how == at.CODE:
        known = (column > -1.0) & (column <= _GREATEST_CODE)
        return np.trunc(np.where(known, column, -1.0))
    nearly_zero = (column >= -NEARLY_ZERO) & (column <= NEARLY_ZERO)
    if how == at.ZERO_IS_MISSING:
        return np.where(nearly_zero, np.nan, column)
    plain = np.where(nearly_zero, 0.0, column)
    return np.where(np.isnan(plain), 0.0, plain) if how == at.ZERO_FOR_MISSING else plain
