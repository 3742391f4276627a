"""Grade and rank: exact functions of the two axes and the published thresholds and weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from features.catalogue_sections import Priority

GRADES = {
    "A": {"zh": "重点且必须", "en": "key and indispensable"},
    "B": {"zh": "非重点但必须", "en": "not key but indispensable"},
    "C": {"zh": "重点但非必须", "en": "key but not indispensable"},
    "D": {"zh": "非重点且非必须", "en": "neither key nor indispensable"},
}


@dataclass(frozen=True)
class Ranked:
    """What the ranking of a project needs, in points as shown."""

    project_id: str
    rank_score: Decimal
    necessity: Decimal
    importance: Decimal


@dataclass(frozen=True)
class Standing:
    """Where the policy puts a project: its grade, and what ranks it."""

    grade: str
    ranked: Ranked


def standing_of(
    project_id: str, necessity: Decimal, importance: Decimal, policy: Priority
) -> Standing:
    """The standing of a project by the two axes as shown."""
    score = rank_score(necessity, importance, policy)
    ranked = Ranked(project_id, score, necessity, importance)
    return Standing(grade(necessity, importance, policy), ranked)


def grade(necessity: Decimal, importance: Decimal, policy: Priority) -> str:
    """A, B, C or D from the two axes as shown; a score on its threshold has reached it."""
    indispensable = necessity >= Decimal(str(policy.thresholds["necessity"]))
    key = importance >= Decimal(str(policy.thresholds["importance"]))
    return {(True, True): "A", (True, False): "B", (False, True): "C", (False, False): "D"}[
        (indispensable, key)
    ]


def rank_score(necessity: Decimal, importance: Decimal, policy: Priority) -> Decimal:
    """The weighted mean of the two axes, in points with two decimals."""
    first = Decimal(str(policy.weights["necessity"]))
    second = Decimal(str(policy.weights["importance"]))
    mean = (first * necessity + second * importance) / (first + second)
    return mean.quantize(Decimal("0.01"))


def ranked(projects: Iterable[Ranked]) -> list[Ranked]:
    """The projects in strict order, first the one to be served first.

    Ties in the rank score go to the higher necessity, then the higher importance, then the
    smaller project id: the order never depends on the order of input.
    """
    return sorted(projects, key=rank_key)


def rank_key(project: Ranked) -> tuple[Decimal, Decimal, Decimal, str]:
    """What orders the ranking: smaller keys are served first."""
    return -project.rank_score, -project.necessity, -project.importance, project.project_id
