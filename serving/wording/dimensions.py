"""The scores of dimensions, as JSON: each with what was deducted, in words, or why it has none."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

from features.catalogue import Catalogue
from features.checks.dimensions.rated_dimension import (
    Deduction,
    Limited,
    NotScored,
    RatedDimension,
    RatedProject,
)
from features.checks.dimensions.ruler import WHOLE, Section
from features.checks.finding_words import LANGUAGES
from features.checks.rule import Rule
from features.kept_beside import KeptBeside
from models.appraised_project import AppraisedProject
from models.explanation import ExplainedHead
from serving.wording.envelope import encoded
from serving.wording.head_writer import PIECES
from serving.wording.kept_pieces import KeptPieces
from serving.wording.shown_number import number
from serving.wording.words import said_value
from serving.wording.written import Written

Json = dict[str, Any]

ORIENTATION: Json = {
    "zh": "加权得分仅供参考：它不是优先级，不改变等级和排序。",
    "en": "The weighted total is an orientation: it is not the priority and moves neither grade "
    "nor rank.",
}
_WHY: Mapping[NotScored, Json] = {
    NotScored.NOT_RATED: {
        "zh": "不评分：缺少关键信息，模型不予评分",
        "en": "not rated: key evidence is missing, and the model gives no score",
    },
    NotScored.NOT_PREDICTED: {
        "zh": "不评分：模型没有给出这一项得分",
        "en": "not rated: the model in service does not predict it",
    },
    NotScored.TOO_LITTLE_JUDGED: {
        "zh": "不评分：这一维度没有申报或核实的内容足以评判",
        "en": "not rated: too little of this dimension was declared or checked",
    },
}


def dimensions_told(
    catalogue: Catalogue, appraised: AppraisedProject, contributions: Mapping[str, Written]
) -> Json:
    """The fields `dimensions` and `ruler` of an answer; none without a ruler.

    Args:
        contributions: what each dimension contributes to each head that is told.
    """
    rated = appraised.dimensions
    if rated is None:
        return {}
    writer, heads = _writer(catalogue), appraised.heads
    return {
        "dimensions": [
            _dimension(writer, each, heads.get(each.ruled.head or ""), contributions)
            for each in rated.dimensions
        ],
        "ruler": _ruler(rated),
    }


class _DimensionWriter:
    """What is written of a catalogue's dimensions; the same is often deducted, and is kept."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = weakref.proxy(catalogue)  # it is kept beside the catalogue
        self.labels = {each.name: each.label.as_json() for each in catalogue.dimensions}
        self._deductions = KeptPieces(self._written, PIECES)

    def deductions(self, rated: RatedDimension) -> Written:
        """What was deducted, in its order."""
        written = self._deductions
        return Written.of([written[each] for each in rated.deductions])

    def _written(self, taken: Deduction) -> bytes:
        return encoded(_deduction(self._catalogue, taken))


_writer = KeptBeside(_DimensionWriter)


class _SectionWriter:
    """What is written of a section of a ruler: whether it was judged, and what was deducted."""

    def __init__(self, section: Section) -> None:
        head = {"name": section.name, "label": section.label.as_json(), "points": section.points}
        self._opened = encoded(head)[:-1]
        self._kept = KeptPieces(self._write, PIECES)

    def written(self, judged: bool, deducted: float) -> bytes:
        """The section as JSON."""
        return self._kept[judged, repr(deducted)]  # 0 and 0.0 are alike to a dictionary

    def _write(self, of: tuple[bool, str]) -> bytes:
        judged, deducted = of
        told = f',"judged":{"true" if judged else "false"},"deducted":{deducted}}}'
        return self._opened + told.encode()


_section = KeptBeside(_SectionWriter)


def _ruler(rated: RatedProject) -> Json:
    return {
        "digest": rated.ruler,
        "version": rated.version,
        "total": None if rated.total is None else number(rated.total),
        "weight": number(rated.weight),
        "orientation": ORIENTATION,
    }


def _dimension(
    writer: _DimensionWriter,
    rated: RatedDimension,
    head: ExplainedHead | None,
    contributions: Mapping[str, Written],
) -> Json:
    ruled = rated.ruled
    judged = {section.name for section in rated.judged}
    return {
        "name": ruled.name,
        "label": writer.labels[ruled.name],
        "score": None if rated.score is None else number(rated.score),
        "weight": ruled.weight,
        "head": ruled.head,
        "base": WHOLE if ruled.head is None else None if head is None else number(head.base),
        "contributions": [] if head is None else contributions[head.declaration.name],
        "sections": Written.of(
            [
                _section(each).written(each.name in judged, rated.deducted_in(each))
                for each in ruled.sections
            ]
        ),
        "deductions": writer.deductions(rated),
        "why": None if rated.why is None else rated.why.value,
        "why_text": None if rated.why is None else _WHY[rated.why],
    }


def _deduction(catalogue: Catalogue, taken: Deduction) -> Json:
    rule = taken.source if isinstance(taken.source, Rule) else None
    label = rule.name if rule is not None else catalogue.by_name[taken.name].label
    return {
        "section": taken.section.name,
        "rule": None if rule is None else rule.code,
        "indicator": taken.name if rule is None else None,
        "name": label.as_json(),
        "severity": None if rule is None else rule.severity.value,
        "count": taken.times,
        "each": taken.each,
        "most": taken.most,
        "points": taken.points,
        "limited": None if taken.limited is None else taken.limited.value,
        "findings": list(taken.findings),
        "text": {language: _said(catalogue, taken, language) for language in LANGUAGES},
    }


def _said(catalogue: Catalogue, taken: Deduction, language: str) -> str:
    """A deduction as a sentence: what, how often, what each takes, and what was taken."""
    points = f"{taken.points:g}"
    if isinstance(taken.source, Rule):
        what = _of_rule(taken.source, taken, language)
    else:
        what = _of_indicator(catalogue, taken, language)
    if language == "zh":
        return f"{what}{_limit_zh(taken)}，扣{points}分。"
    unit = "point" if taken.points == 1 else "points"
    return f"{what}{_limit_en(taken)}, {points} {unit} off."


def _of_rule(rule: Rule, taken: Deduction, language: str) -> str:
    name, count, chinese = rule.name.of(language), int(taken.times or 0), language == "zh"
    if rule.code in taken.section.missing:
        label = taken.section.label.of(language)
        return f"{name}：“{label}”无从评判" if chinese else f"{name}: nothing of “{label}” to judge"
    if count == 1:
        return f"{name}：发现1处" if chinese else f"{name}: 1 finding"
    if chinese:
        return f"{name}：发现{count}处，每处扣{taken.each:g}分"
    return f"{name}: {count} findings at {taken.each:g} each"


def _of_indicator(catalogue: Catalogue, taken: Deduction, language: str) -> str:
    label, chinese = catalogue.by_name[taken.name].label.of(language), language == "zh"
    if taken.each is not None:
        if chinese:
            value = said_value(catalogue, taken.name, taken.value, language)
            return f"{label}：{value}，每个扣{taken.each:g}分"
        return f"{label}: {taken.value:g} at {taken.each:g} each"
    value = said_value(catalogue, taken.name, taken.value, language)
    limit = said_value(catalogue, taken.name, taken.below, language)
    return f"{label}：{value}，低于{limit}" if chinese else f"{label}: {value}, below {limit}"


def _limit_zh(taken: Deduction) -> str:
    if taken.limited is Limited.BY_RULE:
        return f"，单项最多扣{taken.most:g}分"
    if taken.limited is Limited.BY_SECTION:
        return f"，“{taken.section.label.zh}”部分的{taken.section.points:g}分已扣完"
    return ""


def _limit_en(taken: Deduction) -> str:
    if taken.limited is Limited.BY_RULE:
        return f", at most {taken.most:g}"
    if taken.limited is Limited.BY_SECTION:
        return f"; the {taken.section.points:g} of “{taken.section.label.en}” are used up"
    return ""
