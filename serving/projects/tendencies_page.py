"""The page of strengths and weaknesses: what raises and lowers the scores of several projects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.projects.list_page import filters
from serving.projects.query import ProjectQuery
from serving.projects.tendencies import SMALLEST, Example, HeadTendencies, Tendencies, Tendency
from serving.records.project_list import Choices
from serving.routes import EXPORT, PROJECTS

TENDENCY_WIDTH = 200.0
_MOST_SHOWN = 6


@dataclass(frozen=True)
class TendencyView:
    """A tendency as the template shows it. bar, least, greatest: places along the drawing."""

    label: str
    dimension: str
    count: str
    mean: str
    range: str
    bar: float
    least: float
    greatest: float
    examples: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Side:
    """What moves a head one way: title, whether that is welcome, dimensions and indicators."""

    title: str
    tone: str
    dimensions: Sequence[TendencyView]
    indicators: Sequence[TendencyView]


@dataclass(frozen=True)
class HeadTendenciesView:
    """What moves one head. number: of projects that it could say something of."""

    label: str
    number: str
    unit: str
    sides: Sequence[Side]


@dataclass(frozen=True)
class MissingView:
    """A field whose absence leaves projects unrated."""

    label: str
    name: str
    count: str
    bar: float
    examples: Sequence[tuple[str, str, str]]


def tendencies_page(
    frame: Frame, catalogue: Catalogue, query: ProjectQuery, found: Tendencies, choices: Choices
) -> str:
    """Strengths and weaknesses as a page."""
    return rendered(
        "tendencies.html",
        frame.lang,
        frame=frame,
        found=found,
        heads=[_head(h, catalogue, frame) for h in found.heads.values() if h.projects],
        missing=_missing(found, catalogue, frame),
        filters=filters(query, choices, catalogue, frame),
        listed=frame.to(PROJECTS, query.filters),
        export=frame.to(EXPORT, query.filters),
        width=TENDENCY_WIDTH,
    )


def _head(head: HeadTendencies, catalogue: Catalogue, frame: Frame) -> HeadTendenciesView:
    words, kind = page_words(frame.lang), head.declared.kind
    titles = {
        HeadKind.SCORE: ("strengths", "weaknesses"),
        HeadKind.AMOUNT: ("raisers", "lowerers"),
        HeadKind.PROBABILITY: ("risk_raisers", "risk_lowerers"),
    }[kind]
    tones = ("good", "bad") if kind is HeadKind.SCORE else ("bad", "good")
    units = {"score": "points", "amount": "per_cent", "probability": "percentage_points"}
    shown = {
        (what, raising): head.leading(what, raising=raising)[:_MOST_SHOWN]
        for what in ("dimension", "indicator")
        for raising in (True, False)
    }
    top = max((abs(each.greatest) for some in shown.values() for each in some), default=1.0)
    sides = [
        Side(
            words[titles[place]],
            tones[place],
            [_view(t, head, top, catalogue, frame, True) for t in shown["dimension", raising]],
            [_view(t, head, top, catalogue, frame, False) for t in shown["indicator", raising]],
        )
        for place, raising in enumerate((True, False))
    ]
    label = head.declared.label.of(frame.lang)
    return HeadTendenciesView(label, f"{head.projects:,}", words[units[kind.value]], sides)


def _view(
    tendency: Tendency,
    head: HeadTendencies,
    top: float,
    catalogue: Catalogue,
    frame: Frame,
    whole: bool,
) -> TendencyView:
    dimensions = {each.name: each.label.of(frame.lang) for each in catalogue.dimensions}
    words, kind = page_words(frame.lang), head.declared.kind

    def place(part: float) -> float:
        return round(TENDENCY_WIDTH * min(abs(part) / top, 1.0), 1)

    if whole:
        label = dimensions[tendency.name]
    else:
        label = catalogue.by_name[tendency.name].label.of(frame.lang)
    ends = (said_part(tendency.least, kind), said_part(tendency.greatest, kind))
    return TendencyView(
        label=label,
        dimension="" if whole else dimensions[tendency.dimension],
        count=words["in_projects"].format(
            count=f"{tendency.projects:,}", share=f"{tendency.projects / head.projects:.0%}"
        ),
        mean=said_part(tendency.mean, kind),
        range=ends[0] if ends[0] == ends[1] else words["from_until"].format(a=ends[0], b=ends[1]),
        bar=place(tendency.mean),
        least=place(tendency.least),
        greatest=place(tendency.greatest),
        examples=[_example(each, kind, frame) for each in tendency.examples],
    )


def said_part(part: float, kind: HeadKind) -> str:
    """A part as it is read: points, percentage points, or the change of an amount in per cent."""
    if kind is HeadKind.AMOUNT:
        shown = 100 * (math.exp(part) - 1)
    else:
        shown = part if kind is HeadKind.SCORE else 100 * part
    if abs(part) < SMALLEST[kind]:
        return "0"
    return f"{shown:+.1f}".replace("-", "−")


def _example(example: Example, kind: HeadKind | None, frame: Frame) -> tuple[str, str, str]:
    """The address, the name and the part of a project that a tendency concerns."""
    said = "" if kind is None else said_part(example.part, kind)
    name = f"{example.project_id} {example.name or ''}".strip()
    return frame.to(f"/record/{example.record_id}"), name, said


def _missing(found: Tendencies, catalogue: Catalogue, frame: Frame) -> list[MissingView]:
    words, lacking = page_words(frame.lang), found.lacking()
    most = max((each.projects for _, each in lacking), default=1)
    return [
        MissingView(
            label=catalogue.by_name[name].label.of(frame.lang) if name in catalogue.by_name else "",
            name=name,
            count=words["in_projects"].format(
                count=f"{each.projects:,}", share=f"{each.projects / found.not_rated:.0%}"
            ),
            bar=round(TENDENCY_WIDTH * each.projects / most, 1),
            examples=[_example(one, None, frame) for one in each.examples],
        )
        for name, each in lacking
    ]
