"""What the page shows of one head: rows that add up, each with its bar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from serving.envelope import Json
from serving.page_words import page_words
from serving.words import said_amount, said_value

BAR_WIDTH = 220
SHOWN_REASONS = 8
_MARGIN = 8.0
_MOST_SENTENCES = 3


@dataclass(frozen=True)
class Bar:
    """A horizontal bar in units of the drawing, from `start` on for `width`."""

    start: float
    width: float
    tone: str


@dataclass(frozen=True)
class Row:
    """One step from the base to the result.

    tone: base, total, good, bad or flat.
    """

    label: str
    value: str
    compared: str
    source: str
    effect: str
    bar: Bar


@dataclass(frozen=True)
class HeadView:
    """Everything that the page shows of one head."""

    label: str
    value: str
    base: Row
    rows: Sequence[Row]
    rest: Row | None
    hidden: Sequence[Row]
    total: Row
    dimensions: Sequence[tuple[str, str, Bar]]
    axis: float
    raising: Sequence[str]
    lowering: Sequence[str]
    titles: tuple[str, str]
    tones: tuple[str, str]
    unit: str
    dimension_axis: float


@dataclass(frozen=True)
class _Scale:
    """From values to places in the drawing; amounts on a logarithmic scale."""

    low: float
    high: float

    @classmethod
    def over(cls, places: Sequence[float]) -> _Scale:
        low, high = min(places), max(places)
        room = max((high - low) * 0.06, 1e-9)
        return cls(low - room, high + room)

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_MARGIN + share * (BAR_WIDTH - 2 * _MARGIN), 1)

    def bar(self, first: float, second: float, tone: str) -> Bar:
        start, end = sorted((self.at(first), self.at(second)))
        return Bar(start, round(max(end - start, 1.0), 1), tone)


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

    def together(self, parts: Sequence[Decimal]) -> Decimal:
        """Several parts as one."""
        if self.kind is HeadKind.AMOUNT:
            return math.prod(parts, start=Decimal(1))
        return sum(parts, Decimal(0))

    def said_value(self, value: Decimal) -> str:
        """A base or a result in words."""
        if self.kind is HeadKind.AMOUNT:
            return said_amount(self.catalogue, value, self.lang)
        if self.kind is HeadKind.PROBABILITY:
            return f"{_plain(value * 100, 1)}%"
        return _plain(value, 1)

    def said_part(self, part: Decimal) -> str:
        """A contribution as a signed number, or as a factor."""
        if self.kind is HeadKind.AMOUNT:
            digits = f"{part.normalize():f}"
            return f"× {digits if len(digits) <= 6 else f'{part:.4g}'}"
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
    """The rows of a head as an explained score shows it: base, reasons, result."""
    steps = _Steps(kind, catalogue, lang)
    reasons = shown["reasons"]
    parts = [_decimal(reason[steps.part]) for reason in reasons]
    base, value = _decimal(shown["base"]), _decimal(shown[_VALUE[kind]])
    scale = _Scale.over([steps.place(base), steps.place(value), *_walk(steps, base, parts)])
    rows = _rows(reasons, parts, base, steps, scale)
    visible = rows if len(rows) <= SHOWN_REASONS + 1 else rows[:SHOWN_REASONS]
    hidden = rows[len(visible) :]
    words = page_words(lang)
    dimensions, dimension_axis = _dimensions(shown["dimensions"], steps)
    return HeadView(
        label=shown["label"][lang],
        value=steps.said_value(value),
        base=_end(words["base"], base, "base", steps, scale),
        rows=visible,
        rest=_rest(parts, len(visible), base, steps, scale) if hidden else None,
        hidden=hidden,
        total=_end(words["result"], value, "total", steps, scale),
        dimensions=dimensions,
        axis=scale.at(steps.place(base)),
        raising=_sentences(reasons, parts, steps, lang, raising=True),
        lowering=_sentences(reasons, parts, steps, lang, raising=False),
        titles=(words[_TITLES[kind][0]], words[_TITLES[kind][1]]),
        tones=("good", "bad") if kind is HeadKind.SCORE else ("bad", "good"),
        unit=words[_UNITS[kind]],
        dimension_axis=dimension_axis,
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
_TITLES: Mapping[HeadKind, tuple[str, str]] = {
    HeadKind.SCORE: ("strengths", "weaknesses"),
    HeadKind.AMOUNT: ("raisers", "lowerers"),
    HeadKind.PROBABILITY: ("risk_raisers", "risk_lowerers"),
}


def _walk(steps: _Steps, base: Decimal, parts: Sequence[Decimal]) -> list[float]:
    """Where one stands after each part, on the axis of the drawing."""
    places = [steps.place(base)]
    for part in parts:
        places.append(places[-1] + steps.move(part))
    return places


def _rows(
    reasons: Sequence[Json], parts: Sequence[Decimal], base: Decimal, steps: _Steps, scale: _Scale
) -> list[Row]:
    places = _walk(steps, base, parts)
    return [
        Row(
            _label(reason, steps),
            reason["value_text"][steps.lang] if "value_text" in reason else "",
            _typical(reason, steps),
            page_words(steps.lang)[f"source_{reason['source']}"] if "source" in reason else "",
            steps.said_part(part),
            scale.bar(places[number], places[number + 1], steps.tone(part)),
        )
        for number, (reason, part) in enumerate(zip(reasons, parts, strict=True))
    ]


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


def _end(label: str, value: Decimal, tone: str, steps: _Steps, scale: _Scale) -> Row:
    place = steps.place(value)
    return Row(label, "", "", "", steps.said_value(value), scale.bar(place, place, tone))


def _rest(parts: Sequence[Decimal], shown: int, base: Decimal, steps: _Steps, scale: _Scale) -> Row:
    together = steps.together(parts[shown:])
    places = _walk(steps, base, parts)
    label = page_words(steps.lang)["rest"].format(count=len(parts) - shown)
    bar = scale.bar(places[shown], places[-1], steps.tone(together))
    return Row(label, "", "", "", steps.said_part(together), bar)


def _dimensions(
    dimensions: Sequence[Json], steps: _Steps
) -> tuple[list[tuple[str, str, Bar]], float]:
    """Each dimension's words, effect and bar, and where the bars begin."""
    parts = [_decimal(dimension[steps.part]) for dimension in dimensions]
    scale = _Scale.over([0.0, *(steps.move(part) for part in parts)])
    shown = [
        (
            dimension["label"][steps.lang],
            steps.said_part(part),
            scale.bar(0.0, steps.move(part), steps.tone(part)),
        )
        for dimension, part in zip(dimensions, parts, strict=True)
    ]
    return shown, scale.at(0.0)


def _sentences(
    reasons: Sequence[Json],
    parts: Sequence[Decimal],
    steps: _Steps,
    lang: str,
    *,
    raising: bool,
) -> list[str]:
    found = [
        reason["text"][lang]
        for reason, part in zip(reasons, parts, strict=True)
        if (steps.move(part) > 0) is raising and steps.move(part) != 0
    ]
    return found[:_MOST_SENTENCES]


def _decimal(number: float) -> Decimal:
    """A number of an answer as it is written there."""
    return Decimal(str(number))


def _plain(value: Decimal, places: int) -> str:
    return f"{value:,.{places}f}"
