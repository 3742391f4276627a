"""The groups in which two models are compared: each must hold its own, not the average alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from features.indicator_table import indicator_table
from models.group_label import BETWEEN
from models.model import Model
from models.peers import Groups
from training.appraisal_data import AppraisalData

CITY_DIGITS = 4
"""Of a code of GB/T 2260: two for the province, two for the city, the rest below it."""


def comparison_groups(model: Model, data: AppraisalData) -> dict[str, Groups]:
    """`<indicator>=<code>` → the positions of its projects: peer groups, cities, amount bands."""
    table = indicator_table(data.projects, data.catalogue)
    memberships = model.peers.memberships(table, data.catalogue)
    found: dict[str, Groups] = {}
    for number, group in enumerate(model.peers.groups):
        if group.indicator:
            inside = (memberships == number).any(axis=1)
            found[f"{group.indicator}={group.code}"] = np.flatnonzero(inside)
    codes: defaultdict[str, list[int]] = defaultdict(list)
    for name, place in _cities(data):
        codes[name].append(place)
    for name, place in _amount_bands(data):
        codes[name].append(place)
    return found | {name: np.array(codes[name], dtype=np.int64) for name in sorted(codes)}


def _cities(data: AppraisalData) -> Iterator[tuple[str, int]]:
    field = data.catalogue.columns.region
    for place, project in enumerate(data.projects) if field else ():
        code = project.values[field] if field else None
        if code:
            yield f"{field}={str(code)[:CITY_DIGITS]}", place


def _amount_bands(data: AppraisalData) -> Iterator[tuple[str, int]]:
    """By the power of ten of the request, in the catalogue's unit of money."""
    cost = data.catalogue.cost
    for place, project in enumerate(data.projects) if cost else ():
        amount = project.values[cost.requested] if cost else None
        if isinstance(amount, float) and amount > 0:
            power = math.floor(math.log10(amount))
            yield f"{cost.requested if cost else ''}=1e{power}{BETWEEN}1e{power + 1}", place
