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

    kernel: what walks the program. columns: how many a matrix has at least.
    """

    program: TreeProgram
    kernel_of: Callable[[TreeProgram], Kernel] = kernel_of
    kernel: Kernel = field(init=False, repr=False, compare=False)
    columns: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kernel", self.kernel_of(self.program))
        needed = int(self.program.sources[:, 0].max(initial=-1)) + 1
        object.__setattr__(self, "columns", needed)

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """The raw prediction of each row, shape (n,), from a matrix of shape (n, columns)."""
        return self._run(matrix, False, threads)[0]

    def explain(self, matrix: Numbers, threads: int = 1) -> TreeExplanation:
        """The raw prediction of each row of a matrix (n, columns), and its contributions."""
        values, contributions = self._run(matrix, True, threads)
        return TreeExplanation(values, contributions, self.program.base)

    def _run(self, matrix: Numbers, explain: bool, threads: int) -> tuple[Numbers, Numbers]:
        rows = checked(matrix, self.columns)
        count = min(threads, len(rows) // _LEAST_ROWS_PER_THREAD)
        if count <= 1:
            return self.kernel.run(rows, explain)
        with ThreadPoolExecutor(count) as pool:
            parts = pool.map(
                lambda part: self.kernel.run(part, explain), np.array_split(rows, count)
            )
            values, contributions = zip(*parts, strict=True)
        return np.concatenate(values), np.concatenate(contributions)


def checked(matrix: Numbers, columns: int) -> Numbers:
    """A matrix as the kernels read it.

    Raises:
        ValueError: when it is no matrix, or has fewer columns.
    """
    rows = np.ascontiguousarray(matrix, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] < columns:
        raise ValueError(f"expected a matrix of {columns} columns or more; got {matrix.shape}")
    return rows
