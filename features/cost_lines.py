"""Whether the calculation lines of a project hold together as arithmetic."""

from __future__ import annotations

from features.added import added
from features.economic_class import EconomicClasses, economic_classes
from features.item_operation import Items, Result, Value
from features.items import number, numbers, share


def share_multiplying(
    prices: Items, quantities: Items, amounts: Items, *, tolerance: float = 0.01
) -> float:
    """Return the share (0–1) of lines whose price × quantity is the amount, within *tolerance*.

    A line that lacks one of the three does not count as right; no lines make 0.0.
    """
    rows = zip(map(number, prices), map(number, quantities), map(number, amounts), strict=True)
    return share([_multiplies(price, qty, amount, tolerance) for price, qty, amount in rows])


def gap_to_total(amounts: Items, total: Value) -> Result:
    """Return |sum of the lines − total| ÷ total, None without lines or a positive total."""
    lines, whole = numbers(amounts), number(total)
    if not lines or whole is None or whole <= 0:
        return None
    return abs(added(lines) - whole) / whole


def share_fitting_class(codes: Items, tasks: Items, *, words: dict[str, list[str]]) -> float:
    """Return the share (0–1) of lines whose economic class the *words* of the line do not deny.

    *words* are those that stand for each class. A line without a class does not fit; one whose
    words stand for no class does, since nothing speaks against it. No lines make 0.0.
    """
    classes = economic_classes(words)
    return share([_fits(classes, code, task) for code, task in zip(codes, tasks, strict=True)])


def largest_share(amounts: Items) -> Result:
    """Return the greatest amount ÷ the sum of all, None when they add up to nothing."""
    lines = numbers(amounts)
    total = added(lines)
    return max(lines) / total if total > 0 else None


def share_round(amounts: Items, *, multiple: float) -> Result:
    """Return the share (0–1) of amounts that are whole multiples of *multiple* yuan, or None."""
    lines = numbers(amounts)
    return share([amount % multiple == 0 for amount in lines]) if lines else None


def years_covered(years: Items, first: Value, last: Value) -> float:
    """Return the share (0–1) of the years of a term that a plan names, 0.0 without a term."""
    start, end = number(first), number(last)
    if start is None or end is None or end < start:
        return 0.0
    planned = set(numbers(years))
    return share([year in planned for year in range(int(start), int(end) + 1)])


def _fits(classes: EconomicClasses, code: Value, task: Value) -> bool:
    given = str(code or "").strip()
    return bool(given) and not classes.proposed(str(task or ""), given)


def _multiplies(
    price: float | None, quantity: float | None, amount: float | None, tolerance: float
) -> bool:
    if price is None or quantity is None or amount is None:
        return False
    return abs(price * quantity - amount) <= tolerance * abs(amount)
