"""Fitting one head: trees on the older rounds, calibration on a later one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.catalogue import Catalogue
from features.errors import TrainingError
from features.field import Kind
from features.head_declaration import HeadDeclaration, HeadKind
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix
from features.operations import Numbers
from models.conformal import ConformalRange
from models.drift import NO_DRIFT, Drift, measured_drift
from models.head import Head, contributions_of, offset, positive_logs, terms
from models.margin_map import MarginMap
from models.peers import Groups
from models.raw_range import raw_range
from models.trees import Trees
from training.growing import THIS_MACHINE, Grower, TrainingRows, TreeSettings, grow_trees
from training.objective import LOG_LOSS, SQUARED_ERROR, Objective, Quantile
from training.rolling_origins import rolling_origins
from training.split import Mask, Years

LEAST_FIT_ROWS = 200
LEAST_CALIBRATION_ROWS = 50
LEAST_RANGE_CASES = 100
LEAST_EVENTS = 20
MOST_BACKGROUND_ROWS = 200
_SIGNS = {"+": 1, "-": -1, "free": 0}

Grown = tuple[Trees, tuple[Trees, Trees] | None]
"""The central trees, and those of the raw low and high end where they have trees of their own."""


@dataclass(frozen=True)
class LearningRows:
    """What a head may be learned from: the indicator table and, per row, groups and rounds.

    years: (n,). fit, calibrate: masks of shape (n,). memberships: (n, depth). groups: how many
    peer groups there are.
    """

    catalogue: Catalogue
    table: IndicatorTable
    vocabulary: Vocabulary
    memberships: Groups
    groups: int
    years: Years
    fit: Mask
    calibrate: Mask

    def matrix(self, head: str) -> Numbers:
        """The feature matrix of a head, shape (n, inputs of the head)."""
        names = [i.name for i in self.catalogue.inputs(head)]
        return feature_matrix(self.table, names, self.vocabulary)


def fit_head(
    declaration: HeadDeclaration,
    target: Numbers,
    rows: LearningRows,
    settings: TreeSettings,
    grower: Grower = THIS_MACHINE,
) -> Head:
    """The head learned from a target of shape (n,), NaN where the outcome is unknown.

    An amount of 0 has no logarithm: it is not learned from, and it counts as a miss of the range
    when the range is calibrated.

    Raises:
        TrainingError: when there are too few outcomes to fit or to calibrate.
    """
    goal = learning_goal(declaration, target, rows)
    known = ~np.isnan(goal)
    lacking = shortage(declaration, goal, rows.fit, rows.calibrate)
    if lacking:
        raise TrainingError(lacking)
    matrix = rows.matrix(declaration.name)
    grown = grow_head(declaration, goal, rows, matrix, rows.fit, settings, grower)
    margin, found = MarginMap(), None
    if declaration.kind is HeadKind.PROBABILITY:
        predicted = grown[0].predict(matrix[rows.calibrate & known])
        margin = MarginMap.fit(predicted, goal[rows.calibrate & known])
    else:
        drift = _drift(declaration, goal, rows, matrix, settings, grower)
        found = _calibrated(declaration, grown, goal, rows, matrix, drift)
    central, bounds = grown
    background, importance = _background(declaration, central, margin, rows, matrix)
    return Head(declaration, central, bounds, margin, found, background, importance)


def learning_goal(declaration: HeadDeclaration, target: Numbers, rows: LearningRows) -> Numbers:
    """The target on the head's additive scale, relative to what it is relative to, shape (n,)."""
    if declaration.kind is not HeadKind.AMOUNT:
        return target
    with np.errstate(divide="ignore"):
        return np.log(target) - offset(rows.table, declaration)


def shortage(declaration: HeadDeclaration, goal: Numbers, fit: Mask, later: Mask) -> str | None:
    """What is lacking to learn from some rows and to compare with later ones; None if nothing."""
    known = ~np.isnan(goal)
    for name, mask, least in (
        ("to learn from", fit & known, LEAST_FIT_ROWS),
        ("to calibrate with", later & known, LEAST_CALIBRATION_ROWS),
    ):
        expected = f"head {declaration.name}: expected at least"
        if mask.sum() < least:
            return f"{expected} {least} outcomes {name}; got {int(mask.sum())}"
        if declaration.kind is HeadKind.PROBABILITY:
            rarer = min(goal[mask].sum(), (1 - goal[mask]).sum())
            if rarer < LEAST_EVENTS:
                return f"{expected} {LEAST_EVENTS} cases of each outcome {name}; got {int(rarer)}"
    return None


def grow_head(
    declaration: HeadDeclaration,
    goal: Numbers,
    rows: LearningRows,
    matrix: Numbers,
    mask: Mask,
    settings: TreeSettings,
    grower: Grower = THIS_MACHINE,
) -> Grown:
    """The central trees and, for an amount, those of the two raw ends, grown on some rows.

    Args:
        matrix: the head's feature matrix, shape (n, inputs); it is costly, so it is made once.
        mask: the rows to learn from, shape (n,); those without a finite goal are left out.
        grower: where to grow the trees.
    """
    inputs = rows.catalogue.inputs(declaration.name)
    chosen = mask & np.isfinite(goal)
    training = TrainingRows(matrix[chosen], goal[chosen])
    parts = [i.dimension for i in inputs] if declaration.additive_by_dimension else None

    def grown(objective: Objective, after: Trees | None = None) -> Trees:
        return grow_trees(
            training,
            [i.name for i in inputs],
            [i.name for i in inputs if i.kind is Kind.CATEGORY and not i.ordered],
            [_SIGNS[i.use[declaration.name]] for i in inputs],
            objective,
            settings,
            after,
            grower,
            parts,
        )

    if declaration.kind is HeadKind.SCORE:
        return grown(SQUARED_ERROR), None
    if declaration.kind is HeadKind.PROBABILITY:
        return grown(LOG_LOSS), None
    # The mean first, then each quantile from there: what is left to bend is only the noise.
    mean = grown(SQUARED_ERROR)
    residual = training.target - mean.predict(training.matrix)
    tail = (1 - declaration.level) / 2
    low, mid, high = (
        grown(Quantile.of(level, residual), after=mean) for level in (tail, 0.5, 1 - tail)
    )
    return mid, (low, high)


def _drift(
    declaration: HeadDeclaration,
    goal: Numbers,
    rows: LearningRows,
    matrix: Numbers,
    settings: TreeSettings,
    grower: Grower,
) -> Drift:
    """How much past rounds differ, from forecasts of each by the rounds before it."""
    if declaration.new_round_confidence is None:
        return NO_DRIFT
    rounds, below, above = [], [], []
    known = ~np.isnan(goal)
    for origin in rolling_origins(rows.years):
        fit = origin.fit(rows.years) & np.isfinite(goal)
        forecast = origin.forecast(rows.years) & known
        if fit.sum() < LEAST_FIT_ROWS or forecast.sum() < LEAST_CALIBRATION_ROWS:
            continue
        grown = grow_head(declaration, goal, rows, matrix, fit, settings, grower)
        low, high = _scores(grown, goal, matrix, forecast)
        rounds.append(origin.round)
        below.append(low)
        above.append(high)
    confidence = declaration.new_round_confidence
    return measured_drift(rounds, below, above, declaration.level, confidence)


def _calibrated(
    declaration: HeadDeclaration,
    grown: Grown,
    goal: Numbers,
    rows: LearningRows,
    matrix: Numbers,
    drift: Drift,
) -> ConformalRange:
    mask = rows.calibrate & ~np.isnan(goal)
    below, above = _scores(grown, goal, matrix, mask)
    return ConformalRange.calibrate(
        below,
        above,
        rows.memberships[mask],
        rows.groups,
        declaration.level,
        LEAST_RANGE_CASES,
        drift,
    )


def _scores(grown: Grown, goal: Numbers, matrix: Numbers, mask: Mask) -> tuple[Numbers, Numbers]:
    found = raw_range(*grown, matrix[mask], np.zeros(int(mask.sum())))
    return found.scores(goal[mask])


def _background(
    declaration: HeadDeclaration,
    central: Trees,
    margin: MarginMap,
    rows: LearningRows,
    matrix: Numbers,
) -> tuple[Numbers, Numbers]:
    """Each peer group's mean contributions, shape (groups, terms), and their importance, (terms,).

    Taken over at most `MOST_BACKGROUND_ROWS` learned projects of the group, evenly spaced.
    """
    learned = rows.fit | rows.calibrate
    chosen = [
        _evenly(np.flatnonzero((rows.memberships == group).any(axis=1) & learned))
        for group in range(rows.groups)
    ]
    needed = np.unique(np.concatenate(chosen))
    table = rows.table.rows(needed)
    contributions = contributions_of(
        declaration,
        terms(declaration, central.features),
        margin,
        positive_logs(table, declaration.relative_to),
        central.explain(matrix[needed]),
    )
    means = [np.nanmean(contributions[np.searchsorted(needed, m)], axis=0) for m in chosen]
    apart = np.abs(contributions - means[0])
    return np.vstack(means), np.nanmean(apart, axis=0)


def _evenly(members: Groups) -> Groups:
    if len(members) <= MOST_BACKGROUND_ROWS:
        return members
    return members[np.linspace(0, len(members) - 1, MOST_BACKGROUND_ROWS).astype(np.int64)]
