"""What models of the same recipe would have been worth, round after round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from training.appraisal_data import AppraisalData
from training.evaluation import HeadEvaluation, evaluate
from training.split import TimeSplit
from training.train import TrainingSettings, train

LEAST_EARLIER = 2
"""Rounds before the first that is forecast: one to learn from, one to calibrate with."""


def rolling_evaluation(
    data: AppraisalData,
    settings: TrainingSettings,
    rounds: int = 3,
    report: Callable[[int], None] = lambda year: None,
) -> dict[int, dict[str, HeadEvaluation]]:
    """Each of the last rounds → head → its evaluation by a model of the rounds before it.

    A head whose outcomes of a round are not known yet is missing there.

    Args:
        settings: how the trees are grown; its split is moved from round to round.
        rounds: how many; fewer where fewer than two rounds would come before.
    """
    years = [int(year) for year in np.unique(data.years)]
    found = {}
    for place in range(max(LEAST_EARLIER, len(years) - rounds), len(years)):
        year = years[place]
        report(year)
        split = TimeSplit(years[place - 2], years[place - 1])
        model = train(data.where(data.years <= years[place - 1]), replace(settings, split=split))
        found[year] = evaluate(model, data.where(data.years == year))
    return found
