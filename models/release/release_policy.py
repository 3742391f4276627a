"""The policy of releases: every threshold of the gates, in one file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from features.form import Form, Share
from features.head_declaration import HeadKind
from features.yaml_form import form_in_force, yaml_form
from models.approval import LEAST_APPROVERS
from models.release.review import Severity

FILE = "release.yaml"
Positive = Annotated[float, Field(gt=0)]
Metric = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class ReviewRule(Form):
    """How old a review may be, and what it must rest on.

    least_cases: judged unseen, by at least so many experts. without_cases: whether a review without
    any counts, and says so. closed_before: of which severity no finding may be open.
    """

    oldest_days: Annotated[int, Field(ge=1)]
    least_cases: Annotated[int, Field(ge=1)]
    least_experts: Annotated[int, Field(ge=1)]
    without_cases: bool
    closed_before: tuple[Annotated[Severity, Field(strict=False)], ...]


class NoWorse(Form):
    """By which share of the champion's metric the challenger's may be worse for certain."""

    margin: Share
    group_margin: Share
    not_judged: tuple[Metric, ...]


class Coverage(Form):
    """The band of coverage: the binomial's of this confidence, and so much above it."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    above: Share


class Calibration(Form):
    """The greatest absolute value of each metric, by kind of head, beyond what chance explains."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    score: dict[Metric, Positive]
    amount: dict[Metric, Positive]
    probability: dict[Metric, Positive]
    group_factor: Annotated[float, Field(ge=1)]

    def of(self, kind: HeadKind) -> dict[str, float]:
        """The limits for heads of a kind."""
        return {
            HeadKind.SCORE: self.score,
            HeadKind.AMOUNT: self.amount,
            HeadKind.PROBABILITY: self.probability,
        }[kind]


class Climber(Form):
    """The greatest mean gain, by kind of head, on its additive scale."""

    score: Positive
    amount: Positive
    probability: Positive

    def of(self, kind: HeadKind) -> float:
        """The limit for heads of a kind."""
        return {
            HeadKind.SCORE: self.score,
            HeadKind.AMOUNT: self.amount,
            HeadKind.PROBABILITY: self.probability,
        }[kind]


class Stability(Form):
    """How much may change for the same projects."""

    grade_flips: Share
    rank_correlation: Share
    changed_top_reasons: Share


class ReleasePolicy(Form):
    """What a release must show. Its digest is that of what it says, not of its file's layout."""

    format: Literal[1]
    approvers: Annotated[int, Field(ge=LEAST_APPROVERS)]
    review: ReviewRule
    least_group: Annotated[int, Field(ge=1)]
    no_worse: NoWorse
    coverage: Coverage
    calibration: Calibration
    too_good: dict[Metric, Share]
    climber: Climber
    stability: Stability
    never_waived: tuple[Metric, ...]


def release_policy(path: Path | None, home: Path) -> ReleasePolicy:
    """The policy in a file; else the working folder's; else the one that ships.

    Raises:
        FormError: when the file cannot be read or is of another shape.
    """
    shipped = resources.files("models.release") / FILE
    return form_in_force(ReleasePolicy, path, home, shipped, "the policy that ships")


def parse_policy(content: bytes, origin: str) -> ReleasePolicy:
    """The policy that a YAML text states.

    Raises:
        FormError: naming every place where it is of another shape.
    """
    return yaml_form(ReleasePolicy, content, origin)
