"""How what is asked for compares with its standards: threshold, actual, excess, line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from features.added import added
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

    actual, threshold: what is compared, in yuan per unit, yuan or a share of the request. limit:
    the most that a unit may cost by it, in yuan. excess: by how many yuan of its amount the item is
    over the standard, else 0. low, mid, high: the usual range at the item's price index; None for a
    standard that is set.
    """

    item: PricedItem
    standard: LearnedStandard | SetStandard
    actual: float
    threshold: float
    limit: float
    excess: float
    position: Position
    low: float | None = None
    mid: float | None = None
    high: float | None = None


def compared(items: Sequence[PricedItem], library: Library) -> Iterator[Compared]:
    """Every item of one project beside every standard that it has.

    A line is compared with all standards that are set for it, and with what is learned of its like.
    """
    requested = _requested(items)
    for item in items:
        if item.subject.family is Family.LINE:
            for standard in _set_for(item, library, requested):
                yield _beside_set(item, standard, requested)
        learned = library.learned_for(item)
        if learned is not None:
            yield _beside_learned(item, learned)


def beside_firmest(items: Sequence[PricedItem], library: Library) -> Iterator[Compared]:
    """Each line of one project beside the standard that holds for it, where it has one.

    That is the firmest of those that are set for it, else what is learned of its like.
    """
    requested = _requested(items)
    for item in items:
        if item.subject.family is Family.LINE:
            firmest = next(_set_for(item, library, requested), None)
            if firmest is not None:
                yield _beside_set(item, firmest, requested)
            elif (learned := library.learned_for(item)) is not None:
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
    return added(each.excess for each in found)


def _requested(items: Sequence[PricedItem]) -> float:
    return added(item.amount for item in items if item.subject.family is Family.PROJECT)


def _set_for(item: PricedItem, library: Library, requested: float) -> Iterator[SetStandard]:
    """The standards that are set for a line; a share of the request only where that is known."""
    for standard in library.set_for(item):
        if standard.form is not StandardForm.RATIO or requested > 0:
            yield standard


def _beside_set(item: PricedItem, standard: SetStandard, requested: float) -> Compared:
    if standard.form is StandardForm.QUOTA:
        actual, limit = item.price, standard.value
        excess = (item.price - limit) * item.quantity
    else:
        ratio = standard.form is StandardForm.RATIO
        allowed = standard.value * requested if ratio else standard.value
        actual = item.amount / requested if ratio else item.amount
        limit, excess = allowed / item.quantity, item.amount - allowed
    over = actual > standard.value * (1 + ROUNDING)
    position = Position.OVER if over else Position.WITHIN
    excess = excess if over else 0.0
    return Compared(item, standard, actual, standard.value, limit, excess, position)


def _beside_learned(item: PricedItem, standard: LearnedStandard) -> Compared:
    factor = standard.factor(item.price_index)
    low, mid, high = (factor * end for end in (standard.low, standard.mid, standard.high))
    ceiling = factor * standard.ceiling
    over = item.price > ceiling * (1 + ROUNDING)
    if over:
        position = Position.OVER
    elif item.price > high:
        position = Position.ABOVE
    else:
        position = Position.WITHIN if item.price >= low else Position.BELOW
    excess = (item.price - ceiling) * item.quantity if over else 0.0
    return Compared(item, standard, item.price, ceiling, ceiling, excess, position, low, mid, high)


ROUNDING = 1e-9
"""What a unit price may exceed by because it was divided."""
