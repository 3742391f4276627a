"""What a head does when what it must not see is swapped: measured, and expected to be zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, ProjectValue, Record
from features.field import Role
from features.operations import Numbers
from models.model import Model


def swap_effects(model: Model, projects: Sequence[DeclaredProject], role: Role) -> dict[str, float]:
    """The greatest absolute change of each head, on its additive scale, over all projects.

    Every field of the role takes the value that another project gives it: each project's from the
    next, the last one's from the first.
    """
    swapped = [
        swap(project, projects[(place + 1) % len(projects)], model.catalogue, role)
        for place, project in enumerate(projects)
    ]
    before, after = model.predict(projects, explain=False), model.predict(swapped, explain=False)
    return {
        name: _greatest_change(before.heads[name].value, after.heads[name].value)
        for name in model.heads
    }


def _greatest_change(before: Numbers, after: Numbers) -> float:
    if not np.array_equal(np.isnan(before), np.isnan(after)):
        return float("inf")
    return float(np.nanmax(np.abs(after - before), initial=0.0))


def swap(
    project: DeclaredProject, other: DeclaredProject, catalogue: Catalogue, role: Role
) -> DeclaredProject:
    """The project with every field of the role taken from another project.

    In a part, records are paired in order; where the other project has none, numbers double.
    """
    values: dict[str, ProjectValue] = dict(project.values)
    kept = {*catalogue.columns.id, catalogue.columns.time}
    for indicator in catalogue.given:
        if indicator.role is role and indicator.name not in kept:
            values[indicator.name] = other.values[indicator.name]
    for part in catalogue.parts:
        names = [field.name for field in part.fields if field.role is role]
        if names:
            values[part.name] = _swapped(project.values[part.name], other.values[part.name], names)
    return replace(project, values=values)


def _swapped(own: ProjectValue, others: ProjectValue, names: Sequence[str]) -> ProjectValue:
    if not isinstance(own, tuple) or not isinstance(others, tuple):
        return own
    swapped: list[Record] = []
    for place, record in enumerate(own):
        given = others[place % len(others)] if others else {n: _doubled(record[n]) for n in names}
        swapped.append({**record, **{name: given[name] for name in names}})
    return tuple(swapped)


def _doubled(value: float | str | None) -> float | str | None:
    return value * 2 + 1 if isinstance(value, float) else value
