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
from models import tree_program as p
from models.tree_program import Mask, TreeProgram
from models.tree_text import Integers

NEARLY_ZERO = float(np.float32(1e-35))
"""LightGBM's kZeroThreshold."""

_GREATEST_CODE = 2**31 - 1
_NUMBERS_AT_ONCE = 1 << 20
_WORD = 64


@dataclass(frozen=True)
class _Group:
    """The trees of one number of quadrature nodes. levels: their splits by depth, from the root."""

    nodes: int
    levels: tuple[Integers, ...]


@dataclass(frozen=True)
class NumpyKernel:
    """Walks matrices through a program."""

    program: TreeProgram

    def run(self, matrix: Numbers, explain: bool) -> tuple[Numbers, Numbers | None]:
        """The prediction of each row, (n,), and its contributions, (n, features), if wanted.

        Args:
            matrix: (n, columns) of float64.
        """
        rows = len(matrix)
        values = np.empty(rows)
        contributions = np.empty((rows, self.program.features)) if explain else None
        at_once = max(1, _NUMBERS_AT_ONCE // max(1, len(self.program.splits) * self.program.nodes))
        for start in range(0, rows, at_once):
            part = slice(start, min(start + at_once, rows))
            turned = self._turned(matrix[part])
            values[part] = self._values(turned)
            if contributions is not None:
                contributions[part] = self._contributions(turned)
        return values, contributions

    @cached_property
    def _splits(self) -> npt.NDArray[np.int64]:
        return self.program.splits.astype(np.int64)

    @cached_property
    def _tree(self) -> Integers:
        """The tree of each split."""
        found = np.empty(len(self.program.splits), dtype=np.int64)
        trees = np.repeat(np.arange(len(self.program.trees)), self.program.trees[:, p.STEP_COUNT])
        found[self.program.steps[:, 1]] = trees
        return found

    @cached_property
    def _closing(self) -> Integers:
        """The splits in the order in which they add to their features."""
        closes = np.isin(self.program.steps[:, 0] // 2, (p.BOTH_LEAVES, p.CLOSE_ONE, p.CLOSE_BOTH))
        return self.program.steps[closes, 1].astype(np.int64)

    @cached_property
    def _groups(self) -> tuple[_Group, ...]:
        nodes = self.program.trees[self._tree, p.NODE_COUNT]
        depth = self._splits[:, p.DEPTH]
        return tuple(
            _Group(
                int(count),
                tuple(
                    np.flatnonzero((nodes == count) & (depth == level))
                    for level in range(int(depth[nodes == count].max()) + 1)
                ),
            )
            for count in np.unique(nodes)
        )

    @cached_property
    def _roots(self) -> Integers:
        """The root of each tree with splits, in order."""
        return np.flatnonzero(self._splits[:, p.DEPTH] == 0)

    @cached_property
    def _ancestors(self) -> Integers:
        """The split at the end of the edge whose mask counts for a split's feature, else −1.

        A program names the depth; the split is found by going up from the split itself.
        """
        at = np.arange(len(self._splits))
        wanted = self._splits[:, p.ANCESTOR]
        for _ in range(self.program.depth):
            higher = (wanted >= 0) & (self._splits[at, p.DEPTH] > wanted)
            at = np.where(higher, self._parents[at], at)
        return np.where(wanted >= 0, at, -1)

    @cached_property
    def _parents(self) -> Integers:
        found = np.full(len(self._splits), -1, dtype=np.int64)
        for children in (self.program.first, self.program.second):
            inner = children >= 0
            found[children[inner]] = np.flatnonzero(inner)
        return found

    def _constant(self, splits: Integers, which: int) -> Numbers:
        """One constant of each split, shape (splits, 1)."""
        places = self._splits[splits, p.CONSTANTS] + which
        return np.asarray(self.program.constants[places][:, None], dtype=np.float64)

    def _array(self, splits: Integers, which: int, nodes: int) -> Numbers:
        """One array of constants of each split, shape (splits, nodes, 1)."""
        start = self._splits[splits, p.CONSTANTS] + p.ARRAYS + which * nodes
        return np.asarray(
            self.program.constants[start[:, None] + np.arange(nodes)][:, :, None], dtype=np.float64
        )

    def _turned(self, matrix: Numbers) -> Mask:
        """Whether each row turns to the first child of each split, shape (splits, n)."""
        columns = [
            _read(matrix[:, source], how) for source, how in self.program.sources.tolist()
        ] or [np.empty(len(matrix))]
        table = np.stack(columns)
        x = table[self._splits[:, p.COLUMN]]
        everything = np.arange(len(self._splits))
        missing_left = (self._splits[:, p.FLAGS] & p.MISSING_LEFT)[:, None] > 0
        left = (x <= self._constant(everything, p.THRESHOLD)) | (np.isnan(x) & missing_left)
        by_set = self._splits[:, p.WORDS] > 0
        left[by_set] = self._in_sets(x[by_set].astype(np.int64), self._splits[by_set])
        return left ^ ((self._splits[:, p.FLAGS] & p.SWAPPED)[:, None] > 0)

    def _in_sets(self, codes: Integers, splits: Integers) -> Mask:
        word, bit = codes // _WORD, (codes % _WORD).astype(np.uint64)
        found = np.zeros(codes.shape, dtype=bool)
        for number in range(int(splits[:, p.WORDS].max(initial=0))):
            has = splits[:, p.WORDS] > number
            bits = self.program.words[np.where(has, splits[:, p.FIRST_WORD] + number, 0)]
            inside = (bits[:, None] >> bit) & np.uint64(1)
            found |= has[:, None] & (word == number) & (inside > 0)
        return found

    def _values(self, turned: Mask) -> Numbers:
        """The sum of the leaf values that each row reaches, tree by tree, shape (n,)."""
        reached = np.empty(turned.shape)
        for level in range(self.program.depth, -1, -1):
            splits = np.flatnonzero(self._splits[:, p.DEPTH] == level)
            sides = [
                np.where(
                    (children[splits] >= 0)[:, None],
                    reached[children[splits]],
                    self._constant(splits, which),
                )
                for children, which in (
                    (self.program.first, p.VALUE_FIRST),
                    (self.program.second, p.VALUE_SECOND),
                )
            ]
            reached[splits] = np.where(turned[splits], *sides)
        root = {int(self._tree[split]): split for split in self._roots}
        total = np.zeros(turned.shape[1])
        for tree, fields in enumerate(self.program.trees):
            alone = self.program.constants[fields[p.TREE_CONSTANTS]]
            total += reached[root[tree]] if tree in root else alone
        return total

    def _contributions(self, turned: Mask) -> Numbers:
        """Each feature's Shapley value, shape (n, features)."""
        rows = turned.shape[1]
        moved = np.zeros(turned.shape)
        edges = np.zeros(turned.shape, dtype=bool)
        for group in self._groups:
            self._move(group, turned, edges, moved)
        features = self._splits[self._closing, p.FEATURE]
        places = features[:, None] * rows + np.arange(rows)
        # bincount adds in the order given, as the kernel in C does.
        sums = np.bincount(
            places.ravel(), moved[self._closing].ravel(), self.program.features * rows
        )
        return sums.reshape(self.program.features, rows).T

    def _move(self, group: _Group, turned: Mask, edges: Mask, moved: Numbers) -> None:
        """Fill in how far each split of a group moves its feature, (splits, n)."""
        shape = (len(turned), group.nodes, turned.shape[1])
        products, subtrees = np.zeros(shape), np.zeros(shape)
        rule = self.program.trees[self._tree[group.levels[0][0]], p.TREE_CONSTANTS]
        weights = self.program.constants[rule : rule + group.nodes]
        complements = self.program.constants[rule + group.nodes : rule + 2 * group.nodes]
        products[group.levels[0]] = weights[:, None]
        levels = [self._level(s, group.nodes, complements, turned, edges) for s in group.levels]
        for level in levels:
            level.go_down(products, edges)
        for level in reversed(levels):
            level.come_up(products, subtrees, edges, moved)

    def _level(
        self, splits: Integers, nodes: int, complements: Numbers, turned: Mask, edges: Mask
    ) -> _Level:
        repeated = self._splits[splits, p.ANCESTOR] >= 0
        cold = np.broadcast_to(complements[:, None], (len(splits), nodes, 1)).copy()
        jacobian = np.ones((len(splits), nodes, 1))
        cold[repeated] = self._array(splits[repeated], p.COLD_FACTOR, nodes)
        jacobian[repeated] = self._array(splits[repeated], p.JACOBIAN, nodes)
        return _Level(
            splits,
            self.program.first[splits],
            self.program.second[splits],
            self._ancestors[splits],
            turned[splits],
            self._array(splits, p.ONE, nodes),
            self._array(splits, p.TWO, nodes),
            cold,
            jacobian,
            {which: self._constant(splits, which) for which in range(p.ARRAYS)},
        )


@dataclass(frozen=True)
class _Level:
    """Splits of one depth with their constants; arrays are (splits, nodes, rows or 1)."""

    splits: Integers
    first: Integers
    second: Integers
    ancestor: Integers
    turned: Mask
    one: Numbers
    two: Numbers
    cold: Numbers
    jacobian: Numbers
    constants: dict[int, Numbers]

    def go_down(self, products: Numbers, edges: Mask) -> None:
        """Products and masks of the edges to the children that are splits."""
        above = self._above(edges)
        for children, chosen, factor in (
            (self.first, self.turned, self._to_first(above)),
            (self.second, ~self.turned, self._to_second(above)),
        ):
            inner = children >= 0
            products[children[inner]] = products[self.splits[inner]] * factor[inner]
            edges[children[inner]] = (chosen & above)[inner]

    def come_up(self, products: Numbers, subtrees: Numbers, edges: Mask, moved: Numbers) -> None:
        """What lies below each split, and how far it moves its feature."""
        above = self._above(edges)
        product = products[self.splits] * self.jacobian
        two_leaves, one_leaf = self.second < 0, (self.first < 0) & (self.second >= 0)
        neither = self.constants[p.NEITHER][:, None]
        hot = np.where(self.turned, self.constants[p.HOT], self.constants[p.COLD])
        hot_first = np.where(self.turned, self.constants[p.HOT], -1.0)
        hot_second = np.where(self.turned, -1.0, self.constants[p.HOT_SECOND])
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
        leaf = np.where(self.turned[:, None], self.one, leaf_cold)
        leaf = np.where(above[:, None], leaf, neither)
        first = np.where(one_leaf[:, None, None], leaf, self._to_first(above) * below_first)
        second = self._to_second(above) * below_second
        subtrees[self.splits] = np.where(two_leaves[:, None, None], leaf, first + second)

    def _above(self, edges: Mask) -> Mask:
        """Rows that followed the earlier splits of the feature, shape (splits, n)."""
        return edges[self.ancestor] | (self.ancestor < 0)[:, None]

    def _to_first(self, above: Mask) -> Numbers:
        return self._factor(above, self.one, self.cold)

    def _to_second(self, above: Mask) -> Numbers:
        return self._factor(above, self.cold, self.two)

    def _factor(self, above: Mask, turned: Numbers, other: Numbers) -> Numbers:
        """The factor of an edge; 1 where an earlier split of the feature was not followed."""
        return np.where(above[:, None], np.where(self.turned[:, None], turned, other), 1.0)


def _summed(parts: Numbers) -> Numbers:
    """The sums over quadrature nodes, from the first to the last, shape (splits, n)."""
    total = np.zeros((parts.shape[0], parts.shape[2]))
    for node in range(parts.shape[1]):
        total = total + parts[:, node]
    return total


def _read(column: Numbers, how: int) -> Numbers:
    """A column as splits compare it; the codes of a category, −1 for none."""
    if how == p.CODE:
        known = (column > -1.0) & (column <= _GREATEST_CODE)
        return np.trunc(np.where(known, column, -1.0))
    nearly_zero = (column >= -NEARLY_ZERO) & (column <= NEARLY_ZERO)
    if how == p.ZERO_IS_MISSING:
        return np.where(nearly_zero, np.nan, column)
    plain = np.where(nearly_zero, 0.0, column)
    return np.where(np.isnan(plain), 0.0, plain) if how == p.ZERO_FOR_MISSING else plain
