"""The kernel in C: rows side by side in vector lanes, in the widest layout of the processor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from features.operations import Numbers
from models._tree_kernel import begin, finish, layouts, program, run
from models.tree_program import TreeProgram

LAYOUTS: tuple[str, ...] = tuple(layouts())
"""What runs on this processor, the narrowest first; all give the same bits."""

ROW_BY_ROW = [name for name in LAYOUTS if name.startswith("row")][-1]
WIDEST = LAYOUTS[-1]
_FEW_ROWS = 7
"""Up to so many rows, one after another is quicker than side by side in lanes mostly empty."""


@dataclass(frozen=True)
class CompiledKernel:
    """Walks matrices through a program. layout: one of `LAYOUTS`; None chooses by rows."""

    program: TreeProgram
    layout: str | None = None
    _kept: object = field(init=False, repr=False, compare=False)
    _few_rows: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        walked, packed = self.program, self.program.packed
        kept = program(
            *(walked.steps, walked.splits, walked.constants, walked.words, walked.trees),
            *(packed.turns, packed.edges, packed.sources, packed.bunches, packed.repeated),
            *(packed.by_set, packed.trees, packed.adding, packed.rules, packed.leaf_values),
            *(walked.sources, walked.features, walked.depth, walked.nodes),
        )
        object.__setattr__(self, "_kept", kept)
        packable = len(packed.turns) == len(walked.splits)
        object.__setattr__(self, "_few_rows", _FEW_ROWS if packable else 0)

    def run(self, matrix: Numbers, explain: bool) -> tuple[Numbers, Numbers]:
        """The prediction of each row, (n,), and its contributions, (n, features).

        Args:
            matrix: (n, columns) of float64, contiguous by rows.
        """
        rows, width = matrix.shape
        values = np.empty(rows)
        contributions = np.empty((rows, self.program.features if explain else 0))
        run(*self.named(rows), matrix, rows, width, values, contributions)
        return values, contributions

    def named(self, rows: int) -> tuple[str, object]:
        """The layout and the program that walk so many rows."""
        return self.layout or (ROW_BY_ROW if rows <= self._few_rows else WIDEST), self._kept


class CompiledWalks:
    """Kernels that walk one matrix together."""

    def __init__(self, kernels: Sequence[tuple[CompiledKernel, int]]) -> None:
        """The kernels, each with the column where its contributions begin; −1 for none."""
        self._few, self._many = (
            tuple([(*kernel.named(rows), begins) for kernel, begins in kernels])
            for rows in (_FEW_ROWS, _FEW_ROWS + 1)
        )

    def begun(self, matrix: Numbers, values: Numbers, contributions: Numbers) -> Callable[[], None]:
        """What returns when values and contributions have been filled; it is begun already.

        Args:
            matrix: (n, columns) of float64, contiguous by rows.
            values: (kernels, n). contributions: (n, width), or (n, 0) where none are wanted.
        """
        rows, width = matrix.shape
        programs, stride = self._few if rows <= _FEW_ROWS else self._many, contributions.shape[1]
        return partial(finish, begin(programs, matrix, rows, width, values, contributions, stride))
