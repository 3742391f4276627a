"""Predictions and exact Shapley values of trees: compiled once, asked for any number of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

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

    def run(self, matrix: Numbers, explain: bool) -> tuple[Numbers, Numbers | None]:
        """The prediction of each row, (n,), and its contributions, (n, features), if wanted."""


def kernel_of(program: TreeProgram) -> Kernel:
    """The quickest kernel that this installation has."""
    return CompiledKernel(program) if COMPILED else NumpyKernel(program)


def kernel_name() -> str:
    """What explains here, for people: "C, avx512" or "NumPy"."""
    if not COMPILED:
        return "NumPy"
    from models.compiled_kernel import WIDEST

    return f"C, {WIDEST}"


@dataclass(frozen=True)
class TreeExplanation:
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kernel", self.kernel_of(self.program))

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """The raw prediction of each row, shape (n,), from a matrix of shape (n, columns)."""
        return _joined([values for values, _ in self._parts(matrix, False, threads)])

    def explain(self, matrix: Numbers, threads: int = 1) -> TreeExplanation:
        """The raw prediction of each row of a matrix (n, columns), and its contributions."""
        values, contributions = zip(*self._parts(matrix, True, threads), strict=True)
        return TreeExplanation(
            _joined(values), _joined([c for c in contributions if c is not None]), self.program.base
        )

    def _parts(
        self, matrix: Numbers, explain: bool, threads: int
    ) -> list[tuple[Numbers, Numbers | None]]:
        rows = self._checked(matrix)
        count = max(1, min(threads, len(rows) // _LEAST_ROWS_PER_THREAD))
        if count == 1:
            return [self._kernel.run(rows, explain)]
        parts = np.array_split(rows, count)
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda part: self._kernel.run(part, explain), parts))

    def _checked(self, matrix: Numbers) -> Numbers:
        """The matrix as the kernels read it.

        Raises:
            ValueError: when it is no matrix, or has too few columns.
        """
        rows = np.ascontiguousarray(matrix, dtype=np.float64)
        least = int(self.program.sources[:, 0].max(initial=-1)) + 1
        if rows.ndim != 2 or rows.shape[1] < least:
            raise ValueError(f"expected a matrix of {least} columns or more; got {matrix.shape}")
        return rows


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
