"""A rated dimension: its score and everything that was deducted, or why it has no score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from features.checks.dimensions.ruler import WHOLE, IndicatorScale, RuledDimension, Section, exact
from features.checks.rule import Rule

_SHOWN = Decimal("0.1")


class NotScored(StrEnum):
    """Why a dimension has no score."""

    NOT_RATED = "not_rated"
    NOT_PREDICTED = "not_predicted"
    TOO_LITTLE_JUDGED = "too_little_judged"


class Limited(StrEnum):
    """Why fewer points were deducted than was found."""

    BY_RULE = "rule"
    BY_SECTION = "section"


class Deduction(NamedTuple):
    """What findings of one rule, or the value of one indicator, took away.

    source: the rule, or the scale of the indicator. points: what was taken, no more than rule and
    section let it. times: how many findings there were, or what the indicator counts; None where
    bands tell. findings: their ids, as far as they are listed. value: of the indicator; below: the
    limit of its band.
    """

    section: Section
    source: Rule | IndicatorScale
    points: float
    times: float | None
    each: float | None
    most: float
    limited: Limited | None = None
    findings: tuple[str, ...] = ()
    value: float = 0.0
    below: float = 0.0

    def __hash__(self) -> int:
        """Of what was taken: to hash a form looks through all of it, and equality does as well."""
        return hash(self[2:])

    @property
    def name(self) -> str:
        """The rule's code, or the indicator's name."""
        source = self.source
        return source.code if isinstance(source, Rule) else source.indicator


class RatedDimension(NamedTuple):
    """One dimension of a project: 100 points less what was deducted, or the score of a head.

    score: None where there is none, and then `why`. judged: the sections of which anything could
    be judged.
    """

    ruled: RuledDimension
    score: Decimal | None
    why: NotScored | None = None
    judged: tuple[Section, ...] = ()
    deductions: tuple[Deduction, ...] = ()

    @property
    def judged_points(self) -> float:
        """How many of its points could be judged."""
        return sum(section.points for section in self.judged)

    def deducted_in(self, section: Section) -> float:
        """What was deducted in one section."""
        return sum([each.points for each in self.deductions if each.section is section])


@dataclass(frozen=True)
class RatedProject:
    """The dimensions of a project, in the order of the ruler.

    ruler: its digest. version: its name and version.
    """

    ruler: str
    version: str
    dimensions: tuple[RatedDimension, ...]

    @cached_property
    def weight(self) -> Decimal:
        """What the dimensions that have a score weigh together."""
        return sum((exact(each.ruled.weight) for each in self._scored), Decimal(0))

    @cached_property
    def total(self) -> Decimal | None:
        """The weighted mean of the scores, to one decimal; None where a head has none to give.

        An orientation: it decides nothing.
        """
        heads = [each for each in self.dimensions if each.ruled.head is not None]
        if not self._scored or any(each.score is None for each in heads):
            return None
        products = [exact(each.ruled.weight) * (each.score or 0) for each in self._scored]
        mean = sum(products, Decimal(0)) / self.weight
        return mean.quantize(_SHOWN, ROUND_HALF_UP)

    @cached_property
    def _scored(self) -> Sequence[RatedDimension]:
        return [each for each in self.dimensions if each.score is not None]


def remaining(deductions: Sequence[Deduction]) -> Decimal:
    """What is left of a dimension's points; their halves are exact as floats, and so is the sum."""
    return exact(WHOLE - sum([each.points for each in deductions]))
