"""The scores of dimensions as pages show them, in one language: a bar, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serving.page.steps import BAR_WIDTH
from serving.page.words import page_words
from serving.wording.envelope import Json

_FULL = 100.0
_NONE = "—"


@dataclass(frozen=True)
class DeductionShown:
    """One deduction: what is quoted, the sentence, and the points taken."""

    code: str
    text: str
    points: str
    severity: str


@dataclass(frozen=True)
class SectionShown:
    """A section of a dimension with its deductions. sum: its points and how many were taken."""

    label: str
    sum: str
    deductions: Sequence[DeductionShown]


@dataclass(frozen=True)
class DimensionShown:
    """One dimension. width: of its bar; None without a score, and then `why`.

    count: how many deductions there are. steps: for a score of the model, its base and what each
    dimension of indicators contributed, as a sum.
    """

    label: str
    weight: str
    score: str
    width: float | None
    why: str
    count: str
    steps: str
    sections: Sequence[SectionShown]


@dataclass(frozen=True)
class DimensionsShown:
    """All dimensions and their weighted total, with what it is and is not."""

    dimensions: Sequence[DimensionShown]
    total: str
    width: float | None
    weight: str
    note: str
    version: str


def dimensions_shown(answer: Json, lang: str) -> DimensionsShown | None:
    """The dimensions of an answer; None where no ruler scored them."""
    if "ruler" not in answer:
        return None
    ruler = answer["ruler"]
    return DimensionsShown(
        [_dimension(each, lang) for each in answer["dimensions"]],
        _said(ruler["total"]),
        _width(ruler["total"]),
        _percent(ruler["weight"]),
        ruler["orientation"][lang],
        ruler["version"],
    )


def _dimension(told: Json, lang: str) -> DimensionShown:
    taken = sum(1 for each in told["deductions"] if each["points"])
    count = page_words(lang)["deductions_in"].format(count=taken) if told["sections"] else ""
    return DimensionShown(
        told["label"][lang],
        _percent(told["weight"]),
        _said(told["score"]),
        _width(told["score"]),
        told["why_text"][lang] if told["why_text"] else "",
        count,
        _steps(told, lang),
        [_section(section, told["deductions"], lang) for section in told["sections"]],
    )


def _steps(told: Json, lang: str) -> str:
    """How a score of the model comes about: base, contributions, result."""
    if told["head"] is None or told["score"] is None:
        return ""
    words = page_words(lang)
    title = words["by_model"]
    comma, colon = ("，", "：") if lang == "zh" else (", ", ": ")
    parts = [
        f"{each['label'][lang]} {_signed(each['contribution'], '+.1f')}"
        for each in told["contributions"]
    ]
    sums = comma.join([f"{words['base']} {told['base']}", *parts])
    return f"{title}{colon}{sums} = {told['score']}"


def _section(section: Json, deductions: Sequence[Json], lang: str) -> SectionShown:
    words = page_words(lang)
    key = "section_sum" if section["judged"] else "section_not_judged"
    said = words[key].format(points=f"{section['points']:g}", deducted=f"{section['deducted']:g}")
    return SectionShown(
        section["label"][lang],
        said,
        [
            DeductionShown(
                each["rule"] or each["name"][lang],
                each["text"][lang],
                _signed(-each["points"]),
                each["severity"] or "",
            )
            for each in deductions
            if each["section"] == section["name"]
        ],
    )


def _said(score: float | None) -> str:
    return _NONE if score is None else f"{score:.1f}"


def _width(score: float | None) -> float | None:
    return None if score is None else round(BAR_WIDTH * score / _FULL, 1)


def _percent(weight: float) -> str:
    return f"{weight * _FULL:g}%"


def _signed(number: float, form: str = "+g") -> str:
    """A number with its sign, and the minus that stands for one; no sign for nothing."""
    return format(number, form).replace("-", "−") if number else "0"
