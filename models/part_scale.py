"""The scales on which parts of a prediction are put together and shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar

from features.head_declaration import HeadKind

Part = TypeVar("Part", int, Decimal)

POINT = Decimal("0.1")
PROBABILITY = Decimal("0.001")
LOG_ODDS = Decimal("0.01")
MULTIPLES = 10_000
"""The multiples of each unit that are kept as decimals, those last used."""


@dataclass(frozen=True)
class PartScale(Generic[Part]):
    """How parts are put together, how great one is, and how it is shown.

    nothing: the part that moves nothing.
    """

    nothing: Part
    together: Callable[[Iterable[Part]], Part]
    size: Callable[[Part], float]
    shown: Callable[[Part], Decimal]


def _steps_of(unit: Decimal) -> PartScale[int]:
    """Parts counted in steps of a unit: whole numbers add up fast, and as exactly."""
    return PartScale(0, sum, abs, lru_cache(MULTIPLES)(unit.__mul__))


def _product(factors: Iterable[Decimal]) -> Decimal:
    return math.prod(factors, start=Decimal(1))


def _distance(factor: Decimal) -> float:
    return abs(math.log(factor))


def _itself(factor: Decimal) -> Decimal:
    return factor


POINTS = _steps_of(POINT)
PROBABILITIES = _steps_of(PROBABILITY)
ODDS = _steps_of(LOG_ODDS)
FACTORS = PartScale(Decimal(1), _product, _distance, _itself)

SCALES: Mapping[HeadKind, PartScale[Any]] = {
    HeadKind.SCORE: POINTS,
    HeadKind.AMOUNT: FACTORS,
    HeadKind.PROBABILITY: PROBABILITIES,
}
"""The scale of the parts of each kind of head."""
