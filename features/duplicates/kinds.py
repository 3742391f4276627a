"""What a pair of related projects is: declared twice, split, copied, or continued."""

from __future__ import annotations

from features.duplicates.traits import Traits

SAME_YEAR, OTHER_YEAR = "declared_twice", "declared_again"
CONTINUED, SPLIT = "continued", "split"
COPIED_TEXT, COPIED_TARGETS = "copied_text", "copied_targets"
KINDS = (SAME_YEAR, OTHER_YEAR, SPLIT, CONTINUED, COPIED_TEXT, COPIED_TARGETS)
"""A pair that is several is told as the first: who continues a project has its texts as well."""
FAULTS = tuple(kind for kind in KINDS if kind != CONTINUED)
"""The kinds that ask for an answer; that a project goes on from year to year does not."""


def kind_of_same(one: Traits, other: Traits) -> str:
    """What it is when two declarations are of the same project.

    In one round it is declared twice. In two rounds a recurring project, or one that does not call
    itself new, continues; a one-off project that calls itself new is declared again. Where a
    catalogue does not tell, a project of another round continues.
    """
    if one.year == other.year:
        return SAME_YEAR
    later = max((one, other), key=lambda project: project.year)
    again = later.declared_new and one.one_off and other.one_off
    return OTHER_YEAR if again else CONTINUED


def split_below(one: Traits, other: Traits, thresholds: tuple[float, ...]) -> float | None:
    """The highest threshold that two parts stay below and exceed together; None for none.

    Parts are of the same kind, declared by one department in one place and round.
    """
    alike = ("year", "place", "department", "sort")
    if any(getattr(one, name) != getattr(other, name) for name in alike):
        return None
    if one.amount is None or other.amount is None:
        return None
    larger, both = max(one.amount, other.amount), one.amount + other.amount
    return max((t for t in thresholds if larger < t <= both), default=None)
