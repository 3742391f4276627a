"""The layout of a program that the kernels walk: what stands where, and what a step does.

models/tree_kernel.c has the same names with the same numbers.
"""

from __future__ import annotations

COLUMN, WORDS, FIRST_WORD, FLAGS, FEATURE, DEPTH, ANCESTOR, CONSTANTS = range(8)
PARENT, SIDE, EDGE, FIRST, SECOND, WAY_TURNED, WAY_OTHER, SPLIT_FIELDS = range(8, 16)
"""The fields of a split."""

MISSING_LEFT, SWAPPED = 1, 2
"""Its flags: an unknown value goes left; its first child is the right one."""

THRESHOLD, VALUE_FIRST, VALUE_SECOND, HOT, COLD, HOT_SECOND, NEITHER, ARRAYS = range(8)
"""The constants of a split; from ARRAYS on there are arrays, a number per quadrature node."""

ONE, TWO, COLD_FACTOR, JACOBIAN, ARRAY_COUNT = range(5)
"""Those arrays; the last two only where the split's feature was split on before."""

FIRST_STEP, STEP_COUNT, NODE_COUNT, TREE_CONSTANTS, FIRST_SPLIT, SPLIT_COUNT = range(6)
CONSTANTS_COUNT, TREE_FIELDS = range(6, 8)
"""The fields of a tree."""

BOTH_LEAVES, OPEN_SECOND, OPEN_FIRST, CLOSE_ONE, BETWEEN, CLOSE_BOTH = range(6)
"""What a step does."""

CLOSING = (BOTH_LEAVES, CLOSE_ONE, CLOSE_BOTH)
"""The steps at which a split adds to its feature."""

AS_IS, ZERO_FOR_MISSING, ZERO_IS_MISSING, CODE = range(4)
"""How a column of the matrix is read."""
