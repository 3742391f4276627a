"""The comparison of a challenger with the model in service on data that neither has seen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from features.field import Role
from models.model import Model
from models.monitoring.shift import Shift
from models.registry import Release
from models.release.comparison import (
    FORMAT,
    ComparedData,
    ComparedHead,
    ComparedModel,
    Comparison,
    DataQuality,
    Effects,
    SameProjects,
)
from training.appraisal_data import AppraisalData
from training.climber import climb
from training.clusters import Clusters
from training.comparison_groups import comparison_groups
from training.evaluation import HeadEvaluation, evaluate
from training.head_comparison import compared_head
from training.input_stability import input_shifts
from training.pipeline import SAMPLED
from training.same_projects import SameProjectsCompared, compare_same_projects

Report = Callable[[str], None]
NO_ROUND = "no round is later than those learned from"
OUTCOMES_TO_COME = "no outcome of the later rounds is known yet"


class Note(StrEnum):
    """What a reader must know before reading a figure."""

    FIRST = "first"
    """There is no model in service yet."""
    CHAMPION_SAW_ALL = "champion_saw_all"
    """No round is later than those that the model in service learned from."""
    NO_LATER_DATA = "no_later_data"
    """No round is later than those that either learned from; nothing is measured."""
    OTHER_CATALOGUE = "other_catalogue"
    """The model in service reads other facts; the same projects cannot be given to it."""
    RECIPE_UNKNOWN = "recipe_unknown"
    """The model in service does not say how it was trained; the usual settings were taken."""
    SAME_DATA = "same_data"
    """Nothing came since the model in service was trained."""


@dataclass(frozen=True)
class ModelComparison:
    """What the comparison says, and what it rests on.

    later: the projects compared on. not_compared: head → why it has no metrics. evaluated: model
    ("challenger", "champion") → head → its evaluation on the later projects.
    """

    heads: Mapping[str, ComparedHead]
    effects: Effects
    champion_climb: Mapping[str, float]
    same: SameProjectsCompared | None
    shifts: Sequence[Shift]
    later: AppraisalData
    notes: tuple[Note, ...]
    not_compared: Mapping[str, str]
    evaluated: Mapping[str, Mapping[str, HeadEvaluation]]

    def told(
        self, challenger: Release, champion: Release | None, quality: DataQuality
    ) -> Comparison:
        """The comparison in the form that gates read."""
        same = None
        if self.same is not None:
            same = SameProjects(
                grade_flips=self.same.grade_flips,
                rank_correlation=self.same.rank_correlation,
                changed_top_reasons=self.same.changed_top_reasons,
                projects=len(self.same.projects),
            )
        return Comparison(
            format=FORMAT,
            catalogue=challenger.model.catalogue.identity,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            challenger=_compared_model(challenger),
            champion=None if champion is None else _compared_model(champion),
            data=ComparedData(
                digest=self.later.digest,
                rounds=tuple(sorted({p.year for p in self.later.projects})),
                projects=len(self.later.projects),
                simulated=self.later.simulated,
            ),
            heads=dict(self.heads),
            effects=self.effects,
            same_projects=same,
            data_quality=quality,
        )


def compare_models(
    challenger: Model,
    champion: Model | None,
    data: AppraisalData,
    swaps: Mapping[str, Mapping[str, float]],
    climbs: Mapping[str, float],
    report: Report = lambda step: None,
) -> ModelComparison:
    """Both models on the rounds after the last that either of them learned from.

    Where the one in service has seen every round, the challenger alone is measured, on the rounds
    that it has not seen: never is a model measured on what it learned from.

    Args:
        data: all present outcomes.
        swaps, climbs: the challenger's, as `training.pipeline` measures them.
    """
    notes: list[Note] = []
    rival = champion
    if champion is None:
        notes.append(Note.FIRST)
    elif champion.catalogue.given != challenger.catalogue.given:
        notes.append(Note.OTHER_CATALOGUE)
        rival = None
    seen = challenger.facts.years[1]
    if rival is not None:
        both = max(seen, rival.facts.years[1])
        if both < int(data.years.max()):
            seen = both
        else:
            notes.append(Note.CHAMPION_SAW_ALL)
    later = data.where(data.years > seen)
    if not later.projects:
        notes.append(Note.NO_LATER_DATA)
    report("metrics")
    sides = {"challenger": evaluate(challenger, later)}
    if rival is not None and Note.CHAMPION_SAW_ALL not in notes:
        sides["champion"] = evaluate(rival, later)
    heads, not_compared = _heads(challenger, later, sides)
    report("same projects")
    same = None
    newest = later.projects or data.where(data.years == data.years.max()).projects
    if rival is not None:
        same = compare_same_projects(rival, challenger, newest)
    report("stability of inputs")
    earlier = data.where(data.years <= challenger.facts.years[1]).projects
    sampled = later.projects[:SAMPLED] or data.projects[:SAMPLED]
    return ModelComparison(
        heads,
        _effects(challenger, swaps, climbs),
        climb(rival, sampled) if rival is not None else {},
        same,
        input_shifts(challenger, earlier, newest),
        later,
        tuple(notes),
        not_compared,
        sides,
    )


def _heads(
    challenger: Model, later: AppraisalData, sides: Mapping[str, Mapping[str, HeadEvaluation]]
) -> tuple[dict[str, ComparedHead], dict[str, str]]:
    compared: dict[str, ComparedHead] = {}
    lacking = dict(challenger.facts.left_out)
    clusters = Clusters.of(later.groups)
    groups = comparison_groups(challenger, later)
    for name in challenger.heads:
        found = sides["challenger"].get(name)
        if found is None:
            lacking[name] = OUTCOMES_TO_COME if later.projects else NO_ROUND
            continue
        other = sides.get("champion", {}).get(name)
        compared[name] = compared_head(found, other, clusters, groups)
    return compared, lacking


def _effects(
    challenger: Model, swaps: Mapping[str, Mapping[str, float]], climbs: Mapping[str, float]
) -> Effects:
    zero_based = [n for n, head in challenger.heads.items() if head.declaration.zero_based]
    money = [swaps[role.value] for role in (Role.REQUESTED_AMOUNT, Role.LAST_BUDGET)]
    return Effects(
        zero_base={n: _finite(max(effects[n] for effects in money)) for n in zero_based},
        identity={
            Role.DECLARER.value: {n: _finite(e) for n, e in swaps[Role.DECLARER.value].items()}
        },
        climb={name: _finite(gain) for name, gain in climbs.items()},
    )


def _finite(effect: float) -> float:
    """The effect as JSON knows it: one without bound, where an answer vanishes, is the greatest."""
    return max(-sys.float_info.max, min(sys.float_info.max, effect))


def _compared_model(release: Release) -> ComparedModel:
    version = release.version
    return ComparedModel(version=version.number, digest=version.digest, run=version.run)
