"""The ruler of dimensions: how many points are deducted for what, and what each dimension weighs.

A scoring form (评分表) as finance bureaus use it: the sections of a dimension have 100 points
together, findings and verified facts take points away, and no section loses more than it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from features.checks.rule import Code, Severity
from features.checks.rule_book import Version
from features.field import AsciiName, Label
from features.form import Form

WHOLE = 100.0
"""The points of a dimension."""


def _in_halves(points: float) -> float:
    if not (2 * points).is_integer():
        raise ValueError("points are whole or half, so that sums are exact")
    return points


Points = Annotated[float, Field(ge=0, le=WHOLE), AfterValidator(_in_halves)]
Weight = Annotated[float, Field(gt=0, le=1)]
CodeStart = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,11}(-[0-9]{0,3})?$")]
"""The beginning of the code of a rule, such as `POL-`, or all of it."""


class Deducted(Form):
    """Points for each time, and the most that they come to."""

    each: Points
    most: Points

    @model_validator(mode="after")
    def _in_order(self) -> Deducted:
        if self.most < self.each:
            raise ValueError(f"most {self.most:g} is less than each {self.each:g}")
        return self


class Band(Form):
    """What is deducted where an indicator is below a limit."""

    below: float
    points: Points


class IndicatorScale(Form):
    """What a verified indicator takes away: by bands, or for each that it counts.

    bands: from the lowest limit on; the first that the value is below holds. counted: points for
    each of what the indicator counts.
    """

    indicator: AsciiName
    bands: tuple[Band, ...] = ()
    counted: Deducted | None = None

    @model_validator(mode="after")
    def _one_scale(self) -> IndicatorScale:
        if bool(self.bands) is (self.counted is not None):
            raise ValueError("bands or counted, one of both")
        for lower, upper in pairwise(self.bands):
            if not (lower.below < upper.below and lower.points > upper.points):
                raise ValueError("bands rise from the lowest limit on, and take ever less")
        return self

    @property
    def most(self) -> float:
        """The most points that it takes."""
        return self.bands[0].points if self.counted is None else self.counted.most


class Section(Form):
    """A part of a dimension with points of its own.

    rules: how the codes of its rules begin. missing: rules that find that there is nothing to look
    at; they take all its points, so that leaving a part out is never better than filling it badly.
    others: whether it takes the rules of the dimension that no section names.
    """

    name: AsciiName
    label: Label
    points: Annotated[Points, Field(gt=0)]
    rules: tuple[CodeStart, ...] = ()
    missing: tuple[Code, ...] = ()
    others: bool = False
    indicators: tuple[IndicatorScale, ...] = ()


class RuledDimension(Form):
    """One dimension: scored by a head of the model, or by deductions in its sections."""

    name: AsciiName
    weight: Weight
    head: AsciiName | None = None
    sections: tuple[Section, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> RuledDimension:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        if bool(self.sections) is (self.head is not None):
            yield f"{self.name}: a head or sections, one of both"
        if not self.sections:
            return
        total = sum(section.points for section in self.sections)
        if total != WHOLE:
            yield f"{self.name}: the points of its sections are {total:g}, and not {WHOLE:g}"
        if sum(section.others for section in self.sections) != 1:
            yield f"{self.name}: one section has others: true, for rules that no section names"
        yield from _twice(f"{self.name}: section", [section.name for section in self.sections])
        scales = [scale for section in self.sections for scale in section.indicators]
        yield from _twice(f"{self.name}: indicator", [scale.indicator for scale in scales])


class Ruler(Form):
    """How the dimensions of a catalogue's projects are scored.

    least_judged: how many of a dimension's points must have been judged for it to have a score.
    findings: what findings of each severity take. rules: what those of single rules take instead.
    """

    format: Literal[1]
    ruler_for: AsciiName
    name: AsciiName
    version: Version
    least_judged: Points
    findings: dict[Severity, Deducted]
    rules: dict[Code, Deducted] = Field(default_factory=dict)
    dimensions: tuple[RuledDimension, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Ruler:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        absent = [severity.value for severity in Severity if severity not in self.findings]
        if absent:
            yield f"findings: {', '.join(absent)} missing"
        total = sum((exact(dimension.weight) for dimension in self.dimensions), Decimal(0))
        if total != 1:
            yield f"weights: they add up to {total}, and not to 1"
        yield from _twice("dimension", [dimension.name for dimension in self.dimensions])

    @property
    def identity(self) -> str:
        """Name and version."""
        return f"{self.name}@{self.version}"

    def deducted(self, code: str, severity: Severity) -> Deducted:
        """What findings of a rule take."""
        return self.rules.get(code, self.findings[severity])


def exact(number: float) -> Decimal:
    """A number as it was written, for sums that are exact in decimals."""
    return Decimal(str(number))


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} {name} stands {count} times"
