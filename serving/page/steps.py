"""The steps of a waterfall: how parts combine, in words and as places of a drawing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.rounding import round_significant
from serving.wording.words import said_amount

BAR_WIDTH = 180
_MARGIN = 7.0
_TIP = 5.0
_SAID_DIGITS = 6

UNITS: Mapping[HeadKind, str] = {
    HeadKind.SCORE: "points",
    HeadKind.AMOUNT: "times",
    HeadKind.PROBABILITY: "percentage_points",
}
EQUALS: Mapping[HeadKind, str] = {
    HeadKind.SCORE: "=",
    HeadKind.AMOUNT: "≈",
    HeadKind.PROBABILITY: "=",
}


@dataclass(frozen=True)
class Bar:
    """A step from one place of the drawing to another; tone: good, bad or flat."""

    start: float
    end: float
    tone: str

    @property
    def shape(self) -> str:
        """The corners of an arrow that points where the step goes."""
        way = 1 if self.end >= self.start else -1
        neck = round(self.end - way * min(_TIP, abs(self.end - self.start)), 1)
        return f"{self.start},5 {neck},5 {self.end},11 {neck},17 {self.start},17"


@dataclass(frozen=True)
class Scale:
    """From values to places in the drawing; amounts on a logarithmic scale."""

    low: float
    high: float

    @classmethod
    def over(cls, places: Sequence[float]) -> Scale:
        """The scale on which all of the places have room."""
        low, high = min(places), max(places)
        room = max((high - low) * 0.04, 1e-9)
        return cls(low - room, high + room)

    def at(self, value: float) -> float:
        """Where a value is drawn."""
        share = (value - self.low) / (self.high - self.low)
        return round(_MARGIN + share * (BAR_WIDTH - 2 * _MARGIN), 1)

    def bar(self, first: float, second: float, tone: str) -> Bar:
        """The step from one value to another."""
        return Bar(self.at(first), self.at(second), tone)


@dataclass(frozen=True)
class Steps:
    """How the parts of a head combine: points and probabilities add, amounts multiply."""

    kind: HeadKind
    catalogue: Catalogue
    lang: str

    @property
    def part(self) -> str:
        """Under which name an answer gives the parts."""
        return "factor" if self.kind is HeadKind.AMOUNT else "contribution"

    def move(self, part: Decimal) -> float:
        """How far a part moves along the axis of the drawing."""
        return math.log(part) if self.kind is HeadKind.AMOUNT else float(part)

    def place(self, value: Decimal) -> float:
        """Where a value is on the axis of the drawing."""
        return math.log(value) if self.kind is HeadKind.AMOUNT else float(value)

    def after(self, value: Decimal, part: Decimal) -> Decimal:
        """What a part makes of a value."""
        return value * part if self.kind is HeadKind.AMOUNT else value + part

    def said_value(self, value: Decimal) -> str:
        """A base or a result in words."""
        if self.kind is HeadKind.AMOUNT:
            return said_amount(self.catalogue, round_significant(value), self.lang)
        if self.kind is HeadKind.PROBABILITY:
            return f"{_plain(value * 100, 1)}%"
        return _plain(value, 1)

    def said_part(self, part: Decimal) -> str:
        """A contribution as a signed number, or as a factor."""
        if self.kind is HeadKind.AMOUNT:
            digits = f"{part.normalize():f}"
            return f"× {digits if len(digits) <= _SAID_DIGITS else f'{part:.4g}'}"
        shown = part * 100 if self.kind is HeadKind.PROBABILITY else part
        sign = "+" if shown > 0 else "−" if shown < 0 else "±"
        return f"{sign}{_plain(abs(shown), 1)}"

    def tone(self, part: Decimal) -> str:
        """Whether a part is welcome: more points are, more cost or risk is not."""
        move = self.move(part)
        if move == 0:
            return "flat"
        return "good" if (move > 0) == (self.kind is HeadKind.SCORE) else "bad"


def spaced(effect: str) -> str:
    """An effect within a sum: its sign apart from its number."""
    return effect if effect.startswith("×") else f"{effect[0]} {effect[1:]}"


def _plain(value: Decimal, places: int) -> str:
    return f"{value:,.{places}f}"
