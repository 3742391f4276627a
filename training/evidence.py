"""The evidence behind a comparison: what its figures rest on, kept beside it in JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from features.head_declaration import HeadKind
from models.evaluated import MAIN_METRIC
from models.monitoring.shift import Shift
from models.release.comparison import Better, ComparedHead, ComparedMetric
from training.contribution import Contribution
from training.data_quality import QualityEvidence
from training.evaluation import calibration_bins
from training.lifted_labels import GroupEvidence
from training.model_comparison import ModelComparison
from training.same_projects import ChangedProject

FORMAT = 1
MOST_AFFECTED = 50
Json = dict[str, Any]


def evidence(
    compared: ModelComparison,
    quality: QualityEvidence,
    contributions: tuple[Contribution, ...],
    recipe: Mapping[str, Any],
) -> Json:
    """Everything that the report tells and the comparison only sums up, as JSON."""
    same = compared.same
    affected = same.most_affected(MOST_AFFECTED) if same else []
    return {
        "format": FORMAT,
        "notes": [note.value for note in compared.notes],
        "not_compared": dict(compared.not_compared),
        "recipe": dict(recipe),
        "contributions": [_contribution(each) for each in contributions],
        "worst_groups": {name: worst(head) for name, head in compared.heads.items()},
        "calibration": _calibration(compared),
        "inputs": [_shift(each) for each in compared.shifts],
        "most_affected": [_affected(each) for each in affected],
        "champion_climb": dict(compared.champion_climb),
        "data_quality": {
            "since": quality.since,
            "duplicates": list(quality.duplicates),
            "impossible": list(quality.impossible),
            "changed": list(quality.changed),
            "groups": [{"kind": kind, **_group(each)} for kind, each in quality.lifted],
        },
    }


def worst(head: ComparedHead) -> Json:
    """The group where the challenger errs most, and the one where it has become worst."""
    name = MAIN_METRIC[head.kind]
    told = [(group, metrics[name]) for group, metrics in head.groups.items() if name in metrics]
    return {
        "metric": name,
        "least_accurate": _most(told, lambda metric: metric.challenger),
        "most_worsened": _most(told, worsening),
    }


def worsening(metric: ComparedMetric) -> float | None:
    """By how much the challenger is worse (+) or better (−) than the champion, in its unit."""
    if metric.difference is None or metric.challenger is None or metric.champion is None:
        return None
    if metric.better is Better.NEAR:
        nominal = metric.nominal or 0.0
        return abs(metric.challenger - nominal) - abs(metric.champion - nominal)
    return metric.difference if metric.better is Better.LOWER else -metric.difference


def _most(told: list[tuple[str, ComparedMetric]], of: Any) -> Json | None:
    known = [(of(metric), group, metric) for group, metric in told if of(metric) is not None]
    if not known:
        return None
    _, group, metric = max(known, key=lambda each: (each[0], each[1]))
    return {"group": group, **metric.model_dump(mode="json")}


def _calibration(compared: ModelComparison) -> Json:
    """Per probability head and model: mean predicted, share observed, n, by tenths."""
    found: Json = {}
    for model, heads in compared.evaluated.items():
        for name, evaluated in heads.items():
            if evaluated.declaration.kind is HeadKind.PROBABILITY:
                bins = calibration_bins(evaluated.predicted, evaluated.outcome)
                found.setdefault(name, {})[model] = [list(each) for each in bins]
    return found


def _shift(shift: Shift) -> Json:
    return {**asdict(shift), "verdict": shift.verdict.value, "certain": shift.certain}


def _affected(each: ChangedProject) -> Json:
    return {
        "project_id": each.project_id,
        "year": each.year,
        "grade": list(each.grade) if each.grade else None,
        "places": each.places,
        "reasons": {name: list(firsts) for name, firsts in each.reasons.items()},
        "moves": dict(each.moves),
    }


def _contribution(each: Contribution) -> Json:
    return {
        "number": each.number,
        "digest": each.digest,
        "contributor": each.contributor,
        "received": each.received,
        "rounds": list(each.rounds),
        "quality": each.quality.score,
    }


def _group(each: GroupEvidence) -> Json:
    told = {**asdict(each), "flagged": each.flagged}
    return {name: None if _nan(value) else value for name, value in told.items()}


def _nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def groups_told(quality: Json) -> Iterator[Json]:
    """The groups whose labels were lifted."""
    return (group for group in quality["groups"] if group["flagged"])
