"""Rounding for people that still adds up, and still multiplies, exactly as shown."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

FACTOR_DIGITS = 4
AMOUNT_DIGITS = 3
_EXACT = 2**53
"""Below it every whole number is a float."""


def round_steps_in_python(parts: list[float], unit: float) -> list[int]:
    """The parts as whole numbers of units, whose sum is the rounded sum of the parts.

    Largest remainder (Hare–Niemeyer): each part goes to the whole number just below or just above
    it, so that no part changes its sign; ties go to the earlier part.

    Raises:
        OverflowError: when a part is of 2**53 units or more.
    """
    exact = [part / unit for part in parts]
    if not all(abs(units) < _EXACT for units in exact):
        raise OverflowError("a part of 2**53 units or more")
    steps = list(map(math.floor, exact))
    wanting = round(math.fsum(exact)) - sum(steps)
    if wanting > 0:
        # No more are wanting than lie between two multiples, so none moves that is one already.
        below = list(map(operator.sub, steps, exact))
        for place in sorted(range(len(below)), key=below.__getitem__)[:wanting]:
            steps[place] += 1
    return steps


try:
    from models._reasons import round_steps as round_steps
except ImportError:  # installed without a C compiler
    round_steps = round_steps_in_python


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
    parts = [base, *map(math.exp, logs)]
    shown = [Decimal(f"{part:.{FACTOR_DIGITS - 1}e}") for part in parts]
    nudges: _Nudges | None = None
    for _ in range(2 * len(parts)):
        product = math.prod(shown, start=Decimal(1))
        if round_significant(product) == target:
            return shown[0], shown[1:], target
        nudges = nudges or _Nudges(parts)
        moved, to = nudges.next(1 if product < Decimal(exact) else -1)
        shown[moved] = to
    raise ArithmeticError(f"no rounding of {base} × exp({list(logs)}) multiplies to {target}")


class _Digits(NamedTuple):
    """A number of four significant digits: mantissa × 10^exponent, as whole numbers."""

    mantissa: int
    exponent: int

    @classmethod
    def of(cls, value: float) -> _Digits:
        """A positive number rounded half to even."""
        mantissa, _, exponent = f"{value:.{FACTOR_DIGITS - 1}e}".partition("e")
        return cls(int(mantissa.replace(".", "")), int(exponent) - FACTOR_DIGITS + 1)

    def next(self, sign: int) -> _Digits:
        """One step of the last digit up or down."""
        moved = self.mantissa + sign
        if moved == 10**FACTOR_DIGITS:
            return _Digits(moved // 10, self.exponent + 1)
        if moved < 10 ** (FACTOR_DIGITS - 1):
            return _Digits(moved * 10, self.exponent - 1)
        return _Digits(moved, self.exponent)

    def as_float(self) -> float:
        """The nearest float: one division or product of whole numbers rounds once."""
        power: int = 10 ** abs(self.exponent)
        return self.mantissa / power if self.exponent < 0 else float(self.mantissa * power)

    def as_decimal(self) -> Decimal:
        """The number itself."""
        return Decimal(self.mantissa).scaleb(self.exponent)


class _Nudges:
    """Moves parts by one step of their last digit, each time the one that errs least thereafter."""

    def __init__(self, parts: Sequence[float]) -> None:
        self._parts = parts
        self._digits = [_Digits.of(part) for part in parts]
        self._errors: dict[int, list[float]] = {}

    def next(self, sign: int) -> tuple[int, Decimal]:
        """The place that is moved up or down, the first of equals, and what is shown there then."""
        if sign not in self._errors:
            self._errors[sign] = [self._error(place, sign) for place in range(len(self._parts))]
        errors = self._errors[sign]
        moved = errors.index(min(errors))
        self._digits[moved] = self._digits[moved].next(sign)
        for each, known in self._errors.items():
            known[moved] = self._error(moved, each)
        return moved, self._digits[moved].as_decimal()

    def _error(self, place: int, sign: int) -> float:
        """How far a part is from its value after a step; a factor does not cross 1 if it can."""
        moved, part = self._digits[place].next(sign).as_float(), self._parts[place]
        crossed = place > 0 and (moved - 1) * (part - 1) < 0
        return abs(moved / part - 1) + crossed
