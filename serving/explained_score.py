"""The explained score: one project's answer in the shape that clients rely on."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from features.declared_project import DeclaredProject
from features.head_declaration import HeadKind
from models.comparison import Comparison
from models.explanation import ExplainedHead, Reason, explain_head
from models.model import Model, Prediction
from models.priority import grade, rank_score
from models.registry import Release
from serving.words import LANGUAGES, said_reason

Json = dict[str, Any]
NO_RANGE = {
    "zh": "校准案例不足，不给出区间",
    "en": "no range: too few cases to calibrate one",
}


def explained_score(release: Release, prediction: Prediction, row: int) -> Json:
    """The explained score of one project of a prediction, as a JSON object.

    A project whose key evidence is missing is not rated: it gets the list of what is missing.
    """
    model, project = release.model, prediction.projects[row]
    missing = project.missing_key_evidence(model.catalogue)
    if missing:
        return _answer(release, project, "not_rated", missing)
    heads = {name: explain_head(model, prediction, name, row) for name in model.heads}
    unable = [name for name, head in heads.items() if head is None]
    found = {name: head for name, head in heads.items() if head is not None}
    answer = _answer(release, project, "rated", ())
    answer |= _sections(model, project, found)
    answer["not_predicted"] = unable + sorted(model.facts.left_out)
    answer["similar"] = _similar(model, prediction, row)
    return answer


def model_identity(release: Release) -> Json:
    """What an answer quotes about the model it comes from."""
    model = release.model
    return {
        "version": str(release.version.number),
        "digest": release.version.digest,
        "catalogue": model.catalogue.identity,
        "policy": f"{model.catalogue.identity}#priority" if model.catalogue.priority else None,
        "learned_from": {"years": list(model.facts.years), "projects": model.facts.rows},
        "simulated": model.facts.simulated,
        "reviewed": False,
    }


def _answer(
    release: Release, project: DeclaredProject, status: str, missing: tuple[str, ...]
) -> Json:
    labels = {n: release.model.catalogue.by_name[n].label.as_json() for n in missing}
    return {
        "record_id": None,
        "project_id": project.project_id,
        "project_name": _name_of(project, release.model),
        "year": project.year,
        "status": status,
        "missing": list(missing),
        "missing_labels": labels,
        "model": model_identity(release),
        "priority": None,
        "scores": {},
        "cost": None,
        "amounts": {},
        "risk": {},
        "not_predicted": [],
        "similar": [],
        "findings": [],
        "advisory": True,
    }


def _name_of(project: DeclaredProject, model: Model) -> str | None:
    column = model.catalogue.columns.name
    name = project.values[column] if column else None
    return name if isinstance(name, str) else None


def _sections(model: Model, project: DeclaredProject, found: dict[str, ExplainedHead]) -> Json:
    """The heads, each in the section that its kind and the catalogue give it."""
    by_kind: dict[HeadKind, Json] = {kind: {} for kind in HeadKind}
    for name, head in found.items():
        by_kind[head.declaration.kind][name] = _head(model, head)
    sections: Json = {
        "priority": _priority(model, found, by_kind[HeadKind.SCORE]),
        "cost": _cost(model, project, found, by_kind[HeadKind.AMOUNT]),
    }
    return sections | {
        "scores": by_kind[HeadKind.SCORE],
        "amounts": by_kind[HeadKind.AMOUNT],
        "risk": by_kind[HeadKind.PROBABILITY],
    }


def _priority(model: Model, found: dict[str, ExplainedHead], scores: Json) -> Json | None:
    policy = model.catalogue.priority
    if policy is None or not {policy.necessity, policy.importance} <= found.keys():
        return None
    necessity, importance = found[policy.necessity].value, found[policy.importance].value
    return {
        "grade": grade(necessity, importance, policy),
        "rank_score": _number(rank_score(necessity, importance, policy)),
        "thresholds": policy.thresholds,
        "necessity": scores.pop(policy.necessity),
        "importance": scores.pop(policy.importance),
    }


def _cost(
    model: Model, project: DeclaredProject, found: dict[str, ExplainedHead], amounts: Json
) -> Json | None:
    role = model.catalogue.cost
    if role is None or role.head not in found:
        return None
    requested = project.values[role.requested]
    cost = amounts.pop(role.head)
    return {"requested": requested, **_position(requested, found[role.head]), **cost}


def _position(requested: Any, head: ExplainedHead) -> Json:
    """Where the request lies against the range, and by how much it exceeds it."""
    if requested is None or head.low is None or head.high is None:
        return {"position": None, "excess": None}
    amount = Decimal(str(requested))
    position = "below" if amount < head.low else "above" if amount > head.high else "within"
    return {"position": position, "excess": _number(max(Decimal(0), amount - head.high))}


def _head(model: Model, head: ExplainedHead) -> Json:
    kind = head.declaration.kind
    shown: Json = {"label": head.declaration.label.as_json(), "base": _number(head.base)}
    if kind is HeadKind.SCORE:
        interval = None if head.low is None or head.high is None else [head.low, head.high]
        shown["score"] = _number(head.value)
        shown["interval"] = [_number(end) for end in interval] if interval else None
    elif kind is HeadKind.AMOUNT:
        shown["low"] = None if head.low is None else _number(head.low)
        shown["mid"] = _number(head.value)
        shown["high"] = None if head.high is None else _number(head.high)
    else:
        shown["probability"] = _number(head.value)
    if kind is not HeadKind.PROBABILITY:
        shown["level"] = head.declaration.level
        shown["range_calibrated_on"] = head.range_peers
        if head.range_peers is None:
            shown["no_range"] = NO_RANGE
    if head.log_odds is not None:
        shown["log_odds"] = {"base": _number(head.log_odds[0]), "value": _number(head.log_odds[1])}
    shown["dimensions"] = [
        {
            "dimension": name,
            "label": model.catalogue.dimension_label(name).as_json(),
            "factor" if kind is HeadKind.AMOUNT else "contribution": _number(part),
        }
        for name, part in head.dimensions.items()
    ]
    shown["reasons"] = [_reason(model, head, reason) for reason in head.reasons]
    return shown


def _reason(model: Model, head: ExplainedHead, reason: Reason) -> Json:
    catalogue, declaration = model.catalogue, head.declaration
    amount = declaration.kind is HeadKind.AMOUNT
    told = {lang: said_reason(catalogue, declaration, reason, lang) for lang in LANGUAGES}
    said: Json = {
        "indicator": reason.indicator or "joint_effect",
        "dimension": reason.dimension,
        "factor" if amount else "contribution": _number(reason.contribution),
        "text": {lang: words.text for lang, words in told.items()},
    }
    if reason.log_odds is not None:
        said["log_odds"] = _number(reason.log_odds)
    if reason.indicator is None:
        return said | {"joint": list(reason.joint)}
    indicator = catalogue.by_name[reason.indicator]
    return said | {
        "label": indicator.label.as_json(),
        "source": indicator.source.value,
        "value": reason.value,
        "value_text": {lang: words.value for lang, words in told.items()},
        **_compared(told["en"].compared, reason.compared),
    }


def _compared(said: str, comparison: Comparison | None) -> Json:
    if comparison is None:
        return {}
    return {
        "compared": said,
        "comparison": {
            "typical": comparison.typical,
            "share": round(comparison.share, 3),
            "projects": comparison.count,
            "years": [comparison.first_year, comparison.last_year],
        },
    }


def _similar(model: Model, prediction: Prediction, row: int) -> list[Json]:
    """The most similar past projects of the same peer group, nearest first, with outcomes."""
    values = model.similarity_row(prediction.table, row)
    first = next(iter(prediction.heads.values()))
    return [
        {
            "project_id": str(model.past.ids[position]),
            "year": int(model.past.years[position]),
            "distance": round(distance, 3),
            "outcomes": {
                name: float(column[position])
                for name, column in model.past.outcomes.items()
                if not math.isnan(column[position])
            },
        }
        for position, distance in model.past.similar(
            values, int(first.peer[row]), prediction.projects[row].project_id
        )
    ]


def _number(value: Decimal) -> int | float:
    """A shown number as JSON: whole where it is whole."""
    return int(value) if value == value.to_integral_value() and abs(value) >= 1000 else float(value)
