"""Rating: a ruler made ready for the rules and the catalogue of the projects that it scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from features.checks.checked import Checked, CheckResult
from features.checks.dimensions.rated_dimension import (
    Deduction,
    Limited,
    NotScored,
    RatedDimension,
    RatedProject,
    remaining,
)
from features.checks.dimensions.ruler import (
    Deducted,
    IndicatorScale,
    RuledDimension,
    Ruler,
    Section,
)
from features.checks.rule import SEVERITIES, Rule

ValueOf = Callable[[str], float]
"""The value of an indicator of a project; NaN where it is unknown."""


class _RuleIn(NamedTuple):
    """A rule in its section. place: where its result stands among a project's results."""

    place: int
    rule: Rule
    deducted: Deducted
    missing: bool


class _SectionRated(NamedTuple):
    """A section with the rules that belong to it, those that take most first."""

    section: Section
    rules: Sequence[_RuleIn]


class Rating:
    """A ruler for one rule book. Use `ruler_files.rating_by`, which refuses what does not fit."""

    def __init__(self, ruler: Ruler, rules: Sequence[Rule]) -> None:
        self.ruler, self.digest = ruler, ruler.file_digest
        self._sections = {
            dimension.name: [
                _SectionRated(section, list(_rules_in(ruler, dimension, section, rules)))
                for section in dimension.sections
            ]
            for dimension in ruler.dimensions
        }

    def rated(
        self, checked: Checked, heads: Mapping[str, Decimal] | None, value_of: ValueOf
    ) -> RatedProject:
        """The dimensions of a project.

        Args:
            checked: what the rules of the book say of it.
            heads: the scores of the model's heads, as shown; None where it is not rated.
            value_of: its indicators.
        """
        dimensions = tuple(
            self._by_head(each, heads)
            if each.head
            else self._by_deductions(each, checked, value_of)
            for each in self.ruler.dimensions
        )
        return RatedProject(self.digest, self.ruler.identity, dimensions)

    def _by_head(
        self, dimension: RuledDimension, heads: Mapping[str, Decimal] | None
    ) -> RatedDimension:
        if heads is None:
            return RatedDimension(dimension, None, NotScored.NOT_RATED)
        score = heads.get(dimension.head or "")
        return RatedDimension(dimension, score, NotScored.NOT_PREDICTED if score is None else None)

    def _by_deductions(
        self, dimension: RuledDimension, checked: Checked, value_of: ValueOf
    ) -> RatedDimension:
        judged: list[Section] = []
        deductions: list[Deduction] = []
        for each in self._sections[dimension.name]:
            found = _found(each, checked.results, value_of)
            if found is not None:
                judged.append(each.section)
                deductions += _within(each.section, found)
        points = sum([section.points for section in judged])
        few = not judged or points < self.ruler.least_judged
        score, why = (None, NotScored.TOO_LITTLE_JUDGED) if few else (remaining(deductions), None)
        return RatedDimension(dimension, score, why, tuple(judged), tuple(deductions))


def section_of(dimension: RuledDimension, code: str) -> Section:
    """The section that a rule of a dimension belongs to: the one that names most of its code."""
    named = [
        (len(start), section)
        for section in dimension.sections
        for start in section.rules
        if code.startswith(start)
    ]
    if named:
        return max(named, key=lambda pair: pair[0])[1]
    return next(section for section in dimension.sections if section.others)


def _rules_in(
    ruler: Ruler, dimension: RuledDimension, section: Section, rules: Sequence[Rule]
) -> Iterator[_RuleIn]:
    """The rules of a section: those that find it missing, then the gravest, then as in the book."""
    own = [
        _RuleIn(place, rule, ruler.deducted(rule.code, rule.severity), rule.code in section.missing)
        for place, rule in enumerate(rules)
        if rule.dimension == dimension.name and section_of(dimension, rule.code) is section
    ]
    yield from sorted(own, key=lambda r: (not r.missing, SEVERITIES.index(r.rule.severity)))


def _found(
    rated: _SectionRated, results: Sequence[CheckResult], value_of: ValueOf
) -> list[Deduction] | None:
    """What a section's rules and indicators would take, before the section's own limit.

    None where nothing of it could be judged.
    """
    judged, found = False, []
    for each in rated.rules:
        result = results[each.place]
        if result.why is not None:  # it does not apply
            continue
        judged = True
        if result.findings:
            found.append(_by_rule(rated.section, each, result))
    for scale in rated.section.indicators:
        value = value_of(scale.indicator)
        if math.isnan(value):
            continue
        judged = True
        taken = _by_scale(rated.section, scale, value)
        if taken is not None:
            found.append(taken)
    return found if judged else None


def _by_rule(section: Section, each: _RuleIn, result: CheckResult) -> Deduction:
    """What the findings of a rule take; a rule that finds the section missing takes all of it."""
    count = float(len(result.findings) + result.more)
    ids = tuple([finding.finding_id for finding in result.findings])
    if each.missing:
        whole = section.points
        return Deduction(section, each.rule, whole, count, whole, whole, findings=ids)
    return _counted(section, each.rule, count, each.deducted, ids)


def _by_scale(section: Section, scale: IndicatorScale, value: float) -> Deduction | None:
    """What the value of an indicator takes; None where it takes nothing."""
    if scale.counted is not None:
        return _counted(section, scale, value, scale.counted) if value > 0 else None
    for band in scale.bands:
        if value < band.below:
            taken = Deduction(section, scale, band.points, None, None, band.points)
            return taken._replace(value=value + 0.0, below=band.below)  # minus zero is zero
    return None


def _counted(
    section: Section,
    source: Rule | IndicatorScale,
    count: float,
    deducted: Deducted,
    findings: tuple[str, ...] = (),
) -> Deduction:
    """Points for each of so many, up to the most."""
    per, most = deducted.each, deducted.most
    limited = Limited.BY_RULE if count * per > most else None
    points = min(count * per, most)
    return Deduction(section, source, points, count, per, most, limited, findings, count)


def _within(section: Section, found: Sequence[Deduction]) -> Iterator[Deduction]:
    """The deductions as far as a section has points left for them."""
    left = section.points
    for each in found:
        if each.points <= left:
            left -= each.points
            yield each
        else:
            yield each._replace(points=left, limited=Limited.BY_SECTION)
            left = 0.0
