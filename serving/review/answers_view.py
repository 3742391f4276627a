"""Two answers side by side: for every head what each model says, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.review.case import CaseAnswers, Side
from serving.page.figures import said_interval
from serving.page.heads import HeadView, head_view
from serving.page.words import page_words
from serving.wording.envelope import Json
from serving.wording.words import said_amount


@dataclass(frozen=True)
class SideHead:
    """What one model says of one head. spread: its range in words; "" without one."""

    view: HeadView
    spread: str


@dataclass(frozen=True)
class ComparedHead:
    """One head, with what each side says of it; None where a side says nothing."""

    name: str
    label: str
    sides: tuple[SideHead | None, ...]


@dataclass(frozen=True)
class AnswersView:
    """Both answers. grades, rank_scores: of each side, "" where it has none."""

    grades: tuple[str, ...]
    rank_scores: tuple[str, ...]
    heads: tuple[ComparedHead, ...]


def answers_view(answers: CaseAnswers, catalogue: Catalogue, lang: str) -> AnswersView:
    """Both answers as the page shows them, in the order that chance gave the sides."""
    told = [heads_said(side, catalogue) for side in answers.sides]
    standing = [side.answer.get("priority") for side in answers.sides]
    graded = [each if isinstance(each, dict) else None for each in standing]
    return AnswersView(
        tuple(str(each["grade"]) if each else "" for each in graded),
        tuple(f"{each['rank_score']:.2f}" if each else "" for each in graded),
        tuple(
            ComparedHead(
                head.name,
                head.label.of(lang),
                tuple(_side(said.get(head.name), head.kind, catalogue, lang) for said in told),
            )
            for head in catalogue.heads
            if any(head.name in said for said in told)
        ),
    )


def heads_said(side: Side, catalogue: Catalogue) -> dict[str, Json]:
    """What an answer says of each head, under the head's name in the catalogue."""
    answer: Mapping[str, Json | None] = side.answer  # type: ignore[assignment]
    found: dict[str, Json] = {}
    priority, policy = answer.get("priority"), catalogue.priority
    if priority and policy:
        found[policy.necessity] = priority["necessity"]
        found[policy.importance] = priority["importance"]
    cost = answer.get("cost")
    if cost and catalogue.cost:
        found[catalogue.cost.head] = cost
    for section in ("scores", "amounts", "risk"):
        found |= answer.get(section) or {}
    return found


def _side(shown: Json | None, kind: HeadKind, catalogue: Catalogue, lang: str) -> SideHead | None:
    if shown is None:
        return None
    return SideHead(head_view(shown, kind, catalogue, lang), _spread(shown, kind, catalogue, lang))


def _spread(shown: Json, kind: HeadKind, catalogue: Catalogue, lang: str) -> str:
    if kind is HeadKind.SCORE:
        return said_interval(shown, lang)
    if kind is HeadKind.AMOUNT and shown["low"] is not None:
        ends = (said_amount(catalogue, shown[end], lang) for end in ("low", "high"))
        level = page_words(lang)["interval"].format(level=f"{shown['level']:.0%}")
        return f"{level} {' – '.join(ends)}"
    return ""
