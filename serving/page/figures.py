"""The figures at the top of the page: the plane of the grade, the range of the cost, the risks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from features.catalogue import Catalogue
from models.priority import GRADES
from serving.page.words import page_words
from serving.wording.envelope import Json
from serving.wording.words import said_amount

PLANE_SIDE = 260.0
RANGE_WIDTH = 840.0
RISK_WIDTH = 400.0
_FULL_SCORE = 100.0
_CORNER = 20.0
_WIDE, _NARROW = 13.0, 7.2
"""Room that a Chinese and a Latin letter of a label take, in units of the drawing."""
_ROOM_AT_THE_END = 1.12


@dataclass(frozen=True)
class Axis:
    """One of the two axes in words: its score, its range, its threshold and how far that is."""

    label: str
    score: str
    interval: str
    threshold: str
    distance: str
    reached: bool


@dataclass(frozen=True)
class Plane:
    """The grade, and where the project stands between the thresholds; places from the top left.

    ways: what each higher grade would take. doubt: which grades the ranges touch. legend: every
    grade with its meaning and the outer corner of its field, where projects are rare.
    """

    grade: str
    meaning: str
    rank_score: str
    axes: Sequence[Axis]
    ways: Sequence[str]
    doubt: str
    legend: Sequence[tuple[str, str, float, float]]
    x: float
    y: float
    x_line: float
    y_line: float
    x_range: tuple[float, float] | None
    y_range: tuple[float, float] | None
    said: str


@dataclass(frozen=True)
class Mark:
    """A labelled place on the range bar; anchor: which end of the label is there."""

    x: float
    text: str
    amount: str
    anchor: str


@dataclass(frozen=True)
class CostRange:
    """The reasonable range with the request marked, and what similar past projects came to.

    low, high: None without a range. similar: places of the amounts of similar past projects.
    """

    label: str
    low: Mark | None
    mid: Mark
    high: Mark | None
    requested: Mark | None
    similar: Sequence[tuple[float, str]]
    verdict: str
    position: str
    range_title: str
    said: str


@dataclass(frozen=True)
class Risk:
    """A probability as a bar, with that of similar projects as a tick."""

    label: str
    percent: str
    base_percent: str
    compared: str
    width: float
    tick: float


def plane(priority: Json, lang: str) -> Plane:
    """The grade's figure of an explained score."""
    necessity, importance = priority["necessity"], priority["importance"]
    limits, grade = priority["thresholds"], priority["grade"]
    axes = [
        _axis(necessity, limits["necessity"], lang),
        _axis(importance, limits["importance"], lang),
    ]
    x_line, y_line = _across(limits["importance"]), _down(limits["necessity"])
    across = {True: PLANE_SIDE - _CORNER, False: _CORNER}
    down = {True: _CORNER, False: PLANE_SIDE - _CORNER}
    ways = _ways(priority, lang)
    doubt = _doubt(priority, lang)
    return Plane(
        grade=grade,
        meaning=GRADES[grade][lang],
        rank_score=f"{priority['rank_score']:.2f}",
        axes=axes,
        ways=ways,
        doubt=doubt,
        legend=[
            (name, GRADES[name][lang], across[key], down[needed])
            for name, (needed, key) in _FIELDS.items()
        ],
        x=_across(importance["score"]),
        y=_down(necessity["score"]),
        x_line=x_line,
        y_line=y_line,
        x_range=_ends([_across(end) for end in importance["interval"] or ()]),
        y_range=_ends([_down(end) for end in necessity["interval"] or ()]),
        said=" ".join([f"{a.label} {a.score}, {a.interval}, {a.distance};" for a in axes]),
    )


_FIELDS = {"A": (True, True), "B": (True, False), "C": (False, True), "D": (False, False)}
"""Of each grade, whether necessity and importance reach their thresholds."""


def _axis(shown: Json, threshold: float, lang: str) -> Axis:
    distance = _distance(shown["score"], threshold)
    word = "short_of" if distance > 0 else "above_it"
    return Axis(
        shown["label"][lang],
        f"{shown['score']:.1f}",
        said_interval(shown, lang),
        f"{threshold:g}",
        page_words(lang)[word].format(points=_points(abs(distance))),
        distance <= 0,
    )


def _distance(score: float, threshold: float) -> Decimal:
    """How many points a score lacks; negative or zero where it has reached its threshold."""
    return Decimal(str(threshold)) - Decimal(str(score))


def _points(points: Decimal) -> str:
    return f"{points.normalize():f}"


def _ways(priority: Json, lang: str) -> list[str]:
    """For each higher grade what is lacking, the nearest first; of an A what is to spare."""
    words = page_words(lang)
    lacking = {
        axis: _distance(priority[axis]["score"], priority["thresholds"][axis])
        for axis in ("necessity", "importance")
    }
    labels = {axis: priority[axis]["label"][lang] for axis in lacking}
    below = {axis: points for axis, points in lacking.items() if points > 0}
    if not below:
        return [words["highest"]]
    found = []
    for axis, points in sorted(below.items(), key=lambda item: item[1]):
        reached = (axis == "necessity" or "necessity" not in below,
                   axis == "importance" or "importance" not in below)  # fmt: skip
        grade = next(name for name, field in _FIELDS.items() if field == reached)
        found.append(_way(labels[axis], _points(points), grade, lang))
    if len(below) > 1:
        found.append(words["both_for_a"].format(meaning=GRADES["A"][lang]))
    return found


def _way(axis: str, points: str, grade: str, lang: str) -> str:
    words = page_words(lang)["way_up"]
    return words.format(axis=axis, points=points, grade=grade, meaning=GRADES[grade][lang])


def _doubt(priority: Json, lang: str) -> str:
    """Which grades the ranges of the two axes touch; "" where there is no range for one."""
    words = page_words(lang)
    sides = []
    for axis in ("necessity", "importance"):
        if priority[axis]["interval"] is None:
            return ""
        limit = priority["thresholds"][axis]
        sides.append({end >= limit for end in priority[axis]["interval"]})
    touched = {field: name for name, field in _FIELDS.items()}
    grades = sorted(touched[field] for field in product(*sides))
    level = f"{priority['necessity']['level']:.0%}"
    if len(grades) == 1:
        return words["doubt_none"].format(level=level, grade=grades[0])
    joined = ("、" if lang == "zh" else ", ").join(grades)
    return words["doubt_some"].format(level=level, grades=joined)


def said_interval(shown: Json, lang: str) -> str:
    """A score's range in words, or that there is none."""
    words = page_words(lang)
    if shown["interval"] is None:
        return words["no_interval"]
    low, high = shown["interval"]
    level = words["interval"].format(level=f"{shown['level']:.0%}")
    return f"{level} {low:.1f}–{high:.1f}"


def _across(score: float) -> float:
    return round(PLANE_SIDE * min(max(score / _FULL_SCORE, 0), 1), 1)


def _down(score: float) -> float:
    return round(PLANE_SIDE - _across(score), 1)


def _ends(places: Sequence[float]) -> tuple[float, float] | None:
    return (min(places), max(places)) if places else None


def cost_range(
    cost: Json, similar: Iterable[tuple[str, float]], catalogue: Catalogue, lang: str
) -> CostRange:
    """The range figure of an amount, with the amounts of similar past projects by their id."""
    words = page_words(lang)
    amounts = {
        name: float(cost[name])
        for name in ("low", "mid", "high", "requested")
        if cost[name] is not None
    }
    past = list(similar)
    top = max([*amounts.values(), *(amount for _, amount in past)]) * _ROOM_AT_THE_END or 1.0

    def place(amount: float) -> float:
        return round(RANGE_WIDTH * amount / top, 1)

    def mark(name: str, side: str) -> Mark:
        said = said_amount(catalogue, amounts[name], lang)
        text, x = f"{words[name]} {said}", place(amounts[name])
        return Mark(x, text, said, _anchor(x, text, side))

    sides = {"low": "end", "mid": "middle", "high": "start", "requested": "middle"}
    marks = {name: mark(name, sides[name]) for name in amounts}
    excess = said_amount(catalogue, cost["excess"] or 0, lang)
    position = cost["position"]
    verdict = words[f"position_{position}"].format(excess=excess) if position else ""
    title = words["range"].format(level=f"{cost['level']:.0%}")
    return CostRange(
        cost["label"][lang],
        marks.get("low"),
        marks["mid"],
        marks.get("high"),
        marks.get("requested"),
        [
            (place(amount), f"{name} {said_amount(catalogue, amount, lang)}")
            for name, amount in past
        ],
        verdict or (words["no_interval"] if "low" not in amounts else ""),
        position or "unknown",
        title,
        "; ".join([title, *(found.text for found in marks.values())]),
    )


def _anchor(x: float, text: str, wished: str) -> str:
    """The end of a label that is at `x`, so that all of it lies within the drawing."""
    room = sum(_NARROW if letter.isascii() else _WIDE for letter in text)
    before = {"start": 0.0, "middle": room / 2, "end": room}
    if x - before[wished] < 0:
        return "start"
    return "end" if x + room - before[wished] > RANGE_WIDTH else wished


def risk(shown: Json, lang: str) -> Risk:
    """The bar of one probability."""
    more = Decimal(str(shown["probability"])) - Decimal(str(shown["base"]))
    word = "risk_more" if more > 0 else "risk_less" if more < 0 else "risk_same"
    said = page_words(lang)[word].format(points=f"{abs(more * 100):.1f}")
    return Risk(
        shown["label"][lang],
        f"{shown['probability']:.1%}",
        f"{shown['base']:.1%}",
        said,
        round(RISK_WIDTH * shown["probability"], 1),
        round(RISK_WIDTH * shown["base"], 1),
    )
