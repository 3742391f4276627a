"""How what is asked for compares with its standards: threshold, actual, excess, line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.priced_item import Family, PricedItem
from features.standards.set_standard import SetStandard, StandardForm


class Position(StrEnum):
    """Where something lies: below, within or above the usual range, or over the standard."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    OVER = "over"


@dataclass(frozen=True)
class Compared:
    """An item beside one standard.

    actual, threshold: what is compared, in yuan per unit, yuan or a share of the request. excess:
    by how many yuan of its amount the item is over the standard, else 0. low, mid, high: the usual
    range at the item's price index; None for a standard that is set.
    """

    item: PricedItem
    standard: LearnedStandard | SetStandard
    actual: float
    threshold: float
    excess: float
    position: Position
    low: float | None = None
    mid: float | None = None
    high: float | None = None


def compared(items: Sequence[PricedItem], library: Library) -> Iterator[Compared]:
    """Every item of one project beside every standard that it has.

    A line is compared with all standards that are set for it, and with what is learned of its like.
    """
    requested = sum(item.amount for item in items if item.subject.family is Family.PROJECT)
    for item in items:
        if item.subject.family is Family.LINE:
            for standard in library.set_for(item):
                if standard.form is not StandardForm.RATIO or requested > 0:
                    yield _beside_set(item, standard, requested)
        learned = library.learned_for(item)
        if learned is not None:
            yield _beside_learned(item, learned)


def over_standard(items: Sequence[PricedItem], library: Library) -> list[Compared]:
    """What of one project is over its standard: of each line the firmest standard that it is over.

    Whole projects are left to the range of reasonable cost.
    """
    found: dict[str, Compared] = {}
    for each in compared(items, library):
        if each.position is Position.OVER and each.item.subject.family is Family.LINE:
            found.setdefault(each.item.place, each)
    return list(found.values())


def total_excess(found: Iterable[Compared]) -> float:
    """The yuan by which they are over their standards."""
    return sum(each.excess for each in found)


def _beside_set(item: PricedItem, standard: SetStandard, requested: float) -> Compared:
    if standard.form is StandardForm.QUOTA:
        actual, excess = item.price, (item.price - standard.value) * item.quantity
    elif standard.form is StandardForm.LIMIT:
        actual, excess = item.amount, item.amount - standard.value
    else:
        actual = item.amount / requested
        excess = item.amount - standard.value * requested
    over = actual > standard.value * (1 + _ROUNDING)
    position = Position.OVER if over else Position.WITHIN
    return Compared(item, standard, actual, standard.value, excess if over else 0.0, position)


def _beside_learned(item: PricedItem, standard: LearnedStandard) -> Compared:
    factor = standard.factor(item.price_index)
    low, mid, high = (factor * end for end in (standard.low, standard.mid, standard.high))
    ceiling = factor * standard.ceiling
    over = item.price > ceiling * (1 + _ROUNDING)
    if over:
        position = Position.OVER
    elif item.price > high:
        position = Position.ABOVE
    else:
        position = Position.WITHIN if item.price >= low else Position.BELOW
    excess = (item.price - ceiling) * item.quantity if over else 0.0
    return Compared(item, standard, item.price, ceiling, excess, position, low, mid, high)


_ROUNDING = 1e-9
"""What a unit price may exceed by because it was divided."""
