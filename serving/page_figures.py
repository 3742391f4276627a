"""The figures at the top of the page: the grade's quadrants, the cost range, the risks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from models.priority import GRADES
from serving.envelope import Json
from serving.page_words import page_words
from serving.words import said_amount

QUADRANT_SIDE = 180.0
RANGE_WIDTH = 840.0
RISK_WIDTH = 260.0
_FULL_SCORE = 100.0


@dataclass(frozen=True)
class Axis:
    """One of the two axes in words: its score, its range and its threshold."""

    label: str
    score: str
    interval: str
    threshold: str
    reached: bool


@dataclass(frozen=True)
class Quadrants:
    """The grade, and where the project stands between the thresholds; places from the top left."""

    grade: str
    meaning: str
    rank_score: str
    axes: Sequence[Axis]
    x: float
    y: float
    x_line: float
    y_line: float
    x_range: tuple[float, float] | None
    y_range: tuple[float, float] | None


@dataclass(frozen=True)
class Mark:
    """A labelled place on the range bar; anchor: which end of the label is there."""

    x: float
    label: str
    amount: str
    anchor: str


@dataclass(frozen=True)
class CostRange:
    """The reasonable range with the request marked; `low` and `high` are None without a range."""

    low: Mark | None
    mid: Mark
    high: Mark | None
    requested: Mark | None
    verdict: str
    position: str
    range_title: str


@dataclass(frozen=True)
class Risk:
    """A probability as a bar, with that of similar projects as a tick."""

    label: str
    percent: str
    base_percent: str
    width: float
    tick: float


def quadrants(priority: Json, lang: str) -> Quadrants:
    """The grade's figure of an explained score."""
    necessity, importance = priority["necessity"], priority["importance"]
    limits = priority["thresholds"]
    return Quadrants(
        grade=priority["grade"],
        meaning=GRADES[priority["grade"]][lang],
        rank_score=f"{priority['rank_score']:.2f}",
        axes=[
            _axis(necessity, limits["necessity"], lang),
            _axis(importance, limits["importance"], lang),
        ],
        x=_across(importance["score"]),
        y=_down(necessity["score"]),
        x_line=_across(limits["importance"]),
        y_line=_down(limits["necessity"]),
        x_range=_ends(importance["interval"], _across),
        y_range=_ends(necessity["interval"], _down),
    )


def _axis(shown: Json, threshold: float, lang: str) -> Axis:
    return Axis(
        shown["label"][lang],
        f"{shown['score']:.1f}",
        said_interval(shown, lang),
        f"{threshold:g}",
        shown["score"] >= threshold,
    )


def said_interval(shown: Json, lang: str) -> str:
    """A score's range in words, or that there is none."""
    words = page_words(lang)
    if shown["interval"] is None:
        return words["no_interval"]
    low, high = shown["interval"]
    level = words["interval"].format(level=f"{shown['level']:.0%}")
    return f"{level} {low:.1f}–{high:.1f}"


def _across(score: float) -> float:
    return round(QUADRANT_SIDE * min(max(score / _FULL_SCORE, 0), 1), 1)


def _down(score: float) -> float:
    return round(QUADRANT_SIDE - _across(score), 1)


def _ends(
    interval: Sequence[float] | None, place: Callable[[float], float]
) -> tuple[float, float] | None:
    if interval is None:
        return None
    first, second = sorted((place(interval[0]), place(interval[1])))
    return first, second


def cost_range(cost: Json, catalogue: Catalogue, lang: str) -> CostRange:
    """The range figure of an explained score's cost."""
    words = page_words(lang)
    amounts = {name: cost[name] for name in ("low", "mid", "high", "requested")}
    known = [float(amount) for amount in amounts.values() if amount is not None]
    top = max(known) * 1.12 or 1.0

    def mark(name: str) -> Mark:
        share = float(amounts[name]) / top
        anchor = "end" if share > 0.8 else "start" if share < 0.12 else "middle"
        said = said_amount(catalogue, amounts[name], lang)
        return Mark(round(RANGE_WIDTH * share, 1), words[name], said, anchor)

    marks = {name: mark(name) for name, amount in amounts.items() if amount is not None}
    excess = said_amount(catalogue, cost["excess"] or 0, lang)
    position = cost["position"]
    return CostRange(
        marks.get("low"),
        marks["mid"],
        marks.get("high"),
        marks.get("requested"),
        words[f"position_{position}"].format(excess=excess) if position else words["no_interval"],
        position or "unknown",
        words["range"].format(level=f"{cost['level']:.0%}"),
    )


def risk(shown: Json, lang: str) -> Risk:
    """The bar of one probability."""
    return Risk(
        shown["label"][lang],
        f"{shown['probability']:.1%}",
        f"{shown['base']:.1%}",
        round(RISK_WIDTH * shown["probability"], 1),
        round(RISK_WIDTH * shown["base"], 1),
    )
