"""A new version of the expenditure-standard library, from past projects and what is set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from features.standards.library import Learning, Library
from features.standards.library_difference import LibraryDifference
from features.standards.set_standard import SetStandard
from features.standards.unit_cost_fields import unit_cost_fields
from models.people import account, now
from models.standards.shelf import Shelf
from training.appraisal_data import AppraisalData
from training.split import TimeSplit
from training.standards.approved_prices import approved_prices
from training.standards.differing import library_difference
from training.standards.grouping_regions import grouped_regions
from training.standards.learning import learned_standards
from training.standards.standards_policy import StandardsPolicy

METHOD = (
    "median of approved unit prices at the published price index; groups of regions partially "
    "pooled; split-conformal ends from the next round; measured on the last"
)


def built_library(
    data: AppraisalData,
    set_standards: Sequence[SetStandard],
    version: int,
    start: date,
    policy: StandardsPolicy | None = None,
) -> Library:
    """A library learned from past projects.

    Raises:
        StandardsError: when the catalogue tells no unit costs, or nothing was approved.
        TrainingError: when there are fewer than three rounds with approved amounts.
    """
    policy = policy or StandardsPolicy()
    fields = unit_cost_fields(data.catalogue)
    prices = approved_prices(data, fields)
    split = TimeSplit.of(prices.rounds)
    regions = grouped_regions(prices.items)
    learning = Learning(
        data=data.digest,
        simulated=data.simulated,
        projects=len(set(prices.projects.tolist())),
        items=len(prices.items),
        rounds=(int(prices.rounds.min()), split.fit_until),
        calibrated=split.calibrate_until,
        measured=int(prices.rounds.max()),
        prices=int(prices.rounds.max()),
        level=policy.level,
        ceiling_level=policy.ceiling_level,
        method=METHOD,
    )
    return Library(
        format=1,
        catalogue=data.catalogue.catalogue,
        version=version,
        made=now(),
        made_by=account(),
        start=start.isoformat(),
        end=(start + timedelta(days=policy.valid_days)).isoformat(),
        fields=fields,
        regions=regions,
        learning=learning,
        learned=tuple(learned_standards(prices, regions, split, policy)),
        set=tuple(sorted(set_standards, key=lambda each: each.code)),
    )


def build(
    data: AppraisalData,
    set_standards: Sequence[SetStandard],
    shelf: Shelf,
    start: date,
    policy: StandardsPolicy | None = None,
) -> tuple[Library, LibraryDifference]:
    """A new version on the shelf, a draft until it is signed, with what it changes.

    Raises:
        StandardsError: when nothing can be learned, or another version came between.
        TrainingError: when there are fewer than three rounds with approved amounts.
    """
    versions = shelf.versions()
    library = built_library(data, set_standards, max(versions, default=0) + 1, start, policy)
    before = shelf.library(versions[-1]) if versions else None
    difference = library_difference(library, before, data)
    shelf.put(library, difference)
    return library, difference
