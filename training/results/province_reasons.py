"""Are the reasons right? Contributions beside the terms that the truth was made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.catalogue import Catalogue
from features.derivation import origins, reads
from features.head_declaration import HeadKind
from features.operations import Numbers
from models.explanation import explain_head
from models.head import HeadPrediction
from models.model import Prediction
from models.peers import Groups
from models.reasons import Reason
from training.evaluation import spearman
from training.results.province_data import Province
from training.split import Mask

SAMPLED = 600
TOP = 3
OTHER = "anything else"
RESTS_ON: Mapping[str, frozenset[str]] = {
    "policy basis": frozenset({"policy_basis"}),
    "statutory duty": frozenset({"statutory_duty"}),
    "deadline": frozenset({"deadline_year"}),
    "strategic match": frozenset({"strategic_match"}),
    "people reached": frozenset({"beneficiaries"}),
    "function and type": frozenset({"exp_func_code", "project_type", "topic"}),
    "level of government": frozenset({"region_level"}),
    "evaluation": frozenset({"history.eval_score"}),
    "targets": frozenset({"kpi", "kpi_goal_total"}),
    "findings": frozenset({"findings"}),
    "argument": frozenset({"pro_necessary"}),
}
"""Which given field or part a fact is read from."""
TRUE_TERMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "necessity": {
        "policy basis": ("policy_level", "mandatory", "stale_basis"),
        "statutory duty": ("statutory",),
        "deadline": ("urgency",),
        "people reached": ("reach",),
        "function and type": ("function", "livelihood"),
        "evaluation": ("evaluation",),
        "targets": ("targets",),
        "findings": ("findings",),
        "argument": ("reasoning",),
    },
    "importance": {
        "policy basis": ("policy_level",),
        "deadline": ("urgent_priority",),
        "strategic match": ("strategic",),
        "people reached": ("reach",),
        "function and type": ("function", "livelihood", "topic"),
        "level of government": ("region_level",),
        "evaluation": ("evaluation",),
        "targets": ("targets",),
        "findings": ("findings",),
    },
}
"""Per axis, the facts that the truth knows and the terms it makes of each."""


@dataclass(frozen=True)
class FactFigures:
    """One fact: how contributions and true points move together over projects.

    spread: standard deviation of the true points. told: of the contributions.
    """

    fact: str
    correlation: float
    spread: float
    told: float


@dataclass(frozen=True)
class ReasonFigures:
    """The reasons of one axis beside the truth, for the sampled projects.

    order: mean rank correlation of the facts of a project. first: how often the truly greatest
    fact is among the top reasons. top: mean share of the true top facts among the top reasons.
    *_chance: the same with the truth of another project. elsewhere: the share of movement told of
    facts that the truth does not know.
    """

    axis: str
    n: int
    facts: tuple[FactFigures, ...]
    order: float
    order_chance: float
    first: float
    first_chance: float
    top: float
    top_chance: float
    elsewhere: float


@dataclass(frozen=True)
class JointFigures:
    """How much of a head's movement is told jointly, as no indicator can tell it alone."""

    head: str
    reasons: float
    joint: float


def fact_of(name: str, catalogue: Catalogue) -> str:
    """The fact that an indicator rests on: that of the field or part it reads first.

    Evaluations are told from the rest of the history by the field they read.
    """
    rest = origins(name, catalogue.by_name)
    if "history.eval_score" in rest:
        return "evaluation"
    while catalogue.by_name.get(name) is not None and reads(catalogue.by_name[name]):
        name = reads(catalogue.by_name[name])[0]
    root = name.partition(".")[0]
    return next((fact for fact, fields in RESTS_ON.items() if root in fields), OTHER)


def reason_figures(province: Province, prediction: Prediction, axis: str) -> ReasonFigures:
    """The reasons of the sampled projects, in `prediction`, beside the truth."""
    found = prediction.heads[axis]
    told, elsewhere = _told(found, province.model.catalogue, axis)
    true = _true(province, axis, prediction.peer)
    # The control: how well would these reasons fit the next project?
    other = np.roll(true, 1, axis=0)
    return ReasonFigures(
        axis,
        len(told),
        tuple(
            FactFigures(fact, _correlation(said, meant), float(meant.std()), float(said.std()))
            for fact, said, meant in zip(TRUE_TERMS[axis], told.T, true.T, strict=True)
        ),
        _order(told, true),
        _order(told, other),
        overlap(told, true, 1),
        overlap(told, other, 1),
        overlap(told, true, TOP),
        overlap(told, other, TOP),
        elsewhere,
    )


def joint_figures(province: Province, prediction: Prediction, head: str) -> JointFigures:
    """The share of a head's movement told jointly, and the mean number of reasons."""
    alone, jointly, number = 0.0, 0.0, 0
    multiplied = province.model.heads[head].declaration.kind is HeadKind.AMOUNT
    for row in range(len(prediction.projects)):
        explained = explain_head(province.model, prediction, head, row)
        for reason in explained.reasons if explained else ():
            number += 1
            moved = _moved(reason, multiplied)
            if reason.joint:
                jointly += moved
            else:
                alone += moved
    return JointFigures(head, number / len(prediction.projects), jointly / (alone + jointly))


def _moved(reason: Reason, multiplied: bool) -> float:
    moved = float(reason.contribution)
    return abs(math.log(moved)) if multiplied else abs(moved)


def _told(found: HeadPrediction, catalogue: Catalogue, axis: str) -> tuple[Numbers, float]:
    """Contributions per fact of the truth, shape (n, facts), and the share told of others."""
    facts = list(TRUE_TERMS[axis])
    told = np.zeros((len(found.value), len(facts)))
    other = np.zeros(len(found.value))
    for place, term in enumerate(found.terms):
        fact = fact_of(term, catalogue)
        if fact in facts:
            told[:, facts.index(fact)] += found.contributions[:, place]
        else:
            other += np.abs(found.contributions[:, place])
    return told, float(other.sum() / np.abs(found.contributions).sum())


def _true(province: Province, axis: str, peer: Groups) -> Numbers:
    """True points per fact of the first test projects against the learned ones of their peers.

    Args:
        peer: the peer group of each, shape (m,).
    """
    points = np.column_stack(
        [
            np.sum([province.truth.terms[axis][term] for term in terms], axis=0)
            for terms in TRUE_TERMS[axis].values()
        ]
    )
    rows = np.flatnonzero(province.test)[: len(peer)]
    learned = ~province.test
    means = {
        int(number): points[learned & _members(province, int(number))].mean(axis=0)
        for number in np.unique(peer)
    }
    return np.asarray(points[rows] - [means[int(number)] for number in peer], dtype=np.float64)


def _members(province: Province, number: int) -> Mask:
    """Which projects, of all, belong to a peer group of the model."""
    group = province.model.peers.groups[number]
    if not group.indicator:
        return np.ones(len(province.data.projects), dtype=np.bool_)
    return np.array([p.values[group.indicator] == group.code for p in province.data.projects])


def _correlation(left: Numbers, right: Numbers) -> float:
    if left.std() == 0 or right.std() == 0:
        return math.nan
    return float(np.corrcoef(left, right)[0, 1])


def _order(told: Numbers, true: Numbers) -> float:
    return float(np.nanmean([spearman(*pair) for pair in zip(told, true, strict=True)]))


def overlap(told: Numbers, true: Numbers, top: int) -> float:
    """The mean share of each project's `top` greatest true facts among its `TOP` greatest told.

    Args:
        told, true: points per fact, shape (n, facts) each; greatest by absolute value.
    """
    first = np.argsort(-np.abs(told), axis=1, kind="stable")[:, :TOP]
    wanted = np.argsort(-np.abs(true), axis=1, kind="stable")[:, :top]
    return float((wanted[:, :, None] == first[:, None, :]).any(axis=2).mean())
