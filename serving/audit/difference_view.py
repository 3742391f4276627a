"""The difference of two scores as waterfalls: from the first, over five parts, to the second."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.comparison import ordered_codes, shown_value
from serving.page.steps import UNITS, Bar, Scale, Steps
from serving.page.words import page_words
from serving.recording.score_difference import Moved, ScoreDifference, Step
from serving.wording.words import said_value


@dataclass(frozen=True)
class PartRow:
    """One part of a head's difference: what it moved, what is reached, and by which indicators."""

    label: str
    effect: str
    reached: str
    bar: Bar
    indicators: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class HeadDifference:
    """The waterfall of one head from the first score to the second. whole: the difference."""

    label: str
    unit: str
    first: str
    last: str
    whole: str
    first_place: float
    last_place: float
    parts: Sequence[PartRow]


@dataclass(frozen=True)
class StepChanges:
    """The indicators that have other values after a part was replaced: label, before, after."""

    label: str
    changed: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class DifferenceView:
    """Everything that the page shows of a difference."""

    standing: Sequence[tuple[str, str, str]]
    heads: Sequence[HeadDifference]
    changes: Sequence[StepChanges]


def difference_view(found: ScoreDifference, lang: str) -> DifferenceView:
    """A difference in words, and as places of drawings."""
    return DifferenceView(
        _standing(found, lang),
        [_head(found, name, lang) for name in found.heads],
        [
            StepChanges(_part(step.name, lang), _changes(step, found, lang))
            for step in found.steps
            if step.changed
        ],
    )


def _standing(found: ScoreDifference, lang: str) -> list[tuple[str, str, str]]:
    """Grade and rank score of both."""
    words = page_words(lang)
    both = [state.standing for state in (found.first, found.last)]
    if not all(both):
        return []
    grades = [each.grade for each in both if each]
    ranks = [f"{each.ranked.rank_score:.2f}" for each in both if each]
    return [(words["grade"], *_pair(grades)), (words["rank_score"], *_pair(ranks))]


def _pair(both: Sequence[str]) -> tuple[str, str]:
    return both[0], both[1]


def _head(found: ScoreDifference, name: str, lang: str) -> HeadDifference:
    first, last = found.first.heads[name], found.last.heads[name]
    steps = Steps(first.declaration.kind, found.first.model.catalogue, lang)
    moved = [step.heads[name] for step in found.steps]
    places = [steps.place(first.value), *(steps.place(each.after.value) for each in moved)]
    scale = Scale.over(places)
    rows = [
        PartRow(
            _part(step.name, lang),
            steps.said_part(_moved(each)),
            steps.said_value(each.after.value),
            scale.bar(
                steps.place(each.before.value),
                steps.place(each.after.value),
                steps.tone(_moved(each)),
            ),
            _indicators(each, steps, (found.first.model.catalogue, found.last.model.catalogue)),
        )
        for step, each in zip(found.steps, moved, strict=True)
    ]
    return HeadDifference(
        first.declaration.label.of(lang),
        page_words(lang)[UNITS[first.declaration.kind]],
        steps.said_value(first.value),
        steps.said_value(last.value),
        steps.said_part(_moved(Moved(name, first, last, {}))),
        scale.at(places[0]),
        scale.at(places[-1]),
        rows,
    )


def _moved(moved: Moved) -> Decimal:
    """What a part moved: a factor of an amount, else a difference."""
    if moved.kind is HeadKind.AMOUNT:
        return moved.after.value / moved.before.value
    return moved.change


def _indicators(
    moved: Moved, steps: Steps, catalogues: Sequence[Catalogue]
) -> list[tuple[str, str]]:
    """The indicators that moved a head within a part, with what each moved."""
    return [
        (_label(name, catalogues, steps.lang), steps.said_part(_shown(part, moved.kind)))
        for name, part in moved.indicators.items()
    ]


def _shown(part: Decimal, kind: HeadKind) -> Decimal:
    """A part as it is said: of an amount the factor whose logarithm it is."""
    return Decimal(f"{math.exp(part):.4f}") if kind is HeadKind.AMOUNT else part


def _changes(step: Step, found: ScoreDifference, lang: str) -> list[tuple[str, str, str]]:
    catalogues = (found.first.model.catalogue, found.last.model.catalogue)
    return [
        (
            _label(name, catalogues, lang),
            *_pair([_said(name, value, catalogues, lang) for value in values]),
        )
        for name, values in step.changed.items()
    ]


def _label(name: str, catalogues: Sequence[Catalogue], lang: str) -> str:
    """An indicator in the words of the first catalogue that has it."""
    known = (each.by_name[name].label.of(lang) for each in catalogues if name in each.by_name)
    return next(known, name)


def _said(name: str, value: Any, catalogues: Sequence[Catalogue], lang: str) -> str:
    for each in catalogues:
        if name in each.by_name:
            codes = ordered_codes(each.by_name[name])
            return said_value(each, name, shown_value(name, codes, value), lang)
    return str(value)


def _part(name: str, lang: str) -> str:
    return page_words(lang)[f"part_{name}"]
