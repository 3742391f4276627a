"""The closed set of operations by which a catalogue checks that fields agree with each other.

Each yields what disagrees. An absent value never does: what must be given is the schema's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TypeGuard

from features.added import added
from features.item_operation import Items, Value
from features.items import number, numbers, year_of

Argument = Value | Items

WAN = 10_000.0
"""Yuan in one 万元, the unit that forms and lines most often confuse with yuan."""

UNIT_ADVICE = "amounts are in yuan (元); one that was written in 万元 needs × 10,000"


@dataclass(frozen=True)
class Mismatch:
    """One disagreement: which argument is at fault, at which item (from 0), and how."""

    argument: int
    item: int | None
    expected: str
    got: str
    hint: str = ""


def same_unit(
    amounts: Argument, whole: Value, *, tolerance: float = 0.2, factor: float = WAN
) -> Iterator[Mismatch]:
    """Yield a mismatch when the sum of *amounts* is *factor* times the whole, or the reverse.

    *tolerance* is how far from the exact factor the two may be, as a share. The smaller is blamed.
    """
    parts = numbers(_listed(amounts))
    total, other = added(parts), number(whole)
    if parts and other is not None and _is_factor(total, other, factor, tolerance):
        small, great = sorted((total, other))
        argument = 0 if total < other else 1
        expected = f"an amount in the same unit as {amount(great)}"
        yield Mismatch(argument, None, expected, amount(small), UNIT_ADVICE)


def product_unit(
    prices: Items,
    quantities: Items,
    amounts: Items,
    *,
    tolerance: float = 0.2,
    factor: float = WAN,
) -> Iterator[Mismatch]:
    """Yield a mismatch for each line whose amount is price × quantity in another unit."""
    rows = zip(map(number, prices), map(number, quantities), map(number, amounts), strict=True)
    for item, (price, quantity, stated) in enumerate(rows):
        if price is None or quantity is None or stated is None:
            continue
        if _is_factor(price * quantity, stated, factor, tolerance):
            expected = f"price × qty = {amount(price * quantity)}"
            yield Mismatch(2, item, expected, amount(stated), UNIT_ADVICE)


def not_before(first: Argument, last: Argument) -> Iterator[Mismatch]:
    """Yield a mismatch where the *last* year or date comes before the *first*.

    Two lists are compared item by item, a scalar with every item of a list; the item is blamed.
    """
    blame_first = _is_list(first) and not _is_list(last)
    for item, start, end in _aligned(first, last):
        if start is None or end is None or not _is_earlier(end, start):
            continue
        if blame_first:
            yield Mismatch(0, item, f"{moment(end)} or earlier", moment(start))
        else:
            yield Mismatch(1, item, f"{moment(start)} or later", moment(end))


def before(moments: Argument, limit: Value) -> Iterator[Mismatch]:
    """Yield a mismatch for each year or date that is not in a year before *limit*."""
    end = year_of(limit)
    for item, value in _numbered(moments):
        year = year_of(value)
        if year is not None and end is not None and year >= end:
            hint = "what that year brings is not known when the project is declared"
            yield Mismatch(0, item, f"a year before {end}", moment(value), hint)


def within(moments: Argument, first: Value, last: Value) -> Iterator[Mismatch]:
    """Yield a mismatch for each year or date outside the years *first* to *last*."""
    start, end = year_of(first), year_of(last)
    for item, value in _numbered(moments):
        year = year_of(value)
        if year is not None and _outside(year, start, end):
            expected = f"a year of the term, {start or 'open'} to {end or 'open'}"
            yield Mismatch(0, item, expected, moment(value))


def distinct(values: Items) -> Iterator[Mismatch]:
    """Yield a mismatch for each item that repeats the value of an earlier one."""
    seen: set[Value] = set()
    for item, value in enumerate(values):
        if value in seen:
            yield Mismatch(0, item, "each value once", f"{moment(value)} a second time")
        elif value is not None:
            seen.add(value)


CHECK_OPERATIONS: Mapping[str, Callable[..., Iterator[Mismatch]]] = MappingProxyType(
    {
        operation.__name__: operation
        for operation in (same_unit, product_unit, not_before, before, within, distinct)
    }
)
"""Name → operation."""


def amount(value: float) -> str:
    """Return an amount of yuan as people write it: 1,200 or 1,200.50."""
    return f"{value:,.2f}".removesuffix(".00")


def moment(value: Value) -> str:
    """Return a year as 2025 and a date as 2025-03-31."""
    return f"{value:.0f}" if isinstance(value, (int, float)) else str(value)


def _is_factor(first: float, second: float, factor: float, tolerance: float) -> bool:
    smaller, greater = sorted((abs(first), abs(second)))
    return smaller > 0 and abs(greater / smaller / factor - 1) <= tolerance


def _outside(year: int, start: int | None, end: int | None) -> bool:
    return (start is not None and year < start) or (end is not None and year > end)


def _is_list(argument: Argument) -> TypeGuard[Items]:
    return isinstance(argument, (list, tuple))


def _listed(argument: Argument) -> Items:
    return argument if _is_list(argument) else [argument]  # type: ignore[list-item]  # a scalar


def _numbered(argument: Argument) -> list[tuple[int | None, Value]]:
    """The values with the number of their item, which is None for a scalar."""
    if _is_list(argument):
        return list(enumerate(argument))
    return [(None, argument)]  # type: ignore[list-item]  # what is no list is a scalar


def _aligned(first: Argument, last: Argument) -> Iterator[tuple[int | None, Value, Value]]:
    left, right = _numbered(first), _numbered(last)
    if not _is_list(first):
        left = left * len(right)
    if not _is_list(last):
        right = right * len(left)
    for (item, start), (other, end) in zip(left, right, strict=True):
        yield (other if item is None else item), start, end


def _is_earlier(first: Value, last: Value) -> bool:
    """Whether a year or date comes before another, only as finely as the coarser of the two."""
    if isinstance(first, (str, date)) and isinstance(last, (str, date)):
        return str(first)[:10] < str(last)[:10]
    start, end = year_of(first), year_of(last)
    return start is not None and end is not None and start < end
