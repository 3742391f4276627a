"""The kernel in C: rows side by side in vector lanes, in the widest layout of the processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

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
_AHEAD = 64
"""Up to so many rows are walked by the thread; those of a file have processes of their own."""


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
        values, contributions = self._empty(rows, explain)
        run(self._layout(rows), self._kept, matrix, rows, width, values, contributions)
        return values, contributions

    def begun(self, matrix: Numbers, explain: bool) -> Callable[[], tuple[Numbers, Numbers]]:
        """What gives the same: few rows are walked meanwhile, if another processor is free."""
        rows, width = matrix.shape
        if rows > _AHEAD:
            return lambda: self.run(matrix, explain)
        values, contributions = self._empty(rows, explain)
        walk = begin(self._layout(rows), self._kept, matrix, rows, width, values, contributions)

        def walked() -> tuple[Numbers, Numbers]:
            finish(walk)
            return values, contributions

        return walked

    def _layout(self, rows: int) -> str:
        return self.layout or (ROW_BY_ROW if rows <= self._few_rows else WIDEST)

    def _empty(self, rows: int, explain: bool) -> tuple[Numbers, Numbers]:
        """Where a walk writes to."""
        return np.empty(rows), np.empty((rows, self.program.features if explain else 0))
