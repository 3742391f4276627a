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
    """How parts are put together, how far each moves something, and how one is shown.

    moved: with its sign; 0 for a part that moves nothing.
    """

    together: Callable[[Iterable[Part]], Part]
    moved: Callable[[list[Part]], list[float]]
    shown: Callable[[Part], Decimal]

    def joined(self, parts: list[Part]) -> tuple[Part, float]:
        """Parts put together, and how far the whole moves."""
        whole = self.together(parts)
        return whole, self.moved([whole])[0]


def _steps_of(unit: Decimal) -> PartScale[int]:
    """Parts counted in steps of a unit: whole numbers add up fast, and as exactly."""
    return PartScale(sum, _themselves, lru_cache(MULTIPLES)(unit.__mul__))


def _themselves(steps: list[int]) -> list[float]:
    return steps  # type: ignore[return-value]  # that they are whole numbers is no matter


def _product(factors: Iterable[Decimal]) -> Decimal:
    return math.prod(factors, start=Decimal(1))


def _logs(factors: list[Decimal]) -> list[float]:
    return [0.0 if factor == 1 else math.log(factor) for factor in factors]


def _itself(factor: Decimal) -> Decimal:
    return factor


POINTS = _steps_of(POINT)
PROBABILITIES = _steps_of(PROBABILITY)
ODDS = _steps_of(LOG_ODDS)
FACTORS = PartScale(_product, _logs, _itself)

SCALES: Mapping[HeadKind, PartScale[Any]] = {
    HeadKind.SCORE: POINTS,
    HeadKind.AMOUNT: FACTORS,
    HeadKind.PROBABILITY: PROBABILITIES,
}
"""The scale of the parts of each kind of head."""
