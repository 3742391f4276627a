"""What a department may lawfully improve, as JSON: each change, its effect, and the ways up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import parse_project
from models.appraised_project import AppraisedProject
from models.improvements import Change, Improvements, Tried, Way, improvements
from models.priority import GRADES
from models.registry import Release
from serving.wording.envelope import Json
from serving.wording.explained_score import model_identity
from serving.wording.shown_number import number
from serving.wording.words import LANGUAGES, said_value

CAUTION = {
    "zh": "以下只列申报部门可以依法补充、完善的申报内容，前提是内容属实。"
    "只改申报、不改事实的，属于虚假申报。"
    "经核实的事实（台账、审计、资产等系统提供）不能在此更改。",
    "en": "Only what the department may lawfully add to or improve in its declaration is listed, "
    "and only as far as it is true. To change the declaration without changing the facts is a "
    "false declaration. Verified facts (from ledgers, audits and asset systems) cannot be changed "
    "here.",
}
_RISEN = {"zh": ("提高", "降低"), "en": ("rises by", "falls by")}


def improvements_of(document: Any, release: Release) -> Improvements:
    """What the department of one declared project may lawfully improve, as tried on the model.

    Raises:
        ProjectError: naming every field that does not meet the catalogue.
    """
    return improvements(release.model, parse_project(document, release.model.catalogue))


def improved(found: Improvements, release: Release) -> Json:
    """The same as JSON."""
    model, before = release.model, found.before
    return {
        "project_id": before.project.project_id,
        "status": before.status,
        "missing": list(before.missing),
        "model": model_identity(release),
        **_standing(before, model.catalogue),
        "suggestions": [_suggestion(tried, before, model.catalogue) for tried in found.single],
        "ways": [_way(way, before, model.catalogue) for way in found.ways],
        "caution": CAUTION,
        "advisory": True,
    }


def _standing(appraised: AppraisedProject, catalogue: Catalogue) -> Json:
    """The grade and the two axes, null where there is none."""
    policy, standing = catalogue.priority, appraised.standing
    if policy is None or standing is None:
        return {"grade": None, "rank_score": None, "necessity": None, "importance": None}
    ranked = standing.ranked
    return {
        "grade": standing.grade,
        "rank_score": number(ranked.rank_score),
        "necessity": number(ranked.necessity),
        "importance": number(ranked.importance),
        "thresholds": policy.thresholds,
    }


def _suggestion(tried: Tried, before: AppraisedProject, catalogue: Catalogue) -> Json:
    (change,) = tried.changes
    return _change(change, catalogue) | _effect(tried, before, catalogue)


def _change(change: Change, catalogue: Catalogue) -> Json:
    """One indicator and where it would be moved."""
    indicator = change.lever.indicator
    told = {
        side: {each: said_value(catalogue, indicator.name, value, each) for each in LANGUAGES}
        for side, value in (("from_text", change.before), ("to_text", change.after))
    }
    return {
        "indicator": indicator.name,
        "label": indicator.label.as_json(),
        "dimension": indicator.dimension,
        "from": change.before,
        "to": change.after,
        "steps": change.steps,
        **told,
    }


def _effect(tried: Tried, before: AppraisedProject, catalogue: Catalogue) -> Json:
    """How far the axes, the rank and the risks would move, and the grade then."""
    reached = _standing(tried.after, catalogue)
    moved = {
        name: head.value - before.heads[name].value
        for name, head in tried.after.heads.items()
        if name in before.heads
    }
    first, second = before.standing, tried.after.standing
    rank = second.ranked.rank_score - first.ranked.rank_score if first and second else Decimal(0)
    policy = catalogue.priority
    axes = {"necessity": policy.necessity, "importance": policy.importance} if policy else {}
    return {
        "effect": {
            **{axis: number(moved[head]) for axis, head in axes.items()},
            "rank_score": number(rank),
        },
        "risk": {
            name: number(moved[name])
            for name, head in tried.after.heads.items()
            if name in moved and head.log_odds is not None
        },
        "reached": reached,
        "text": {each: _text(tried, moved, catalogue, each) for each in LANGUAGES},
    }


def _text(tried: Tried, moved: dict[str, Decimal], catalogue: Catalogue, language: str) -> str:
    """What would move, in words: "必要性提高4.3分，重要性提高2.2分；等级为D（非重点且非必须）"."""
    policy, chinese = catalogue.priority, language == "zh"
    said = []
    for head in (policy.necessity, policy.importance) if policy else ():
        label, by = catalogue.head(head).label.of(language), moved[head]
        if by == 0:
            said.append(f"{label}不变" if chinese else f"{label} stays")
            continue
        word = _RISEN[language][by < 0]
        size = f"{abs(by).normalize():f}"
        said.append(f"{label}{word}{size}分" if chinese else f"{label} {word} {size} points")
    grade = tried.after.standing.grade if tried.after.standing else ""
    meaning = GRADES[grade][language]
    if chinese:
        return f"{'，'.join(said)}；等级为{grade}（{meaning}）。"
    return f"{', '.join(said)}; the grade is {grade} ({meaning})."


def _way(way: Way, before: AppraisedProject, catalogue: Catalogue) -> Json:
    """The way to a grade: the changes that reach it, or what all of them together reach."""
    return {
        "grade": way.grade,
        "axis": way.axis,
        "reachable": way.reached,
        "changes": [_change(change, catalogue) for change in way.tried.changes],
        **_effect(way.tried, before, catalogue),
    }
