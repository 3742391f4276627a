"""A comparison rehearsed: two models of the same data, compared as retraining would, none kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from features.field import Role
from models.approval import Verdict
from models.model import Model
from models.registry import Release, Version
from models.release.comparison import Comparison, DataQuality
from models.release.effect_gates import effect_gates
from models.release.metric_gates import metric_gates
from models.release.release_policy import ReleasePolicy
from models.trial import Trial
from training.appraisal_data import AppraisalData
from training.climber import climb
from training.model_comparison import ModelComparison, compare_models
from training.swaps import swap_effects
from training.train import TrainingSettings, train

SAMPLED = 50
"""Projects on which swaps and the climber are tried; a real run takes more."""


@dataclass(frozen=True)
class Rehearsal:
    """Two models and their comparison. compared: what the comparison rests on."""

    champion: Model
    challenger: Model
    compared: ModelComparison
    comparison: Comparison

    def verdicts(self, policy: ReleasePolicy) -> list[Verdict]:
        """What the gates about metrics and effects say.

        Those about data quality, the bundle and the review are not asked: nothing was taken in,
        registered or reviewed.
        """
        heads = tuple(self.challenger.heads)
        zero_based = tuple(n for n in heads if self.challenger.heads[n].declaration.zero_based)
        trial = Trial(0, self.challenger.facts.years[1], heads, zero_based)
        return [
            *metric_gates(self.comparison, policy),
            *effect_gates(self.comparison, policy, trial),
        ]


def rehearse(
    data: AppraisalData,
    champion: TrainingSettings,
    challenger: TrainingSettings,
    report: Callable[[str], None] = lambda step: None,
) -> Rehearsal:
    """Both models, trained and compared on the rounds that neither has seen.

    Raises:
        TrainingError: when one of them can learn nothing.
    """
    serving, rival = (train(data, settings, report) for settings in (champion, challenger))
    later = data.where(data.years > max(serving.facts.years[1], rival.facts.years[1]))
    sampled = later.projects[:SAMPLED]
    swaps = {role.value: swap_effects(rival, sampled, role) for role in Role}
    compared = compare_models(rival, serving, data, swaps, climb(rival, sampled), report)
    releases = (_unregistered(2, rival), _unregistered(1, serving))
    return Rehearsal(serving, rival, compared, compared.told(*releases, DataQuality()))


def _unregistered(number: int, model: Model) -> Release:
    """A model as a release, under a digest that none has."""
    return Release(Version(number, f"sha256:{number:064x}", model.facts.created), model)
