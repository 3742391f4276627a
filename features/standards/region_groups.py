"""Groups of regions with like prices: by level of government, dearest first."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from pydantic import Field

from features.field import Label
from features.form import Form


class RegionGroup(Form):
    """Regions of one level whose prices are alike.

    name: level and place, such as county_2; the first is the dearest. price_level: the median of
    the published index among its divisions, 1 for the mean of all.
    """

    name: str
    label: Label
    level: str
    divisions: tuple[str, ...]
    price_level: Annotated[float, Field(gt=0)]


class RegionGroups(Form):
    """Every group; a division is in one at most."""

    groups: tuple[RegionGroup, ...] = ()

    @cached_property
    def _group_of(self) -> dict[str, str]:
        return {division: group.name for group in self.groups for division in group.divisions}

    @cached_property
    def by_name(self) -> dict[str, RegionGroup]:
        """The groups under their names."""
        return {group.name: group for group in self.groups}

    def of(self, division: str) -> str:
        """The name of a division's group; "" where it is in none."""
        return self._group_of.get(division, "")
