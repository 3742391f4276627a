"""How well a prediction orders projects: within groups, and how sure an AUC is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.operations import Numbers
from training.evaluation import auc

RESAMPLES = 500


def auc_within(value: Numbers, outcome: Numbers, groups: Sequence[str]) -> float:
    """The mean of the groups' own AUCs, each weighted by its number of projects.

    Groups in which all outcomes agree have no AUC and are left out. Differences between groups
    count for nothing, so who declares cannot help.
    """
    labels = np.asarray(groups)
    found, weights = [], []
    for group in np.unique(labels):
        inside = labels == group
        own = auc(value[inside], outcome[inside])
        if not np.isnan(own):
            found.append(own)
            weights.append(int(inside.sum()))
    return float(np.average(found, weights=weights)) if found else float("nan")


def auc_standard_error(value: Numbers, outcome: Numbers, seed: int = 7) -> float:
    """The standard deviation of the AUC over `RESAMPLES` bootstrap samples of the projects."""
    random = np.random.default_rng(seed)
    picks = random.integers(0, len(value), (RESAMPLES, len(value)))
    return float(np.nanstd([auc(value[pick], outcome[pick]) for pick in picks]))
