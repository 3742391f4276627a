"""What each head is to learn, from the columns of past appraisal outcomes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.errors import TrainingError
from features.head_declaration import HeadDeclaration, HeadKind
from features.operations import UNKNOWN, Numbers


def target(head: HeadDeclaration, outcomes: Mapping[str, Numbers]) -> Numbers:
    """The target of every row, shape (n,), NaN where the outcome is unknown.

    Points for a score, the amount in the catalogue's unit for an amount (less than 0 is unknown),
    0 or 1 for a probability.

    Raises:
        TrainingError: when an outcome column is absent, or an event is neither 0 nor 1.
    """
    value = _outcome(head, outcomes)
    if head.kind is HeadKind.PROBABILITY:
        return _event(head, value)
    if head.kind is HeadKind.AMOUNT:
        return np.where(value >= 0, value, UNKNOWN)
    return value if head.outcome.clip is None else np.clip(value, *head.outcome.clip)


def _outcome(head: HeadDeclaration, outcomes: Mapping[str, Numbers]) -> Numbers:
    absent = [column for column in head.outcome.columns if column not in outcomes]
    if absent:
        raise TrainingError(
            f"head {head.name}: expected the outcome column {', '.join(absent)}; "
            f"got {', '.join(sorted(outcomes)) or 'none'}"
        )
    first, *rest = (outcomes[column] for column in head.outcome.columns)
    for below in rest:
        divided = np.full(first.shape, UNKNOWN)
        np.divide(first, below, out=divided, where=below > 0)
        first = divided
    return np.asarray(first * head.outcome.scale, dtype=np.float64)


def _event(head: HeadDeclaration, value: Numbers) -> Numbers:
    outcome = head.outcome
    if outcome.below is not None:
        return np.where(np.isnan(value), UNKNOWN, (value < outcome.below).astype(np.float64))
    if outcome.at_least is not None:
        return np.where(np.isnan(value), UNKNOWN, (value >= outcome.at_least).astype(np.float64))
    strange = value[~np.isnan(value) & (value != 0) & (value != 1)]
    if len(strange):
        raise TrainingError(
            f"head {head.name}: expected 0 or 1 in {outcome.column}; got {strange[0]:g}; "
            "say in the catalogue from where it counts: below or at_least"
        )
    return value
