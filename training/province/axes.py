"""The truth about necessity and importance: documented terms over facts that can be seen.

`AxisFacts` has no amount, no budget and no department, so no term can depend on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.province.functions import IMPORTANCE, LIVELIHOOD, NECESSITY, POLICY_CHANGE
from training.province.project_types import TYPES

Terms = dict[str, np.ndarray]

# Points by level of the policy basis: none, unit, county, city, province, central.
POLICY_POINTS = np.array([0.0, 2.0, 6.0, 10.0, 15.0, 20.0])
EXPIRED_SHARE = 0.3  # what a document that no longer holds is worth
STRATEGIC_POINTS = np.array([0.0, 8.0, 17.0, 27.0])
REGION_POINTS = np.array([5.0, 2.5, 0.0])
TOPIC_POINTS = {"three_public": -8.0, "procurement": -2.0, "property": -5.0, "design": 1.0,
                "it": 2.0, "urban_upkeep": 1.0, "infrastructure": 3.0, "other": 0.0,
                "livelihood": 5.0}  # fmt: skip
# Livelihood points and multipliers before and after the change of policy.
LIVELIHOOD_POINTS, LIVELIHOOD_REACH = (4.0, 5.5), (1.2, 1.35)
STRATEGIC_WEIGHT = (1.0, 1.15)
USUAL_EVALUATION = 82.0
MOST_FINDINGS = 3


@dataclass(frozen=True)
class AxisFacts:
    """What the axes depend on, one entry per project of one fiscal year."""

    year: int
    policy_level: np.ndarray  # 0 none … 5 central
    valid_level: np.ndarray  # the same among documents in force
    mandatory: np.ndarray
    statutory: np.ndarray
    urgency: np.ndarray  # 1 ÷ (1 + years to the deadline), 0 without one
    function: np.ndarray  # index of the functional class
    kind: np.ndarray
    region_level: np.ndarray
    strategic: np.ndarray  # 0–3
    beneficiaries: np.ndarray
    evaluation: np.ndarray  # latest earlier evaluation score, NaN without one
    share_quantified: np.ndarray
    open_findings: np.ndarray
    funded_years: np.ndarray  # earlier years of funding
    sentences: np.ndarray  # of the necessity text, 0 where it is missing


def reach(beneficiaries: np.ndarray) -> np.ndarray:
    """0–1, rising with the logarithm of the number of people served, from 10 to 1,000,000."""
    scaled = (np.log10(np.maximum(beneficiaries, 1.0)) - 1) / 5
    share: np.ndarray = np.clip(scaled, 0, 1)
    return share


def necessity_terms(facts: AxisFacts) -> Terms:
    """Points of necessity by term; their sum is the explainable necessity."""
    after = int(facts.year >= POLICY_CHANGE)
    livelihood = LIVELIHOOD[facts.function]
    policy = policy_points(facts)
    stale = (facts.valid_level == 0) & (facts.funded_years >= 3)
    return {
        "base": np.full(len(policy), 26.0),
        "policy_level": policy,
        "mandatory": 6.0 * facts.mandatory,
        # A duty that the law imposes needs less support from documents.
        "statutory": np.where(facts.statutory, 14.0 - 0.25 * policy, 0.0),
        "urgency": 11.0 * facts.urgency,
        "reach": 9.0 * reach(facts.beneficiaries) * _livelihood_reach(livelihood, after),
        "livelihood": LIVELIHOOD_POINTS[after] * livelihood,
        "function": NECESSITY[facts.function],
        "evaluation": 0.30 * _evaluation(facts),
        "targets": 6.0 * (facts.share_quantified - 0.5),
        "findings": -3.5 * np.minimum(facts.open_findings, MOST_FINDINGS),
        "stale_basis": -5.0 * stale,
        "reasoning": _reasoning(facts.sentences),
    }


def importance_terms(facts: AxisFacts) -> Terms:
    """Points of importance by term; their sum is the explainable importance."""
    after = int(facts.year >= POLICY_CHANGE)
    livelihood = LIVELIHOOD[facts.function]
    topic = np.array([TOPIC_POINTS[kind.topic] for kind in TYPES])
    return {
        "base": np.full(len(livelihood), 24.0),
        "strategic": STRATEGIC_POINTS[facts.strategic] * STRATEGIC_WEIGHT[after],
        "reach": 12.0 * reach(facts.beneficiaries) * _livelihood_reach(livelihood, after),
        "livelihood": LIVELIHOOD_POINTS[after] * livelihood,
        "function": IMPORTANCE[facts.function],
        "topic": topic[facts.kind],
        "policy_level": 0.35 * policy_points(facts),
        "region_level": REGION_POINTS[facts.region_level],
        # What is both a priority and due soon cannot wait.
        "urgent_priority": 6.0 * facts.urgency * (facts.strategic >= 2),
        "evaluation": 0.20 * _evaluation(facts),
        "targets": 6.0 * (facts.share_quantified - 0.5),
        "findings": -2.5 * np.minimum(facts.open_findings, MOST_FINDINGS),
    }


def policy_points(facts: AxisFacts) -> np.ndarray:
    """Points of the policy basis: what is in force counts, what has expired counts a little."""
    valid, any_ = POLICY_POINTS[facts.valid_level], POLICY_POINTS[facts.policy_level]
    points: np.ndarray = valid + EXPIRED_SHARE * (any_ - valid)
    return points


def total(terms: Terms) -> np.ndarray:
    """The sum of the terms."""
    points: np.ndarray = np.sum(list(terms.values()), axis=0)
    return points


def _livelihood_reach(livelihood: np.ndarray, after: int) -> np.ndarray:
    return np.where(livelihood, LIVELIHOOD_REACH[after], 1.0)


def _evaluation(facts: AxisFacts) -> np.ndarray:
    return np.nan_to_num(np.clip(facts.evaluation - USUAL_EVALUATION, -20, 15))


def _reasoning(sentences: np.ndarray) -> np.ndarray:
    return np.where(sentences == 0, -2.5, 0.8 * (sentences - 3))
