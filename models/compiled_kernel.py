"""The kernel in C: rows side by side in vector lanes, in the widest layout of the processor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from models import _tree_kernel
from models.tree_program import TreeProgram

LAYOUTS: tuple[str, ...] = tuple(_tree_kernel.layouts())
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

    def run(self, matrix: Numbers, explain: bool) -> tuple[Numbers, Numbers]:
        """The prediction of each row, (n,), and its contributions, (n, features).

        Args:
            matrix: (n, columns) of float64, contiguous by rows.
        """
        rows, width = matrix.shape
        program, packed = self.program, self.program.packed
        one_by_one = len(packed.turns) == len(program.splits)
        values = np.empty(rows)
        contributions = np.empty((rows, program.features if explain else 0))
        _tree_kernel.run(
            self.layout or (ROW_BY_ROW if rows <= _FEW_ROWS and one_by_one else WIDEST),
            program.steps,
            program.splits,
            program.constants,
            program.words,
            program.trees,
            packed.turns,
            packed.edges,
            packed.sources,
            packed.bunches,
            packed.repeated,
            packed.by_set,
            packed.trees,
            packed.adding,
            packed.rules,
            packed.leaf_values,
            program.sources,
            program.features,
            program.depth,
            program.nodes,
            matrix,
            rows,
            width,
            values,
            contributions,
        )
        return values, contributions
