"""What the page shows of the improvements: single changes, and the ways to a higher grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from features.catalogue import Catalogue
from models.priority import GRADES
from serving.page.words import page_words
from serving.wording.envelope import Json


@dataclass(frozen=True)
class Suggested:
    """One change: what is declared, what it could be improved to, and what that would do."""

    label: str
    before: str
    after: str
    necessity: str
    importance: str
    risks: Sequence[str]
    grade: str
    changes_grade: bool


@dataclass(frozen=True)
class Path:
    """The way to a higher grade: its changes, or why it cannot be reached by the declaration."""

    title: str
    reachable: bool
    changes: Sequence[str]
    outcome: str


@dataclass(frozen=True)
class Improving:
    """Everything that the page shows of the improvements of a project.

    now: where it stands. nothing: why nothing is suggested; "" where something is.
    """

    caution: str
    now: str
    nothing: str
    axes: tuple[str, str]
    suggested: Sequence[Suggested]
    paths: Sequence[Path]


def improving(answer: Json, catalogue: Catalogue, lang: str) -> Improving:
    """The view of an answer to /improvements."""
    words, policy = page_words(lang), catalogue.priority
    heads = (policy.necessity, policy.importance) if policy else ()
    labels = [catalogue.head(name).label.of(lang) for name in heads] or ["", ""]
    return Improving(
        answer["caution"][lang],
        _now(answer, labels, lang),
        "" if answer["suggestions"] or answer["grade"] is None else words["nothing_to_improve"],
        (labels[0], labels[1]),
        [_suggested(each, answer, catalogue, lang) for each in answer["suggestions"]],
        [_path(way, answer, labels, lang) for way in answer["ways"]],
    )


def _now(answer: Json, labels: Sequence[str], lang: str) -> str:
    if answer["grade"] is None:
        return page_words(lang)["no_grade_yet"]
    return page_words(lang)["stands_at"].format(
        grade=answer["grade"],
        meaning=GRADES[answer["grade"]][lang],
        first=labels[0],
        necessity=f"{answer['necessity']:.1f}",
        second=labels[1],
        importance=f"{answer['importance']:.1f}",
    )


def _suggested(each: Json, answer: Json, catalogue: Catalogue, lang: str) -> Suggested:
    grade = each["reached"]["grade"]
    risks = [
        page_words(lang)["risk_moves"].format(
            risk=catalogue.head(name).label.of(lang), points=_signed(100 * moved)
        )
        for name, moved in each["risk"].items()
        if moved
    ]
    return Suggested(
        each["label"][lang],
        each["from_text"][lang],
        each["to_text"][lang],
        _signed(each["effect"]["necessity"]),
        _signed(each["effect"]["importance"]),
        risks,
        grade,
        grade != answer["grade"],
    )


def _path(way: Json, answer: Json, labels: Sequence[str], lang: str) -> Path:
    words = page_words(lang)
    label = dict(zip(("necessity", "importance"), labels, strict=True))[way["axis"]]
    threshold, reached = answer["thresholds"][way["axis"]], way["reached"][way["axis"]]
    title = words["path_to"].format(
        grade=way["grade"], meaning=GRADES[way["grade"]][lang], axis=label, points=f"{threshold:g}"
    )
    if way["reachable"]:
        outcome = words["path_reaches"].format(text=way["text"][lang])
        return Path(title, True, [_said(change, lang) for change in way["changes"]], outcome)
    lacking = f"{(Decimal(str(threshold)) - Decimal(str(reached))).normalize():f}"
    outcome = words["path_ends" if Decimal(lacking) > 0 else "path_long"].format(
        axis=label, reached=f"{reached:.1f}", points=lacking
    )
    return Path(title, False, (), outcome)


def _said(change: Json, lang: str) -> str:
    return page_words(lang)["from_to"].format(
        label=change["label"][lang],
        before=change["from_text"][lang],
        after=change["to_text"][lang],
    )


def _signed(moved: float) -> str:
    shown = round(moved, 1)
    sign = "+" if shown > 0 else "−" if shown < 0 else ""
    return f"{sign}{abs(shown):.1f}" if shown else "0"
