"""The trees of several models over one matrix: begun together, asked for when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from features.operations import Numbers
from models.tree_explainer import COMPILED, TreeExplainer, checked

if TYPE_CHECKING or COMPILED:
    from models.compiled_kernel import CompiledKernel, CompiledWalks

_AHEAD = 64
"""Up to so many rows are walked meanwhile; those of a file have processes of their own."""


class Walks:
    """The trees of w models over one matrix.

    Where there is a kernel in C, a thread of its own walks few rows from the moment they are begun
    (decision 40).
    """

    def __init__(self, explainers: Sequence[tuple[TreeExplainer, int]], width: int) -> None:
        """The models, each with the column where its contributions begin; −1 for none.

        Args:
            width: of the matrix of contributions, in which columns of none stay 0.
        """
        self._explainers, self._width = explainers, width
        self._columns = max((each.columns for each, _ in explainers), default=0)
        self._compiled = _compiled(explainers)

    def begun(self, matrix: Numbers, explain: bool) -> Callable[[], tuple[Numbers, Numbers]]:
        """What gives, once, the predictions (w, n) and contributions (n, width), or (n, 0).

        Raises:
            ValueError: when it is no matrix, or has too few columns.
        """
        matrix = checked(matrix, self._columns)
        rows = len(matrix)
        values = np.empty((len(self._explainers), rows))
        contributions = np.zeros((rows, self._width if explain else 0))
        if self._compiled is not None and rows <= _AHEAD:
            finish = self._compiled.begun(matrix, values, contributions)
        else:
            finish = partial(self._walk, matrix, values, contributions)
        return partial(self._finished, finish, values, contributions)

    def _finished(
        self, finish: Callable[[], None], values: Numbers, contributions: Numbers
    ) -> tuple[Numbers, Numbers]:
        """What has been walked when `finish` returns."""
        finish()
        return values, contributions

    def _walk(self, matrix: Numbers, values: Numbers, contributions: Numbers) -> None:
        """Fill values and contributions."""
        for (explainer, begins), of_it in zip(self._explainers, values, strict=True):
            explained = begins >= 0 and contributions.shape[1] > 0
            of_it[:], parts = explainer.kernel.run(matrix, explained)
            if explained:
                contributions[:, begins : begins + parts.shape[1]] = parts


def _compiled(explainers: Sequence[tuple[TreeExplainer, int]]) -> CompiledWalks | None:
    """The same for the kernel in C; None where it is not there for all of them."""
    if not COMPILED:
        return None
    kernels = [
        (each.kernel, begins)
        for each, begins in explainers
        if isinstance(each.kernel, CompiledKernel)
    ]
    return CompiledWalks(kernels) if len(kernels) == len(explainers) else None
