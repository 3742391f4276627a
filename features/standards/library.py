"""A version of the expenditure-standard library: what is set, what is learned, and from what."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from features.form import Count, Digest, Form, Moment, Share
from features.standards.learned_standard import LearnedStandard
from features.standards.priced_item import PricedItem, Subject
from features.standards.region_groups import RegionGroups
from features.standards.set_standard import Day, SetStandard
from features.standards.unit_cost_fields import UnitCostFields


class Learning(Form):
    """From what the learned standards come.

    rounds: the first and the last learned from; calibrated: the round that sets the range;
    measured: the later one on which coverage is measured; prices: the round whose prices they are.
    """

    data: Digest
    simulated: bool
    projects: Count
    items: Count
    rounds: tuple[int, int]
    calibrated: int
    measured: int
    prices: int
    level: Share
    ceiling_level: Share
    method: str


class Library(Form):
    """One dated version.

    start, end: the first and the last day on which it may be in force. made_by: the account.
    """

    format: Literal[1]
    catalogue: str
    version: Annotated[int, Field(ge=1)]
    made: Moment
    made_by: str
    start: Day
    end: Day
    fields: UnitCostFields
    regions: RegionGroups
    learning: Learning
    learned: tuple[LearnedStandard, ...]
    set: tuple[SetStandard, ...]

    @cached_property
    def digest(self) -> str:
        """The digest by which uses name this version."""
        return self.file_digest

    @cached_property
    def learned_by_code(self) -> dict[str, LearnedStandard]:
        """The learned standards under their codes."""
        return {standard.code: standard for standard in self.learned}

    @cached_property
    def set_by_code(self) -> dict[str, SetStandard]:
        """The set standards under their codes."""
        return {standard.code: standard for standard in self.set}

    @cached_property
    def _cells(self) -> dict[tuple[Subject, str, str], list[LearnedStandard]]:
        cells: dict[tuple[Subject, str, str], list[LearnedStandard]] = {}
        for each in self.learned:
            cells.setdefault((each.subject, each.project_type, each.region_group), []).append(each)
        return cells

    @cached_property
    def _regional(self) -> dict[tuple[object, ...], dict[str, LearnedStandard]]:
        found: dict[tuple[object, ...], dict[str, LearnedStandard]] = {}
        for each in self.learned:
            found.setdefault(_but_region(each), {})[each.region_group] = each
        return found

    def by_region(self, standard: LearnedStandard) -> dict[str, LearnedStandard]:
        """The standards of the same thing, by their group of regions; "" for all regions."""
        return self._regional.get(_but_region(standard), {})

    def learned_for(self, item: PricedItem) -> LearnedStandard | None:
        """The learned standard of an item's like, the finest there is; None where there is none."""
        group = self.regions.of(item.division)
        for project_type in dict.fromkeys((item.project_type, "")):
            for region in dict.fromkeys((group, "")):
                for each in self._cells.get((item.subject, project_type, region), ()):
                    if each.covers(item.scale):
                        return each
        return None

    def set_for(self, item: PricedItem) -> list[SetStandard]:
        """The set standards that hold for an item in its fiscal year, the firmest first."""
        day = f"{item.year}-01-01"
        found = [each for each in self.set if _holds_for(each, item) and each.holds_on(day)]
        order = list(_FIRMEST)
        return sorted(found, key=lambda each: (order.index(each.standing.value), each.code))


def _but_region(standard: LearnedStandard) -> tuple[object, ...]:
    return standard.subject, standard.project_type, standard.least, standard.below


_FIRMEST = ("statutory", "fixed", "interim")


def _holds_for(standard: SetStandard, item: PricedItem) -> bool:
    return (
        item.subject.economic_code in standard.economic_codes
        and (not standard.unit or standard.unit == item.subject.unit)
        and (not standard.task or any(word in item.task for word in standard.task))
        and (not standard.project_types or item.project_type in standard.project_types)
        and (not standard.region_levels or item.region_level in standard.region_levels)
        and (not standard.divisions or item.division in standard.divisions)
    )
