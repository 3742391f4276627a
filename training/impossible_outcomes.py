"""Outcomes that cannot be true, whatever a project is.

The limits of a score (`clip`) are taken for the range of its outcome, unless another head reads the
same column without them: then they limit that score only.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.catalogue import Catalogue
from features.head_declaration import HeadDeclaration, HeadKind
from features.operations import Numbers
from training.split import Mask

NEGATIVE = "an amount below 0"
OUT_OF_RANGE = "outside the range of the score"
NOT_AN_EVENT = "neither 0 nor 1"
WITHOUT_WHOLE = "a part without its whole"
WHY = (NEGATIVE, OUT_OF_RANGE, NOT_AN_EVENT, WITHOUT_WHOLE)


def impossible_values(
    outcomes: Mapping[str, Numbers], catalogue: Catalogue
) -> dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The rows that are impossible: (outcome column, why) → their positions, none empty."""
    found: dict[tuple[str, str], Mask] = {}
    for head in catalogue.heads:
        if not set(head.outcome.columns) <= outcomes.keys():
            continue
        for column, why, rows in _impossible(head, outcomes, catalogue):
            earlier = found.get((column, why))
            found[column, why] = rows if earlier is None else rows | earlier
    return {place: np.flatnonzero(rows) for place, rows in found.items() if rows.any()}


def _impossible(
    head: HeadDeclaration, outcomes: Mapping[str, Numbers], catalogue: Catalogue
) -> list[tuple[str, str, Mask]]:
    outcome = head.outcome
    columns = [outcomes[name] for name in outcome.columns]
    first, value = outcome.columns[0], columns[0] * outcome.scale
    with np.errstate(invalid="ignore"):
        if outcome.ratio is not None:
            part, whole = columns
            without = (part > 0) & ~(whole > 0)
            negative = [(n, NEGATIVE, outcomes[n] < 0) for n in outcome.columns]
            return [(first, WITHOUT_WHOLE, without), *negative]
        if head.kind is HeadKind.AMOUNT:
            return [(first, NEGATIVE, value < 0)]
        unlimited = any(
            first in other.outcome.columns and other.outcome.clip is None
            for other in catalogue.heads
        )
        if head.kind is HeadKind.SCORE and outcome.clip is not None and not unlimited:
            low, high = outcome.clip
            return [(first, OUT_OF_RANGE, (value < low) | (value > high))]
        if head.kind is HeadKind.PROBABILITY and outcome.below is outcome.at_least is None:
            return [(first, NOT_AN_EVENT, ~np.isnan(value) & (value != 0) & (value != 1))]
    return []
