"""Shown numbers, which are decimals, as JSON."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import orjson

Number = int | float
NUMBERS = 20_000
"""The shown numbers whose form is kept, those last used."""


@lru_cache(NUMBERS)
def number(value: Decimal) -> Number:
    """A shown number as JSON: whole where it is whole and large."""
    return int(value) if value == value.to_integral_value() and abs(value) >= 1000 else float(value)


@lru_cache(NUMBERS)
def written_number(value: Decimal) -> bytes:
    """The text of `number`."""
    return orjson.dumps(number(value))
