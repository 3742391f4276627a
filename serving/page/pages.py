"""Pages for people: an explained score on its own, and the front page of the service."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.registry import Release
from serving.example import example_text
from serving.page.dimensions import dimensions_shown
from serving.page.figures import (
    PLANE_SIDE,
    RANGE_WIDTH,
    RISK_WIDTH,
    cost_range,
    plane,
    risk,
    said_interval,
)
from serving.page.findings import counted, findings_shown
from serving.page.frame import Frame
from serving.page.heads import head_view
from serving.page.improvements import improving
from serving.page.line_standards import standards_shown
from serving.page.steps import BAR_WIDTH
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.wording.envelope import Json
from serving.wording.words import said_amount

_HERE = Path(__file__).parents[1]
_SIZES = {
    "bar_width": BAR_WIDTH,
    "range_width": RANGE_WIDTH,
    "risk_width": RISK_WIDTH,
    "side": PLANE_SIDE,
}


def explained_page(
    answer: Json, catalogue: Catalogue, lang: str, improvements: Json | None = None
) -> str:
    """An explained score as one HTML file that needs nothing else, on paper or on screen.

    improvements: what /improvements answers for the project, shown where it is given.
    """
    found = improving(improvements, catalogue, lang) if improvements else None
    context = report_context(answer, catalogue, lang) | {"improving": found, "offered": False}
    return rendered("explained.html", lang, style=_style(), level=1, **context)


def explained_fragment(
    answer: Json, catalogue: Catalogue, lang: str, *, may_improve: bool = False
) -> str:
    """The same without the page around it, for a page that is already there.

    may_improve: whether the reader may ask what could be improved, and is offered to.
    """
    offered = may_improve and answer["status"] == "rated"
    context = report_context(answer, catalogue, lang) | {"improving": None, "offered": offered}
    return rendered("report.html", lang, level=2, **context)


def improvements_fragment(answer: Json, catalogue: Catalogue, lang: str) -> str:
    """What may be improved, for a report that is already there."""
    found = improving(answer, catalogue, lang)
    return rendered("improvements.html", lang, level=2, improving=found)


def sign_in_page(frame: Frame, failed: bool) -> str:
    """The form that takes an access key, as a page that needs nothing else."""
    return rendered("sign_in.html", frame.lang, frame=frame, style=_style(), failed=failed)


def page_style() -> str:
    """What stands between the `style` tags of a page that needs nothing else."""
    return f"\n{_style()}\n"


@functools.cache
def _style() -> Markup:
    return Markup((_HERE / "static" / "page.css").read_text(encoding="utf-8"))  # noqa: S704 - ours


def front_page(release: Release, frame: Frame) -> str:
    """What this service is, the model in service, and a form to try a project."""
    model, lang = release.model, frame.lang
    return rendered(
        "front.html",
        lang,
        frame=frame,
        catalogue=model.catalogue,
        heads=[model.catalogue.head(name).label.of(lang) for name in model.heads],
        identity=_identity(release),
        example=example_text(model.catalogue),
    )


def _identity(release: Release) -> Mapping[str, Any]:
    facts = release.model.facts
    return {
        "version": release.version.number,
        "digest": release.version.digest,
        "catalogue": release.model.catalogue.identity,
        "created": facts.created,
        "years": facts.years,
        "projects": facts.rows,
    }


def report_context(
    answer: Json, catalogue: Catalogue, lang: str, states: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Everything that the report's template shows of an explained score.

    states: what has become of its findings, by their ids, where somebody looks after them.
    """
    found = list(_heads(answer, catalogue))
    views = [head_view(shown, kind, catalogue, lang) for shown, kind in found]
    return {
        **_SIZES,
        "answer": answer,
        "catalogue": catalogue,
        "name": answer["project_name"] or "",
        "plane": plane(answer["priority"], lang) if answer["priority"] else None,
        "scores": [(s, said_interval(s, lang)) for s in answer["scores"].values()],
        "costs": [
            cost_range(_requested(cost), _past_amounts(answer, name), catalogue, lang)
            for name, cost in _costs(answer, catalogue)
        ],
        "standards": standards_shown(answer["cost"], lang),
        "risks": [risk(shown, lang) for shown in answer["risk"].values()],
        "heads": views,
        "found": findings_shown(answer["findings"], lang, states),
        "rated": dimensions_shown(answer, lang),
        "counted": counted(answer.get("checks", {"counts": {}}), lang),
        "compared": _compared(found, lang),
        "learned": _learned(answer, lang),
        "not_predicted": [catalogue.head(n).label.of(lang) for n in answer["not_predicted"]],
        "similar_heads": _similar_heads(answer, catalogue),
        "similar": _similar(answer, catalogue, lang),
    }


def _costs(answer: Json, catalogue: Catalogue) -> list[tuple[str, Json]]:
    """Every amount of an answer under its head's name, the reasonable cost first."""
    role = catalogue.cost
    cost = [(role.head, answer["cost"])] if answer["cost"] and role else []
    return [*cost, *answer["amounts"].items()]


def _past_amounts(answer: Json, head: str) -> list[tuple[str, float]]:
    """What the similar past projects that the reader may see came to."""
    return [
        (similar["project_id"], similar["outcomes"][head])
        for similar in answer["similar"]
        if head in similar["outcomes"]
    ]


def _requested(cost: Json) -> Json:
    """An amount with the fields of a cost: one that nobody requested has no position."""
    return {"requested": None, "position": None, "excess": None} | cost


def _heads(answer: Json, catalogue: Catalogue) -> Iterator[tuple[Json, HeadKind]]:
    """Every head that the answer shows, with its kind, in the order of the page."""
    if answer["priority"]:
        yield answer["priority"]["necessity"], HeadKind.SCORE
        yield answer["priority"]["importance"], HeadKind.SCORE
    for shown in answer["scores"].values():
        yield shown, HeadKind.SCORE
    for _, shown in _costs(answer, catalogue):
        yield shown, HeadKind.AMOUNT
    for shown in answer["risk"].values():
        yield shown, HeadKind.PROBABILITY


def _compared(found: Sequence[tuple[Json, HeadKind]], lang: str) -> str:
    """With how many projects of which years the values are compared; "" where with none."""
    for shown, _ in found:
        for reason in shown["reasons"]:
            if "comparison" in reason:
                first, last = reason["comparison"]["years"]
                count = f"{reason['comparison']['projects']:,}"
                return page_words(lang)["compared_with"].format(first=first, last=last, count=count)
    return ""


def _learned(answer: Json, lang: str) -> str:
    learned = answer["model"]["learned_from"]
    first, last = learned["years"]
    count = f"{learned['projects']:,}"
    return page_words(lang)["learned_text"].format(first=first, last=last, count=count)


def _similar_heads(answer: Json, catalogue: Catalogue) -> list[str]:
    named = {name for similar in answer["similar"] for name in similar["outcomes"]}
    return [head.name for head in catalogue.heads if head.name in named]


def _similar(answer: Json, catalogue: Catalogue, lang: str) -> list[tuple[str, int, list[str]]]:
    """Each similar project: its id, its year, and its outcome under every head in words."""
    names = _similar_heads(answer, catalogue)
    return [
        (
            similar["project_id"],
            similar["year"],
            [_outcome(similar["outcomes"].get(name), name, catalogue, lang) for name in names],
        )
        for similar in answer["similar"]
    ]


def _outcome(value: float | None, head: str, catalogue: Catalogue, lang: str) -> str:
    words = page_words(lang)
    if value is None or math.isnan(value):
        return words["no_outcome"]
    kind = catalogue.head(head).kind
    if kind is HeadKind.AMOUNT:
        return said_amount(catalogue, value, lang)
    if kind is HeadKind.PROBABILITY:
        return words["happened" if value >= 0.5 else "not_happened"]
    return f"{value:.1f}"
