"""Predictions and exact Shapley values of trees: compiled once, asked for any number of rows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from features.operations import Numbers
from models.numpy_kernel import NumpyKernel
from models.tree_program import TreeProgram

try:
    from models.compiled_kernel import CompiledKernel
except ImportError:  # installed without a C compiler: slower, and the same numbers
    COMPILED = False
else:
    COMPILED = True

_LEAST_ROWS_PER_THREAD = 64


class Kernel(Protocol):
    """Walks a matrix through a program."""

    def run(self, matrix: Numbers, explain: bool) -> tuple[Numbers, Numbers]:
        """The prediction of each row, (n,), and its contributions, (n, features).

        Those are empty, (n, 0), where they are not wanted.
        """

    def begun(self, matrix: Numbers, explain: bool) -> Callable[[], tuple[Numbers, Numbers]]:
        """What gives the same; it may be worked out before it is asked for."""


def kernel_of(program: TreeProgram) -> Kernel:
    """The quickest kernel that this installation has."""
    return CompiledKernel(program) if COMPILED else NumpyKernel(program)


def kernel_name() -> str:
    """What explains here, for people: "C, avx512" or "NumPy"."""
    if not COMPILED:
        return "NumPy"
    from models.compiled_kernel import WIDEST

    return f"C, {WIDEST}"


class TreeExplanation(NamedTuple):
    """Raw predictions and what makes them: value = base + Σ contributions, row by row.

    values: (n,). contributions: (n, features), path-dependent Shapley values. base: the mean
    prediction of the training rows.
    """

    values: Numbers
    contributions: Numbers
    base: float


@dataclass(frozen=True)
class TreeExplainer:
    """Predicts and explains rows of a matrix by the trees of a program.

    The same bits for one row or a million, with any number of threads, in C or in NumPy.
    """

    program: TreeProgram
    kernel_of: Callable[[TreeProgram], Kernel] = kernel_of
    _kernel: Kernel = field(init=False, repr=False, compare=False)
    _columns: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kernel", self.kernel_of(self.program))
        needed = int(self.program.sources[:, 0].max(initial=-1)) + 1
        object.__setattr__(self, "_columns", needed)

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """The raw prediction of each row, shape (n,), from a matrix of shape (n, columns)."""
        return self._run(matrix, False, threads)[0]

    def explain(self, matrix: Numbers, threads: int = 1) -> TreeExplanation:
        """The raw prediction of each row of a matrix (n, columns), and its contributions."""
        values, contributions = self._run(matrix, True, threads)
        return TreeExplanation(values, contributions, self.program.base)

    def begun(self, matrix: Numbers, explain: bool) -> Callable[[], tuple[Numbers, Numbers]]:
        """What gives the predictions (n,) and contributions (n, features), (n, 0) if not wanted.

        They may be worked out before they are asked for.
        """
        return self._kernel.begun(self._checked(matrix), explain)

    def _run(self, matrix: Numbers, explain: bool, threads: int) -> tuple[Numbers, Numbers]:
        rows = self._checked(matrix)
        count = min(threads, len(rows) // _LEAST_ROWS_PER_THREAD)
        if count <= 1:
            return self._kernel.run(rows, explain)
        with ThreadPoolExecutor(count) as pool:
            parts = pool.map(
                lambda part: self._kernel.run(part, explain), np.array_split(rows, count)
            )
            values, contributions = zip(*parts, strict=True)
        return np.concatenate(values), np.concatenate(contributions)

    def _checked(self, matrix: Numbers) -> Numbers:
        """The matrix as the kernels read it.

        Raises:
            ValueError: when it is no matrix, or has too few columns.
        """
        rows = np.ascontiguousarray(matrix, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] < self._columns:
            raise ValueError(
                f"expected a matrix of {self._columns} columns or more; got {matrix.shape}"
            )
        return rows
