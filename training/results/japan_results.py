"""Everything that is measured on the Japanese programme reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.recipe import told_trees
from training.results.japan_amount import HEAD as AMOUNT
from training.results.japan_amount import AmountResult, amount_result
from training.results.japan_data import JapanReview, Progress
from training.results.japan_grade import GradeResult, grade_result
from training.results.japan_probability import (
    HEADS,
    ProbabilityResult,
    letters_of,
    probability_result,
)
from training.targets import target


@dataclass(frozen=True)
class JapanResults:
    """Everything that the page says in figures.

    sheets: per round. shares: head → round → the share of sheets with the event.
    """

    digest: str
    sheets: Mapping[int, int]
    left_out: int
    software: Mapping[str, str]
    settings: str
    level: float
    shares: Mapping[str, Mapping[int, float]]
    probabilities: tuple[ProbabilityResult, ...]
    amount: AmountResult
    grade: GradeResult


def measured(japan: JapanReview, progress: Progress) -> JapanResults:
    """Every figure of the page."""
    progress("letters of the texts")
    letters = letters_of(japan)
    rounds, sheets = np.unique(japan.data.years, return_counts=True)
    return JapanResults(
        japan.data.digest,
        {int(year): int(number) for year, number in zip(rounds, sheets, strict=True)},
        len(japan.data.faults),
        japan.model.facts.software,
        told_trees(japan.settings.recipe),
        japan.model.heads[AMOUNT].declaration.level,
        {head: _shares(japan, head) for head in HEADS},
        tuple(probability_result(japan, head, letters, progress) for head in HEADS),
        amount_result(japan, progress),
        grade_result(japan),
    )


def _shares(japan: JapanReview, head: str) -> dict[int, float]:
    event = target(japan.data.catalogue.head(head), japan.data.outcomes)
    years = japan.data.years
    return {int(year): float(np.nanmean(event[years == year])) for year in np.unique(years)}
