"""How likely a project is to perform badly or to leave its money unspent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.province.axes import MOST_FINDINGS, Terms
from training.province.project_types import type_values

USUAL_RATE = 0.92
USUAL_EVALUATION = 84.0


@dataclass(frozen=True)
class RiskFacts:
    """What the risks depend on, one entry per project."""

    kind: np.ndarray
    new: np.ndarray  # never funded before
    rate: np.ndarray  # latest earlier execution rate, NaN without one
    evaluation: np.ndarray  # latest earlier evaluation score, NaN without one
    growth: np.ndarray  # log(request ÷ last year's budget), NaN without one
    padding: np.ndarray  # log(request ÷ true cost)
    first_of_many: np.ndarray  # first year of several
    procured: np.ndarray
    plan_missing: np.ndarray
    open_findings: np.ndarray
    valid_policy: np.ndarray
    share_quantified: np.ndarray
    share_vague: np.ndarray
    share_own: np.ndarray
    share_weaker: np.ndarray
    complete: np.ndarray  # all three kinds of target present
    copied: np.ndarray  # the necessity repeats the summary


def low_execution_terms(facts: RiskFacts) -> Terms:
    """Log-odds, by term, that less than 80 % of the adjusted budget is spent."""
    complexity = type_values("complexity")[facts.kind]
    return {
        "base": np.full(len(complexity), -3.15),
        "complexity": 2.2 * complexity,
        "new": 0.5 * facts.new,
        "rate": 6.0 * _shortfall(facts),
        "growth": 1.2 * np.nan_to_num(np.clip(facts.growth, -0.5, 1.0)),
        "padding": 3.0 * np.clip(facts.padding, -0.3, 0.6),
        "first_of_many": 0.4 * facts.first_of_many,
        "procured": 0.3 * facts.procured,
        "plan_missing": 0.6 * facts.plan_missing,
        "findings": 0.45 * np.minimum(facts.open_findings, MOST_FINDINGS),
        "targets": -1.2 * (facts.share_quantified - 0.5),
    }


def poor_performance_terms(facts: RiskFacts) -> Terms:
    """Log-odds, by term, that an evaluation ends below 80 points."""
    complexity = type_values("complexity")[facts.kind]
    below = np.clip(USUAL_EVALUATION - facts.evaluation, -10, 24)
    return {
        "base": np.full(len(complexity), -3.1),
        "complexity": 1.2 * complexity,
        "new": 0.3 * facts.new,
        "evaluation": 0.11 * np.nan_to_num(below),
        "rate": 2.5 * _shortfall(facts),
        "padding": 2.0 * np.clip(facts.padding, -0.3, 0.6),
        "vague": 2.8 * (facts.share_vague - 0.3),
        "repeated": 1.5 * (1 - facts.share_own),
        "weaker": 1.2 * facts.share_weaker,
        "incomplete": 0.7 * ~facts.complete,
        "copied": 0.7 * facts.copied,
        "plan_missing": 0.4 * facts.plan_missing,
        "no_valid_policy": 0.4 * ~facts.valid_policy,
        "findings": 0.55 * np.minimum(facts.open_findings, MOST_FINDINGS),
    }


def probability(terms: Terms) -> np.ndarray:
    """The probability of these log-odds."""
    likely: np.ndarray = 1 / (1 + np.exp(-np.sum(list(terms.values()), axis=0)))
    return likely


def _shortfall(facts: RiskFacts) -> np.ndarray:
    return np.nan_to_num(np.clip(USUAL_RATE - facts.rate, -0.08, 0.4))
