"""Regions of one level of government, cut into groups of like prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from features.field import Label
from features.standards.priced_item import Family, PricedItem
from features.standards.region_groups import RegionGroup, RegionGroups

MOST_TIERS = 3
LEAST_DIVISIONS = 5
"""A tier of fewer divisions would be a list of places rather than a group."""
_LEVELS = {"province": ("省级", "province"), "city": ("市级", "city"), "county": ("县级", "county")}
_TIERS_ZH = ("一类", "二类", "三类")


def grouped_regions(items: Sequence[PricedItem]) -> RegionGroups:
    """The groups of every level, the dearest first.

    How dear a division is: the mean logarithm of its published price index beside the median of
    the same project type and year.
    """
    projects = [i for i in items if i.subject.family is Family.PROJECT and i.price_index]
    logarithms: dict[tuple[str, int], list[float]] = defaultdict(list)
    for item in projects:
        logarithms[item.project_type, item.year].append(float(np.log(item.price_index or 1)))
    usual = {key: float(np.median(found)) for key, found in logarithms.items()}
    dearness: dict[tuple[str, str], list[float]] = defaultdict(list)
    for item in projects:
        beside = float(np.log(item.price_index or 1)) - usual[item.project_type, item.year]
        if item.division and item.region_level:
            dearness[item.region_level, item.division].append(beside)
    levels: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (level, division), found in sorted(dearness.items()):
        levels[level].append((float(np.mean(found)), division))
    groups = [group for level in sorted(levels) for group in _tiers(level, levels[level])]
    return RegionGroups(groups=tuple(groups))


def _tiers(level: str, found: list[tuple[float, str]]) -> list[RegionGroup]:
    dearest = sorted(found, key=lambda each: (-each[0], each[1]))
    tiers = max(1, min(MOST_TIERS, len(dearest) // LEAST_DIVISIONS))
    zh, en = _LEVELS.get(level, (level, level))
    groups = []
    for number, cut in enumerate(np.array_split(np.arange(len(dearest)), tiers)):
        inside = [dearest[place] for place in cut]
        label = Label(zh=zh, en=en)
        if tiers > 1:
            label = Label(zh=f"{zh}{_TIERS_ZH[number]}地区", en=f"{en} group {number + 1}")
        groups.append(
            RegionGroup(
                name=level if tiers == 1 else f"{level}_{number + 1}",
                label=label,
                level=level,
                divisions=tuple(sorted(division for _, division in inside)),
                price_level=round(float(np.exp(np.median([dear for dear, _ in inside]))), 4),
            )
        )
    return groups
