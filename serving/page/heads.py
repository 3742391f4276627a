"""The waterfall of one head: from the base over the dimensions to the result, each opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from serving.page.steps import EQUALS, UNITS, Bar, Scale, Steps, spaced
from serving.page.words import page_words
from serving.wording.envelope import Json
from serving.wording.words import said_value

_MOST_SENTENCES = 3


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


def head_view(shown: Json, kind: HeadKind, catalogue: Catalogue, lang: str) -> HeadView:
    """The waterfall of a head as an explained score shows it: base, dimensions, result."""
    steps = Steps(kind, catalogue, lang)
    base, value = _decimal(shown["base"]), _decimal(shown[_VALUE[kind]])
    grouped = list(_grouped(shown, steps))
    scale = Scale.over([steps.place(base), steps.place(value), *_places(base, grouped, steps)])
    words = page_words(lang)
    dimensions = list(_dimensions(base, grouped, steps, scale))
    said = [steps.said_value(base), *(spaced(each.effect) for each in dimensions)]
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
        unit=words[UNITS[kind]],
        sum=f"{' '.join(said)} {EQUALS[kind]} {steps.said_value(value)}",
    )


_VALUE: Mapping[HeadKind, str] = {
    HeadKind.SCORE: "score",
    HeadKind.AMOUNT: "mid",
    HeadKind.PROBABILITY: "probability",
}
_TITLES: Mapping[HeadKind, tuple[str, str]] = {
    HeadKind.SCORE: ("strengths", "weaknesses"),
    HeadKind.AMOUNT: ("raisers", "lowerers"),
    HeadKind.PROBABILITY: ("risk_raisers", "risk_lowerers"),
}

_Grouped = tuple[Json, Decimal, list[Json]]
"""A dimension, what it contributes, and its reasons."""


def _grouped(shown: Json, steps: Steps) -> Iterator[_Grouped]:
    for dimension in shown["dimensions"]:
        name = dimension["dimension"]
        reasons = [reason for reason in shown["reasons"] if reason["dimension"] == name]
        yield dimension, _decimal(dimension[steps.part]), reasons


def _places(base: Decimal, grouped: Sequence[_Grouped], steps: Steps) -> Iterator[float]:
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
    base: Decimal, grouped: Sequence[_Grouped], steps: Steps, scale: Scale
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


def _rows(value: Decimal, reasons: Sequence[Json], steps: Steps, scale: Scale) -> Iterator[Row]:
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


def _label(reason: Json, steps: Steps) -> str:
    if "joint" not in reason:
        return str(reason["label"][steps.lang])
    names = [steps.catalogue.by_name[name].label.of(steps.lang) for name in reason["joint"]]
    joined = ("、" if steps.lang == "zh" else ", ").join(names)
    return page_words(steps.lang)["joint"].format(names=joined)


def _typical(reason: Json, steps: Steps) -> str:
    if "comparison" not in reason:
        return ""
    typical = reason["comparison"]["typical"]
    return said_value(steps.catalogue, reason["indicator"], typical, steps.lang)


def _sentences(reasons: Sequence[Json], steps: Steps, *, raising: bool) -> list[str]:
    moved = [(reason, steps.move(_decimal(reason[steps.part]))) for reason in reasons]
    found = [
        str(reason["text"][steps.lang])
        for reason, move in moved
        if move != 0 and (move > 0) is raising
    ]
    return found[:_MOST_SENTENCES]


def _decimal(number: float) -> Decimal:
    """A number of an answer as it is written there."""
    return Decimal(str(number))
