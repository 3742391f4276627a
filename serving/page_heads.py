"""The waterfall of one head: from the base over the dimensions to the result, each opened."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.rounding import round_significant
from serving.envelope import Json
from serving.page_words import page_words
from serving.words import said_amount, said_value

BAR_WIDTH = 180
_MARGIN = 7.0
_TIP = 5.0
_MOST_SENTENCES = 3
_SAID_DIGITS = 6


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
class Row:
    """One reason: an indicator or several together, with value, comparison and source.

    reached: what base and reasons make so far.
    """

    label: str
    value: str
    compared: str
    source: str
    effect: str
    reached: str
    bar: Bar


@dataclass(frozen=True)
class Dimension:
    """One step of the waterfall: a dimension, what is reached after it, and its reasons."""

    label: str
    effect: str
    reached: str
    bar: Bar
    rows: Sequence[Row]
    count: str


@dataclass(frozen=True)
class HeadView:
    """Everything that the page shows of one head."""

    label: str
    value: str
    base: str
    base_place: float
    value_place: float
    dimensions: Sequence[Dimension]
    raising: Sequence[str]
    lowering: Sequence[str]
    titles: tuple[str, str]
    tones: tuple[str, str]
    unit: str
    sum: str


@dataclass(frozen=True)
class _Scale:
    """From values to places in the drawing; amounts on a logarithmic scale."""

    low: float
    high: float

    @classmethod
    def over(cls, places: Sequence[float]) -> _Scale:
        low, high = min(places), max(places)
        room = max((high - low) * 0.04, 1e-9)
        return cls(low - room, high + room)

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_MARGIN + share * (BAR_WIDTH - 2 * _MARGIN), 1)

    def bar(self, first: float, second: float, tone: str) -> Bar:
        return Bar(self.at(first), self.at(second), tone)


@dataclass(frozen=True)
class _Steps:
    """How the parts of a head combine: points and probabilities add, amounts multiply."""

    kind: HeadKind
    catalogue: Catalogue
    lang: str

    @property
    def part(self) -> str:
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


def head_view(shown: Json, kind: HeadKind, catalogue: Catalogue, lang: str) -> HeadView:
    """The waterfall of a head as an explained score shows it: base, dimensions, result."""
    steps = _Steps(kind, catalogue, lang)
    base, value = _decimal(shown["base"]), _decimal(shown[_VALUE[kind]])
    grouped = list(_grouped(shown, steps))
    scale = _Scale.over([steps.place(base), steps.place(value), *_places(base, grouped, steps)])
    words = page_words(lang)
    dimensions = list(_dimensions(base, grouped, steps, scale))
    said = [steps.said_value(base), *(_spaced(each.effect) for each in dimensions)]
    return HeadView(
        label=shown["label"][lang],
        value=steps.said_value(value),
        base=steps.said_value(base),
        base_place=scale.at(steps.place(base)),
        value_place=scale.at(steps.place(value)),
        dimensions=dimensions,
        raising=_sentences(shown["reasons"], steps, raising=True),
        lowering=_sentences(shown["reasons"], steps, raising=False),
        titles=(words[_TITLES[kind][0]], words[_TITLES[kind][1]]),
        tones=("good", "bad") if kind is HeadKind.SCORE else ("bad", "good"),
        unit=words[_UNITS[kind]],
        sum=f"{' '.join(said)} {_EQUALS[kind]} {steps.said_value(value)}",
    )


_VALUE: Mapping[HeadKind, str] = {
    HeadKind.SCORE: "score",
    HeadKind.AMOUNT: "mid",
    HeadKind.PROBABILITY: "probability",
}
_UNITS: Mapping[HeadKind, str] = {
    HeadKind.SCORE: "points",
    HeadKind.AMOUNT: "times",
    HeadKind.PROBABILITY: "percentage_points",
}
_EQUALS: Mapping[HeadKind, str] = {
    HeadKind.SCORE: "=",
    HeadKind.AMOUNT: "≈",
    HeadKind.PROBABILITY: "=",
}
_TITLES: Mapping[HeadKind, tuple[str, str]] = {
    HeadKind.SCORE: ("strengths", "weaknesses"),
    HeadKind.AMOUNT: ("raisers", "lowerers"),
    HeadKind.PROBABILITY: ("risk_raisers", "risk_lowerers"),
}

_Grouped = tuple[Json, Decimal, list[Json]]
"""A dimension, what it contributes, and its reasons."""


def _grouped(shown: Json, steps: _Steps) -> Iterator[_Grouped]:
    for dimension in shown["dimensions"]:
        name = dimension["dimension"]
        reasons = [reason for reason in shown["reasons"] if reason["dimension"] == name]
        yield dimension, _decimal(dimension[steps.part]), reasons


def _places(base: Decimal, grouped: Sequence[_Grouped], steps: _Steps) -> Iterator[float]:
    """Every place that the waterfall passes, opened dimensions included."""
    value = base
    for _, part, reasons in grouped:
        inside = value
        for reason in reasons:
            inside = steps.after(inside, _decimal(reason[steps.part]))
            yield steps.place(inside)
        value = steps.after(value, part)
        yield steps.place(value)


def _dimensions(
    base: Decimal, grouped: Sequence[_Grouped], steps: _Steps, scale: _Scale
) -> Iterator[Dimension]:
    value = base
    for dimension, part, reasons in grouped:
        before, value = value, steps.after(value, part)
        yield Dimension(
            dimension["label"][steps.lang],
            steps.said_part(part),
            steps.said_value(value),
            scale.bar(steps.place(before), steps.place(value), steps.tone(part)),
            list(_rows(before, reasons, steps, scale)),
            page_words(steps.lang)["reasons_in"].format(count=len(reasons)),
        )


def _rows(value: Decimal, reasons: Sequence[Json], steps: _Steps, scale: _Scale) -> Iterator[Row]:
    words = page_words(steps.lang)
    for reason in reasons:
        part = _decimal(reason[steps.part])
        before, value = value, steps.after(value, part)
        yield Row(
            _label(reason, steps),
            reason["value_text"][steps.lang] if "value_text" in reason else "",
            _typical(reason, steps),
            words[f"source_{reason['source']}"] if "source" in reason else "",
            steps.said_part(part),
            steps.said_value(value),
            scale.bar(steps.place(before), steps.place(value), steps.tone(part)),
        )


def _label(reason: Json, steps: _Steps) -> str:
    if "joint" not in reason:
        return str(reason["label"][steps.lang])
    names = [steps.catalogue.by_name[name].label.of(steps.lang) for name in reason["joint"]]
    joined = ("、" if steps.lang == "zh" else ", ").join(names)
    return page_words(steps.lang)["joint"].format(names=joined)


def _typical(reason: Json, steps: _Steps) -> str:
    if "comparison" not in reason:
        return ""
    typical = reason["comparison"]["typical"]
    return said_value(steps.catalogue, reason["indicator"], typical, steps.lang)


def _sentences(reasons: Sequence[Json], steps: _Steps, *, raising: bool) -> list[str]:
    moved = [(reason, steps.move(_decimal(reason[steps.part]))) for reason in reasons]
    found = [
        str(reason["text"][steps.lang])
        for reason, move in moved
        if move != 0 and (move > 0) is raising
    ]
    return found[:_MOST_SENTENCES]


def _spaced(effect: str) -> str:
    """An effect within a sum: its sign apart from its number."""
    return effect if effect.startswith("×") else f"{effect[0]} {effect[1:]}"


def _decimal(number: float) -> Decimal:
    """A number of an answer as it is written there."""
    return Decimal(str(number))


def _plain(value: Decimal, places: int) -> str:
    return f"{value:,.{places}f}"
