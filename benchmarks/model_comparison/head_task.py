"""One head to be learned at one origin: rows, columns and target, alike for everyone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.field import Kind
from features.head_declaration import HeadDeclaration
from features.operations import Numbers
from models.head import offset
from training.appraisal_data import AppraisalData
from training.fit_head import LearningRows, learning_goal, shortage
from training.growing import TrainingRows
from training.split import Mask, TimeSplit
from training.train import known_targets, learning_rows

_SIGNS = {"+": 1, "-": -1, "free": 0}


@dataclass(frozen=True)
class Columns:
    """What the columns of the matrix are.

    categorical: places of codes without an order, NaN where unknown. directions: +1, −1 or 0 each.
    """

    names: tuple[str, ...]
    categorical: tuple[int, ...]
    directions: tuple[int, ...]
    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class HeadTask:
    """One head, with rows to fit, a later round to validate and calibrate with, one to test on.

    goal, matrix, offset: of all n rows; the goal on the head's additive scale less the offset, NaN
    where unknown and −∞ for an amount of 0. test: which rows are tested, shape (n,).
    """

    declaration: HeadDeclaration
    rows: LearningRows
    columns: Columns
    matrix: Numbers
    goal: Numbers
    offset: Numbers
    test: Mask

    @property
    def fitted(self) -> TrainingRows:
        """What is learned from."""
        return self._where(self.rows.fit)

    @property
    def later(self) -> TrainingRows:
        """The round after it, which settings are chosen by."""
        return self._where(self.rows.calibrate)

    @property
    def known(self) -> Mask:
        """The rows whose outcome is known, an amount of 0 included."""
        return ~np.isnan(self.goal)

    def _where(self, mask: Mask) -> TrainingRows:
        chosen = mask & np.isfinite(self.goal)
        return TrainingRows(self.matrix[chosen], self.goal[chosen])


def head_tasks(data: AppraisalData, split: TimeSplit) -> Iterator[HeadTask]:
    """The task of every head whose outcomes suffice, tested on the rows after the split."""
    rows, _ = learning_rows(data, split)
    targets, _ = known_targets(data)
    test = split.test(data.years)
    for name, target in targets.items():
        declaration = data.catalogue.head(name)
        goal = learning_goal(declaration, target, rows)
        if shortage(declaration, goal, rows.fit, rows.calibrate) is not None:
            continue
        if shortage(declaration, goal, rows.fit, test) is not None:
            continue
        apart = offset(rows.table, declaration)
        columns = _columns(rows, name)
        yield HeadTask(declaration, rows, columns, rows.matrix(name), goal, apart, test)


def _columns(rows: LearningRows, head: str) -> Columns:
    inputs = rows.catalogue.inputs(head)
    codes = [n for n, i in enumerate(inputs) if i.kind is Kind.CATEGORY and not i.ordered]
    return Columns(
        tuple(i.name for i in inputs),
        tuple(codes),
        tuple(_SIGNS[i.use[head]] for i in inputs),
        tuple(i.dimension for i in inputs),
    )
