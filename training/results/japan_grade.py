"""The grade proxy: how far the approved share tells the finance ministry's revealed priority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from training.evaluation import spearman
from training.objective import SQUARED_ERROR
from training.results.agreement import Grades, accuracy, graded, matching_cuts
from training.results.japan_data import JapanReview
from training.targets import target
from training.weighted_kappa import weighted_kappa

HEAD = "approval_share"
GRADES = ("D", "C", "B", "A")
CUTS = np.array([60.0, 90.0, 99.5])
"""Per cent of the request from which grades C, B and A begin."""
GROWTH = ("request_next", "request_to_initial")


@dataclass(frozen=True)
class Agreement:
    """Predicted beside revealed grades on the test round."""

    spearman: float
    kappa: float
    accuracy: float


@dataclass(frozen=True)
class GradeResult:
    """The approved share turned into grades.

    model: with cuts that give the calibration round its own shares of grades. plain: with the
    grades' own cuts. growth: request size and growth alone, with cuts of the same sort. majority:
    the commonest grade of the calibration round for everybody.
    """

    n: int
    shares: tuple[float, ...]
    model: Agreement
    plain: Agreement
    growth: Agreement
    majority: Agreement
    confusion: tuple[tuple[int, ...], ...]


def grade_result(japan: JapanReview) -> GradeResult:
    """The measured figures of the grade proxy."""
    share = target(japan.data.catalogue.head(HEAD), japan.data.outcomes)
    known = ~np.isnan(share)
    head = japan.model.heads[HEAD]
    predicted = head.value(japan.table, japan.model.vocabulary)
    growth = japan.grower().grown(HEAD, GROWTH, share, japan.fit & known, SQUARED_ERROR).predict()
    calibrating, rows = japan.calibrate & known, japan.tested(HEAD)
    before, true = graded(share[calibrating], CUTS), graded(share[rows], CUTS)
    levels = len(GRADES)

    def by_matching(column: Numbers) -> Grades:
        return graded(column[rows], matching_cuts(column[calibrating], before, levels))

    given = by_matching(predicted)
    commonest = np.full(len(rows), np.bincount(before, minlength=levels).argmax())
    return GradeResult(
        len(rows),
        tuple(float((true == grade).mean()) for grade in range(levels)),
        _agreement(given, predicted[rows], true, share[rows]),
        _agreement(graded(predicted[rows], CUTS), predicted[rows], true, share[rows]),
        _agreement(by_matching(growth), growth[rows], true, share[rows]),
        _agreement(commonest, np.zeros(len(rows)), true, share[rows]),
        _confusion(given, true),
    )


def _agreement(given: Grades, value: Numbers, true: Grades, share: Numbers) -> Agreement:
    levels = len(GRADES)
    return Agreement(
        spearman(value, share), weighted_kappa(given, true, levels), accuracy(given, true)
    )


def _confusion(given: Grades, true: Grades) -> tuple[tuple[int, ...], ...]:
    levels = range(len(GRADES))
    return tuple(tuple(int(((given == g) & (true == t)).sum()) for g in levels) for t in levels)
