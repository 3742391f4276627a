"""The explained score: one project's answer in the shape that clients rely on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.head_declaration import HeadKind
from models.appraised_project import AppraisedProject, appraised_project
from models.explanation import ExplainedHead
from models.model import Model, Prediction
from models.registry import Release
from serving.wording.dimensions import dimensions_told
from serving.wording.findings import checks_summed, findings_told
from serving.wording.head_writer import HeadWriter, head_writer
from serving.wording.line_standards import standards_told
from serving.wording.shown_number import Number, number
from serving.wording.written import Written

Json = dict[str, Any]
NO_RANGE = {
    "zh": "校准案例不足，不给出区间",
    "en": "no range: too few cases to calibrate one",
}


def explained_score(release: Release, prediction: Prediction, row: int) -> Json:
    """The explained score of one project of a prediction, as a JSON object.

    A project whose key evidence is missing is not rated: it gets the list of what is missing.
    """
    return told(release, appraised_project(release.model, prediction, row, release.checks))


def told(release: Release, appraised: AppraisedProject) -> Json:
    """An appraised project as a JSON object, with the past projects that resemble it."""
    model = release.model
    writer = head_writer(model.catalogue)
    contributions = {name: writer.dimensions(head) for name, head in appraised.heads.items()}
    answer = _answer(release, appraised, contributions)
    if appraised.missing:
        return answer
    answer |= _sections(model.catalogue, appraised, contributions)
    unable = [name for name in model.heads if name not in appraised.heads]
    answer["not_predicted"] = unable + sorted(model.facts.left_out)
    answer["similar"] = _similar(model, appraised)
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
        "reviewed": release.reviewed,
        **({"pilot": release.pilot} if release.pilot else {}),
    }


def _answer(
    release: Release, appraised: AppraisedProject, contributions: Mapping[str, Written]
) -> Json:
    project, missing = appraised.project, appraised.missing
    labels = {n: release.model.catalogue.by_name[n].label.as_json() for n in missing}
    return {
        "project_id": project.project_id,
        "project_name": _name_of(project, release.model),
        "year": project.year,
        "status": appraised.status,
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
        **_checked(appraised),
        **dimensions_told(release.model.catalogue, appraised, contributions),
        "advisory": True,
        "record_id": None,  # these two stand last: serving.recording.kept_answer writes them
        "receipt": None,
    }


def _checked(appraised: AppraisedProject) -> Json:
    """What the checks found, and how many came to what; no findings where there are no rules."""
    checked = appraised.checked
    if checked is None:
        return {"findings": []}
    return {"findings": findings_told(checked), "checks": checks_summed(checked)}


def _name_of(project: DeclaredProject, model: Model) -> str | None:
    column = model.catalogue.columns.name
    name = project.values[column] if column else None
    return name if isinstance(name, str) else None


def _sections(
    catalogue: Catalogue, appraised: AppraisedProject, contributions: Mapping[str, Written]
) -> Json:
    """The heads, each in the section that its kind and the catalogue give it."""
    writer = head_writer(catalogue)
    by_kind: dict[HeadKind, Json] = {kind: {} for kind in HeadKind}
    for name, head in appraised.heads.items():
        by_kind[head.declaration.kind][name] = _head(writer, head, contributions[name])
    sections: Json = {
        "priority": _priority(catalogue, appraised, by_kind[HeadKind.SCORE]),
        "cost": _cost(catalogue, appraised, by_kind[HeadKind.AMOUNT]),
    }
    return sections | {
        "scores": by_kind[HeadKind.SCORE],
        "amounts": by_kind[HeadKind.AMOUNT],
        "risk": by_kind[HeadKind.PROBABILITY],
    }


def _priority(catalogue: Catalogue, appraised: AppraisedProject, scores: Json) -> Json | None:
    policy, standing = catalogue.priority, appraised.standing
    if policy is None or standing is None:
        return None
    return {
        "grade": standing.grade,
        "rank_score": number(standing.ranked.rank_score),
        "thresholds": policy.thresholds,
        "necessity": scores.pop(policy.necessity),
        "importance": scores.pop(policy.importance),
    }


def _cost(catalogue: Catalogue, appraised: AppraisedProject, amounts: Json) -> Json | None:
    position = cost_position(catalogue, appraised)
    if position is None or catalogue.cost is None:
        return None
    cost: Json = amounts.pop(catalogue.cost.head)
    return position | cost | _standards(appraised, position["requested"])


def _standards(appraised: AppraisedProject, requested: float | None) -> Json:
    """What lines are beside their standards, which moved no prediction; absent without any."""
    checked = appraised.checked
    if checked is None or checked.standards is None:
        return {}
    return {"standards": standards_told(checked.standards, requested)}


def cost_position(catalogue: Catalogue, appraised: AppraisedProject) -> Json | None:
    """What is requested, where it lies against the cost's range and by how much it exceeds it."""
    role = catalogue.cost
    if role is None or role.head not in appraised.heads:
        return None
    requested, head = appraised.project.values[role.requested], appraised.heads[role.head]
    if requested is None or head.low is None or head.high is None:
        return {"requested": requested, "position": None, "excess": None}
    amount = Decimal(str(requested))
    position = "below" if amount < head.low else "above" if amount > head.high else "within"
    excess = number(max(Decimal(0), amount - head.high))
    return {"requested": requested, "position": position, "excess": excess}


def _head(writer: HeadWriter, head: ExplainedHead, contributions: Written) -> Json:
    declared = head.declaration
    shown: Json = {"label": declared.label.as_json(), "base": number(head.base)}
    shown |= _measures(head)
    if declared.kind is not HeadKind.PROBABILITY:
        shown["level"] = declared.level
        shown["range_calibrated_on"] = head.range_peers
        if head.range_peers is None:
            shown["no_range"] = NO_RANGE
    if head.log_odds is not None:
        shown["log_odds"] = {"base": number(head.log_odds[0]), "value": number(head.log_odds[1])}
    shown["dimensions"] = contributions
    shown["reasons"] = writer.reasons(head)
    return shown


def _measures(head: ExplainedHead) -> Json:
    """The value and the range of a head, under the names that its kind gives them."""
    value, low, high = shown_measures(head)
    if head.declaration.kind is HeadKind.SCORE:
        interval = None if low is None or high is None else [low, high]
        return {"score": value, "interval": interval}
    if head.declaration.kind is HeadKind.AMOUNT:
        return {"low": low, "mid": value, "high": high}
    return {"probability": value}


def shown_measures(head: ExplainedHead) -> tuple[Number, Number | None, Number | None]:
    """The value of a head and both ends of its range, where it has one, as in JSON."""
    if head.low is None or head.high is None:
        return number(head.value), None, None
    return number(head.value), number(head.low), number(head.high)


def _similar(model: Model, appraised: AppraisedProject) -> list[Json]:
    """The most similar past projects of the same peer group, nearest first, with outcomes."""
    past = model.past
    return [
        {
            "project_id": past.ids.item(position),
            "year": past.years.item(position),
            "distance": round(distance, 3),
            "outcomes": {
                name: value
                for name, column in past.outcomes.items()
                if not math.isnan(value := column.item(position))
            },
        }
        for position, distance in model.similar(appraised.prediction, appraised.row)
    ]
