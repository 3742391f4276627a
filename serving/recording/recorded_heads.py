"""The heads of a recorded score in the units in which they were shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import orjson

from features.catalogue import Catalogue
from features.head_declaration import HeadDeclaration, HeadKind
from models.margin_map import probability
from models.part_scale import POINT, PROBABILITY
from models.rounding import round_significant
from serving.wording.envelope import Json

_FLAT = 1e-9
"""Log-odds below which a probability is taken for straight, as `models.explanation` has it."""


@dataclass(frozen=True)
class RecordedHead:
    """One head of one recorded score.

    parts: how far each indicator moved it from its base: in points of a score, as the logarithm of
    a factor of an amount, as a share of a probability. low, high: None where no range was given.
    """

    declared: HeadDeclaration
    value: Decimal
    low: Decimal | None
    high: Decimal | None
    parts: Mapping[str, float]


def recorded_heads(content: Json, catalogue: Catalogue) -> dict[str, RecordedHead]:
    """The heads of a score's content that could say something, under their names.

    A project that is not rated has none: nothing was said of it.
    """
    if content["status"] != "rated":
        return {}
    names = content["indicators"].split(" ")
    found = {}
    for declared in catalogue.heads:
        exact = content["heads"].get(declared.name)
        if exact is not None and exact["value"] != "null":
            found[declared.name] = _head(declared, exact, names)
    return found


def _head(
    declared: HeadDeclaration, exact: Mapping[str, str], names: Sequence[str]
) -> RecordedHead:
    base = float(exact["base"])
    row = orjson.loads(f"[{exact['contributions']}]")
    moves = {name: move for name, move in zip(names, row, strict=True) if move is not None}
    low, high = (_limit(declared, exact[name]) for name in ("low", "high"))
    if low is None or high is None:
        low = high = None
    if declared.kind is HeadKind.AMOUNT:
        value = round_significant(math.exp(base) * math.exp(math.fsum(moves.values())))
        return RecordedHead(declared, value, low, high, moves)
    if declared.kind is HeadKind.PROBABILITY:
        before, slope = _slope(base, math.fsum(moves.values()))
        parts = {name: move * slope for name, move in moves.items()}
        whole = math.fsum([before, *parts.values()])
        return RecordedHead(declared, _steps(whole, PROBABILITY), None, None, parts)
    value = _steps(_clipped(declared, math.fsum([base, *moves.values()])), POINT)
    return RecordedHead(declared, value, low, high, moves)


def _slope(base: float, total: float) -> tuple[float, float]:
    """The probability at the base, and what one log-odd of the whole way is worth."""
    before, after = _probability(base), _probability(base + total)
    return before, (after - before) / total if abs(total) > _FLAT else before * (1 - before)


def _probability(margin: float) -> float:
    return float(probability(margin))  # type: ignore[arg-type]


def _limit(declared: HeadDeclaration, text: str) -> Decimal | None:
    if text == "null":
        return None
    if declared.kind is HeadKind.AMOUNT:
        return round_significant(math.exp(float(text)))
    return _steps(_clipped(declared, float(text)), POINT)


def _clipped(declared: HeadDeclaration, value: float) -> float:
    limits = declared.outcome.clip
    return value if limits is None else min(max(value, limits[0]), limits[1])


def _steps(value: float, unit: Decimal) -> Decimal:
    return round(value / float(unit)) * unit
