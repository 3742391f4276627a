"""The layout of a program that the kernels walk: what stands where, and what a step does.

models/tree_kernel.c has the same names with the same numbers.
"""

from __future__ import annotations

COLUMN, WORDS, FIRST_WORD, FLAGS, FEATURE, DEPTH, ANCESTOR, CONSTANTS = range(8)
EDGE, FIRST, SECOND, SPLIT_FIELDS = range(8, 12)
"""The fields of a split."""

MISSING_LEFT, SWAPPED = 1, 2
"""Its flags: an unknown value goes left; its first child is the right one."""

THRESHOLD, VALUE_FIRST, VALUE_SECOND, HOT, COLD, HOT_SECOND, NEITHER, ARRAYS = range(8)
"""The constants of a split; from ARRAYS on there are arrays, a number per quadrature node."""

ONE, TWO, COLD_FACTOR, JACOBIAN, ARRAY_COUNT = range(5)
"""Those arrays; the last two only where the split's feature was split on before."""

FIRST_STEP, STEP_COUNT, NODE_COUNT, TREE_CONSTANTS, FIRST_SPLIT, SPLIT_COUNT = range(6)
TREE_FIELDS = 6
"""The fields of a tree."""

BUNCH_START, BUNCH_COUNT, OPEN_COUNT, REPEATED_START, REPEATED_COUNT = range(5)
BY_SET_START, BY_SET_COUNT, TREES_START, TREES_COUNT, BUNCH_NODES, BUNCH_RULE = range(5, 11)
DEEPEST, BUNCH_FIELDS = 11, 12
"""The fields of a bunch of packed trees: of its splits, those with a split below, those whose
feature was split on before, those that are categorical; its trees; its quadrature; the most splits
on a path."""

TREE, ROOT, LEAVES, PACKED_TREE_FIELDS = range(4)
"""The fields of a packed tree: which it is, its first split in the bunch, its first leaf."""

WIDE, MOST_NODES_OF_A_ROW = 4, 32
"""Quadrature nodes in a vector of the walk of a single row, and the most that it takes."""

BOTH_LEAVES, OPEN_SECOND, OPEN_FIRST, CLOSE_ONE, BETWEEN, CLOSE_BOTH = range(6)
"""What a step does."""

CLOSING = (BOTH_LEAVES, CLOSE_ONE, CLOSE_BOTH)
"""The steps at which a split adds to its feature."""

AS_IS, ZERO_FOR_MISSING, ZERO_IS_MISSING, CODE = range(4)
"""How a column of the matrix is read."""

UNKNOWN_LEAST = 4
"""Added to it for packed splits: an unknown value is less than every threshold."""
