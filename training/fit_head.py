"""Fitting one head: trees on the older rounds, calibration on a later one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from features.catalogue import Catalogue
from features.errors import TrainingError
from features.field import Kind
from features.head_declaration import HeadDeclaration, HeadKind
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix
from features.operations import Numbers
from models.conformal import ConformalRange, Groups
from models.head import Head, offset
from models.margin_map import MarginMap
from models.objective import LOG_LOSS, SQUARED_ERROR, Objective, Quantile
from models.trees import TrainingRows, Trees, TreeSettings, grow_trees
from training.split import Mask

LEAST_FIT_ROWS = 200
LEAST_CALIBRATION_ROWS = 50
LEAST_RANGE_CASES = 100
LEAST_EVENTS = 20
MOST_BACKGROUND_ROWS = 200
_SIGNS = {"+": 1, "-": -1, "free": 0}


@dataclass(frozen=True)
class LearningRows:
    """What a head may be learned from: the indicator table and, per row, groups and rounds.

    fit, calibrate: masks of shape (n,). memberships: (n, depth). groups: how many peer groups.
    """

    catalogue: Catalogue
    table: IndicatorTable
    vocabulary: Vocabulary
    memberships: Groups
    groups: int
    fit: Mask
    calibrate: Mask


def fit_head(
    declaration: HeadDeclaration, target: Numbers, rows: LearningRows, settings: TreeSettings
) -> Head:
    """The head learned from a target of shape (n,), NaN where the outcome is unknown.

    Raises:
        TrainingError: when there are too few outcomes to fit or to calibrate.
    """
    goal = np.log(target) if declaration.kind is HeadKind.AMOUNT else target
    goal = goal - offset(rows.table, declaration)
    known = ~np.isnan(goal)
    _require_enough(declaration, goal, rows.fit & known, rows.calibrate & known)
    central, bounds = _grow(declaration, goal, rows, rows.fit & known, settings)
    return _calibrated(declaration, central, bounds, goal, rows, rows.calibrate & known)


def _require_enough(
    declaration: HeadDeclaration, goal: Numbers, fit: Mask, calibrate: Mask
) -> None:
    for name, mask, least in (
        ("to learn from", fit, LEAST_FIT_ROWS),
        ("to calibrate with", calibrate, LEAST_CALIBRATION_ROWS),
    ):
        if mask.sum() < least:
            raise TrainingError(
                f"head {declaration.name}: expected at least {least} outcomes {name}; "
                f"got {int(mask.sum())}"
            )
        rarer = min(goal[mask].sum(), (1 - goal[mask]).sum())
        if declaration.kind is HeadKind.PROBABILITY and rarer < LEAST_EVENTS:
            raise TrainingError(
                f"head {declaration.name}: expected at least {LEAST_EVENTS} cases of each outcome "
                f"{name}; got {int(rarer)}"
            )


def _grow(
    declaration: HeadDeclaration,
    goal: Numbers,
    rows: LearningRows,
    mask: Mask,
    settings: TreeSettings,
) -> tuple[Trees, tuple[Trees, Trees] | None]:
    inputs = rows.catalogue.inputs(declaration.name)
    names = [i.name for i in inputs]
    training = TrainingRows(feature_matrix(rows.table, names, rows.vocabulary)[mask], goal[mask])

    def grown(objective: Objective) -> Trees:
        return grow_trees(
            training,
            names,
            [i.name for i in inputs if i.kind is Kind.CATEGORY and not i.ordered],
            [_SIGNS[i.use[declaration.name]] for i in inputs],
            objective,
            settings,
        )

    if declaration.kind is HeadKind.SCORE:
        return grown(SQUARED_ERROR), None
    if declaration.kind is HeadKind.PROBABILITY:
        return grown(LOG_LOSS), None
    tail = (1 - declaration.level) / 2
    low, mid, high = (grown(Quantile.of(level, training.target)) for level in (tail, 0.5, 1 - tail))
    return mid, (low, high)


def _calibrated(
    declaration: HeadDeclaration,
    central: Trees,
    bounds: tuple[Trees, Trees] | None,
    goal: Numbers,
    rows: LearningRows,
    mask: Mask,
) -> Head:
    matrix = feature_matrix(rows.table, central.features, rows.vocabulary)[mask]
    predicted = central.predict(matrix, threads=2)
    margin, found = MarginMap(), None
    if declaration.kind is HeadKind.PROBABILITY:
        margin = MarginMap.fit(predicted, goal[mask])
    else:
        low, high = (
            (trees.predict(matrix, threads=2) for trees in bounds)
            if bounds
            else (predicted, predicted)
        )
        found = ConformalRange.calibrate(
            low - goal[mask],
            goal[mask] - high,
            rows.memberships[mask],
            rows.groups,
            declaration.level,
            LEAST_RANGE_CASES,
        )
    head = Head(declaration, central, bounds, margin, found, np.empty((0, 0)), np.empty(0))
    background, importance = _background(head, rows)
    return replace(head, background=background, importance=importance)


def _background(head: Head, rows: LearningRows) -> tuple[Numbers, Numbers]:
    """Each peer group's mean contributions, shape (groups, terms), and their importance, (terms,).

    Taken over at most `MOST_BACKGROUND_ROWS` learned projects of the group, evenly spaced.
    """
    learned = rows.fit | rows.calibrate
    chosen = [
        _evenly(np.flatnonzero((rows.memberships == group).any(axis=1) & learned))
        for group in range(rows.groups)
    ]
    needed = np.unique(np.concatenate(chosen))
    contributions, _ = head.contributions(rows.table.rows(needed), rows.vocabulary)
    means = [np.nanmean(contributions[np.searchsorted(needed, m)], axis=0) for m in chosen]
    apart = np.abs(contributions - means[0])
    return np.vstack(means), np.nanmean(apart, axis=0)


def _evenly(members: Groups) -> Groups:
    if len(members) <= MOST_BACKGROUND_ROWS:
        return members
    return members[np.linspace(0, len(members) - 1, MOST_BACKGROUND_ROWS).astype(np.int64)]
