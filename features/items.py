"""General operations on the items of a part: counts, sums, shares, the latest value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter

from features.added import added
from features.item_operation import Items, Result, Value


def is_given(value: Value) -> float:
    """Return 1.0 when a scalar is given and not blank, else 0.0."""
    return float(_filled(value))


def share_of_fields_given(*values: Value) -> float:
    """Return the share (0–1) of the named scalars that are given and not blank."""
    return added(map(_filled, values)) / len(values) if values else 0.0


def lookup(value: Value, *, table: dict[str, str], otherwise: str | None = None) -> Result:
    """Return the code that *table* gives for a scalar, else *otherwise*."""
    return otherwise if value is None else table.get(str(value), otherwise)


def count_items(items: Items, *, limit: int | None = None) -> float:
    """Return the number of items that give the field, at most *limit*."""
    return _capped(len(list(filter(_filled, items))), limit)


def count_distinct(items: Items, *, limit: int | None = None) -> float:
    """Return the number of different values of the field, at most *limit*."""
    return _capped(len({str(item).strip() for item in items if _filled(item)}), limit)


def sum_items(items: Items) -> float:
    """Return the sum of the numbers given, 0.0 when there are none."""
    return added(numbers(items))


def mean_items(items: Items) -> Result:
    """Return the mean of the numbers given, None when there are none."""
    given = numbers(items)
    return added(given) / len(given) if given else None


def maximum_item(items: Items) -> Result:
    """Return the greatest of the numbers given, None when there are none."""
    return max(numbers(items), default=None)


def minimum_item(items: Items) -> Result:
    """Return the least of the numbers given, None when there are none."""
    return min(numbers(items), default=None)


def share_given(items: Items) -> float:
    """Return the share (0–1) of items that give the field, 0.0 when there are no items."""
    return share([_filled(item) for item in items])


def share_of_items(
    items: Items, *, any_of: list[str] | None = None, prefixes: list[str] | None = None
) -> float:
    """Return the share (0–1) of items that are one of *any_of* or begin with one of *prefixes*.

    No items make 0.0.
    """
    return share(_matches(items, any_of, prefixes))


def share_of_sum(
    items: Items,
    amounts: Items,
    *,
    any_of: list[str] | None = None,
    prefixes: list[str] | None = None,
) -> Result:
    """Return the share (0–1) of the amounts that belongs to the items that match.

    None when the amounts add up to nothing.
    """
    parts = [number(amount) or 0.0 for amount in amounts]
    total = added(parts)
    hits = zip(_matches(items, any_of, prefixes), parts, strict=True)
    return added(part for hit, part in hits if hit) / total if total > 0 else None


def any_item(items: Items, *, any_of: list[str] | None = None) -> float:
    """Return 1.0 when an item is one of *any_of* (without it: is true), else 0.0."""
    if any_of is None:
        return float(any(item is not None and bool(item) for item in items))
    return float(any(_matches(items, any_of, None)))


def ratio_of_sums(upper: Items, lower: Items) -> Result:
    """Return sum ÷ sum, None when the lower sum is not positive."""
    below = sum_items(lower)
    return sum_items(upper) / below if below > 0 else None


def sums_to_any_of(items: Items, *, totals: list[float], tolerance: float = 0.01) -> float:
    """Return 1.0 when the numbers given add up to one of *totals*, else 0.0."""
    total = sum_items(items)
    return float(any(abs(total - wanted) <= tolerance for wanted in totals))


def latest_item(years: Items, values: Items, before: Value = None) -> Result:
    """Return the value at the greatest year (before *before*, if given) that has a value.

    None when there is none. Of several values at one year the last listed counts.
    """
    known = dated(years, values, before)
    return _result(max(known, key=lambda pair: pair[0])[1]) if known else None


def count_years(years: Items, before: Value = None) -> float:
    """Return the number of different years (before *before*, if given)."""
    return float(len({year for year, _ in dated(years, years, before)}))


def mean_over_years(years: Items, values: Items, before: Value = None) -> Result:
    """Return the mean of the numbers of the years (before *before*, if given), None without any."""
    return mean_items([value for _, value in dated(years, values, before)])


def change_over_years(years: Items, values: Items, before: Value = None) -> Result:
    """Return the latest number less the earliest, None unless two different years have one."""
    known = dated(years, values, before)
    if len({year for year, _ in known}) < 2:
        return None
    first, last = number(known[0][1]), number(known[-1][1])
    return None if first is None or last is None else last - first


def dated(years: Items, values: Items, before: Value = None) -> list[tuple[int, Value]]:
    """Return (year, value) of the items that give both, in order of year, only before *before*.

    What a later year brought is never known when a project is appraised: reading it would leak.
    """
    end = year_of(before)
    known = [
        (year, value)
        for year, value in zip(map(year_of, years), values, strict=True)
        if year is not None and (end is None or year < end) and _filled(value)
    ]
    return sorted(known, key=itemgetter(0))


def year_of(value: Value) -> int | None:
    """Return the calendar year of a year, a date or a ``YYYY-MM-DD`` text, None when absent."""
    if value is None:
        return None
    if isinstance(value, str):
        return int(value[:4])
    return value.year if isinstance(value, date) else int(value)


def number(value: Value) -> float | None:
    """Return a scalar as a number, None when it is absent.

    Raises:
        TypeError: the value is a text or a date, so the catalogue names a field of another kind.
    """
    if value is None or type(value) is float:
        return value
    if isinstance(value, (str, date)):
        raise TypeError(f"a number is needed, not a {type(value).__name__}")
    return float(value)


def numbers(items: Items) -> list[float]:
    """Return the numbers among the items, without the absent ones."""
    return [given for given in map(number, items) if given is not None]


def share(hits: Sequence[bool]) -> float:
    """Return the share (0–1) of true values, 0.0 for none: leaving items out never looks good."""
    return added(hits) / len(hits) if hits else 0.0


def _filled(value: Value) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _matches(items: Items, any_of: list[str] | None, prefixes: list[str] | None) -> list[bool]:
    """Of each item whether it is one of `any_of` or begins with one of `prefixes`."""
    matches = _matcher(tuple(any_of or ()), tuple(prefixes or ()))
    return [item is not None and matches(str(item)) for item in items]


@lru_cache(maxsize=64)
def _matcher(whole: tuple[str, ...], beginnings: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a text is one of some, or begins with one of others."""
    exact = frozenset(whole)
    return lambda text: text in exact or text.startswith(beginnings)


def _capped(count: int, limit: int | None) -> float:
    return float(count if limit is None else min(count, limit))


def _result(value: Value) -> Result:
    return value.isoformat() if isinstance(value, date) else value
