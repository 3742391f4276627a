"""Execution rates of the years before the one appraised.

Every rate has last year's budget in its denominator: a catalogue may give these to risk heads only.
"""

from __future__ import annotations

from features.item_operation import Items, Result, Value
from features.items import (
    change_over_years,
    dated,
    latest_item,
    mean_over_years,
    number,
    numbers,
    share,
)


def latest_rate(years: Items, executed: Items, budgets: Items, before: Value) -> Result:
    """Return the execution rate of the latest year before *before* that has one, else None."""
    return latest_item(years, _rates(executed, budgets), before)


def mean_rate(years: Items, executed: Items, budgets: Items, before: Value) -> Result:
    """Return the mean execution rate of the years before *before*, None without any."""
    return mean_over_years(years, _rates(executed, budgets), before)


def change_of_rate(years: Items, executed: Items, budgets: Items, before: Value) -> Result:
    """Return the latest execution rate less the earliest, None unless two years have one."""
    return change_over_years(years, _rates(executed, budgets), before)


def share_of_rates_below(
    years: Items, executed: Items, budgets: Items, before: Value, *, limit: float
) -> Result:
    """Return the share (0–1) of years whose execution rate is below *limit*, None without any."""
    known = dated(years, _rates(executed, budgets), before)
    rates = numbers([rate for _, rate in known])
    return share([rate < limit for rate in rates]) if rates else None


def _rates(executed: Items, budgets: Items) -> list[float | None]:
    pairs = zip(map(number, executed), map(number, budgets), strict=True)
    return [None if spent is None or not budget else spent / budget for spent, budget in pairs]
