"""Whom a version of the library would flag in a round, and which flags would be false alarms."""

from __future__ import annotations

from dataclasses import dataclass

from features.standards.library import Library
from features.standards.library_difference import Affected
from features.standards.over_standard import Compared, over_standard, total_excess
from features.standards.priced_item import Family, PricedItem, priced_items
from training.appraisal_data import AppraisalData

_UNCUT = 0.98
"""From this share of the request on a project counts as approved in full."""


@dataclass(frozen=True)
class RoundItems:
    """The items of each project of one round, and whether it was approved in full."""

    projects: tuple[tuple[PricedItem, ...], ...]
    uncut: tuple[bool, ...]


def round_items(data: AppraisalData, library: Library, year: int) -> RoundItems:
    """What the projects of a round ask a unit price for."""
    fields = library.fields
    approved = data.outcomes.get(fields.approved)
    projects, uncut = [], []
    for number, project in enumerate(data.projects):
        if project.year != year:
            continue
        requested = project.values[fields.requested]
        amount = float("nan") if approved is None else float(approved[number])
        full = isinstance(requested, float) and amount >= _UNCUT * requested
        projects.append(tuple(priced_items(project, data.catalogue, fields)))
        uncut.append(full)
    return RoundItems(tuple(projects), tuple(uncut))


def flagged_lines(items: RoundItems, library: Library) -> list[list[Compared]]:
    """What of each project is over its standard."""
    return [over_standard(project, library) for project in items.projects]


def affected(items: RoundItems, flagged: list[list[Compared]], library: Library) -> Affected:
    """The counts of one version's flags."""
    judged = [
        sum(
            item.subject.family is Family.LINE
            and (library.learned_for(item) is not None or bool(library.set_for(item)))
            for item in project
        )
        for project in items.projects
    ]
    in_full = [number for number, full in enumerate(items.uncut) if full]
    return Affected(
        lines=sum(judged),
        flagged=sum(map(len, flagged)),
        projects=sum(bool(found) for found in flagged),
        excess=round(sum(total_excess(found) for found in flagged), 2),
        uncut=sum(judged[number] for number in in_full),
        false_alarms=sum(len(flagged[number]) for number in in_full),
    )
