"""A standard learned from approved amounts: a range of unit cost, and what it rests on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from features.form import Count, Form, Share
from features.standards.priced_item import Family, Subject

Price = Annotated[float, Field(gt=0)]


class MeasuredCoverage(Form):
    """How often later approved unit prices lay inside the range.

    cases: of the round measured. band: in which the share lies by chance if the level holds.
    """

    round: int
    cases: Count
    inside: Count
    band: tuple[Share, Share] | None

    @property
    def coverage(self) -> float | None:
        """The share inside; None without a case."""
        return self.inside / self.cases if self.cases else None

    @property
    def in_band(self) -> bool | None:
        """Whether chance explains the difference from the level; None without a case."""
        if self.band is None or self.coverage is None:
            return None
        return self.band[0] <= self.coverage <= self.band[1]


class LearnedStandard(Form):
    """What a unit of one sort of thing costs in one group of regions.

    project_type, region_group: "" for all. least, below: the band of scale, from `least` up to but
    not `below`; None for no end. low, mid, high: yuan per unit, the range at the stated level;
    ceiling: the price from which on an item counts as above the standard. reference_index: the
    published price index to which these prices belong; None where prices do not follow it.
    n: approved items learned from, of this cell alone. own: how far its middle is its own, 0–1; the
    rest is borrowed from `parent`, the standard of all regions. spread: of the logarithm of unit
    prices around the middle (1.4826 × median absolute deviation).
    """

    code: str
    family: Annotated[Family, Field(strict=False)]
    economic_code: str
    unit: str
    task: str
    project_type: str
    region_group: str
    least: float | None
    below: float | None
    low: Price
    mid: Price
    high: Price
    ceiling: Price
    reference_index: Price | None
    n: Count
    own: Share
    parent: str | None
    level: Share
    spread: Annotated[float, Field(ge=0)]
    measured: MeasuredCoverage

    @property
    def subject(self) -> Subject:
        """The sort of thing that it prices."""
        return Subject(self.family, self.economic_code, self.unit)

    def covers(self, scale: float) -> bool:
        """Whether a quantity is in its band."""
        after = self.least is None or scale >= self.least
        return after and (self.below is None or scale < self.below)

    def factor(self, price_index: float | None) -> float:
        """By what its prices are multiplied for an item with a published price index."""
        if self.reference_index is None or price_index is None:
            return 1.0
        return price_index / self.reference_index
