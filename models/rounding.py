"""Rounding for people that still adds up, and still multiplies, exactly as shown."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

FACTOR_DIGITS = 4
AMOUNT_DIGITS = 3


def round_parts(parts: Sequence[float], unit: Decimal) -> list[Decimal]:
    """The parts as multiples of `unit` whose sum is the rounded sum of the parts.

    Largest remainder (Hare–Niemeyer): each part goes to the multiple just below or just above it,
    so that no part changes its sign; ties go to the earlier part.
    """
    return [steps * unit for steps in round_steps(parts, unit)]


def round_steps(parts: Sequence[float], unit: Decimal) -> list[int]:
    """How many times each of `round_parts` is the unit: what is added up need not be decimal."""
    size = float(unit)
    exact = [part / size for part in parts]
    steps = list(map(math.floor, exact))
    wanting = round(math.fsum(exact)) - sum(steps)
    if wanting > 0:
        below = list(map(operator.sub, steps, exact))
        for index in sorted(range(len(parts)), key=below.__getitem__)[:wanting]:
            steps[index] += 1
    return steps


def round_significant(value: float | Decimal, digits: int = AMOUNT_DIGITS) -> Decimal:
    """A number rounded half to even to `digits` significant digits; zero stays zero."""
    if isinstance(value, float):
        # The shortest way to the same: formatting rounds the exact value, half to even.
        return Decimal(f"{value:.{digits - 1}e}")
    number = Decimal(value)
    if number == 0:
        return Decimal(0)
    step = Decimal(1).scaleb(number.adjusted() - digits + 1)
    return (number / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * step


def round_factors(base: float, logs: Sequence[float]) -> tuple[Decimal, list[Decimal], Decimal]:
    """A base, its factors and the amount they make, each rounded, so that they multiply as shown.

    The factors exp(logs) are rounded to four significant digits, then nudged by single steps
    until base × factors, rounded to three significant digits, is the shown amount; the shown
    amount is the exact one rounded. A factor keeps its side of 1.

    Raises:
        ArithmeticError: when no nudge within two steps per factor makes the product come out.
    """
    exact = base * math.exp(math.fsum(logs))
    target = round_significant(exact)
    parts = [base, *(math.exp(log) for log in logs)]
    shown = [round_significant(part, FACTOR_DIGITS) for part in parts]
    for _ in range(2 * len(parts)):
        product = math.prod(shown, start=Decimal(1))
        if round_significant(product) == target:
            return shown[0], shown[1:], target
        _nudge(shown, parts, upwards=product < Decimal(exact))
    raise ArithmeticError(f"no rounding of {base} × exp({list(logs)}) multiplies to {target}")


def _nudge(shown: list[Decimal], parts: Sequence[float], upwards: bool) -> None:
    """Move by one step the part that this brings nearest to, or least far from, its value."""
    sign = 1 if upwards else -1

    def error_after(index: int) -> tuple[float, int]:
        moved = shown[index] + sign * _step(shown[index])
        crossed = index > 0 and (moved - 1) * (Decimal(parts[index]) - 1) < 0
        return (abs(float(moved) / parts[index] - 1) + crossed, index)

    best = min(range(len(shown)), key=error_after)
    shown[best] += sign * _step(shown[best])


def _step(factor: Decimal) -> Decimal:
    return Decimal(1).scaleb(factor.adjusted() - FACTOR_DIGITS + 1)
