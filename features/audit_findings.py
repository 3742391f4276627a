"""What audit, finance inspection and discipline found before the fiscal year.

A finding without a date counts as known; one dated in or after the fiscal year was not known when
the project was declared, and reading it would leak the future.
"""

from __future__ import annotations

from features.added import added
from features.item_operation import Items, Value
from features.items import number, year_of


def count_findings(dates: Items, year: Value, *, within: int | None = None) -> float:
    """Return the number of findings known before *year* (of its last *within* years, if given)."""
    return added(_known(found, year, within) for found in dates)


def count_open_findings(dates: Items, rectified: Items, year: Value) -> float:
    """Return the number of known findings that are not recorded as rectified."""
    pairs = zip(dates, rectified, strict=True)
    return added(_known(found, year) and not done for found, done in pairs)


def count_findings_of(dates: Items, codes: Items, year: Value, *, any_of: list[str]) -> float:
    """Return the number of known findings whose type or source is one of *any_of*."""
    pairs = zip(dates, codes, strict=True)
    return added(_known(found, year) and code in any_of for found, code in pairs)


def sum_of_findings(dates: Items, amounts: Items, year: Value) -> float:
    """Return the sum, in yuan, of the amounts of the known findings."""
    pairs = zip(dates, amounts, strict=True)
    return added(number(amount) or 0.0 for found, amount in pairs if _known(found, year))


def _known(found: Value, year: Value, within: int | None = None) -> bool:
    then, now = year_of(found), year_of(year)
    if then is None or now is None:
        return within is None
    return then < now and (within is None or now - then <= within)
