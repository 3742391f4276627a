"""One training run from data to a registered version: read, fit, evaluate, log, register."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from features.declared_project import DeclaredProject
from features.field import Role
from models.bundle import save_bundle
from models.evaluated import Evaluated
from models.model import Model
from models.papers.papers import paper_files
from models.papers.sources import Sources
from models.papers.statements import statements_source
from models.people import account
from models.registry import Registry, Release, Version
from training.appraisal_data import AppraisalData
from training.climber import climb
from training.evaluation import HeadEvaluation, evaluate
from training.plots import pictures
from training.swaps import swap_effects
from training.tracking import Run, Tracking
from training.train import TrainingSettings, train

SAMPLED = 200
Report = Callable[[str], None]


@dataclass(frozen=True)
class TrainingResult:
    """What a training run made: the model, its registered version, and what it is worth.

    evaluation: head → metrics on the test rounds (empty without test rounds).
    swaps: role → head → greatest change when every field of the role is swapped.
    climbs: head → the mean gain that changing declared facts alone can bring.
    """

    model: Model
    version: Version
    evaluation: Mapping[str, HeadEvaluation]
    swaps: Mapping[str, Mapping[str, float]]
    climbs: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """The result for machines."""
        return {
            "version": self.version.number,
            "digest": self.version.digest,
            "run": self.version.run,
            "learned": list(self.model.facts.learned),
            "left_out": dict(self.model.facts.left_out),
            "rounds": list(self.model.facts.years),
            "evaluation": {name: plain(e.metrics) for name, e in self.evaluation.items()},
            "stages": {name: e.declaration.stage for name, e in self.evaluation.items()},
            "swaps": {role: dict(effects) for role, effects in self.swaps.items()},
            "climbs": dict(self.climbs),
        }


def train_and_register(
    data: AppraisalData,
    settings: TrainingSettings,
    registry: Registry,
    tracking: Tracking,
    report: Report = lambda step: None,
    trainer: str | None = None,
) -> TrainingResult:
    """The candidate version that a training run leaves in the registry, with its evaluation.

    `trainer`: who trains, who then cannot approve it; by default the account that runs this.

    Raises:
        TrainingError: when nothing can be learned.
        RegistryError: when the tracking store cannot be reached.
        FormError: when what the bureau states for the papers cannot be read.
    """
    statements_source(registry.root)  # a mistake in it must not show only when all is done
    with tracking.run(f"train {data.catalogue.identity}") as run:
        model = train(data, settings, report)
        report("evaluation")
        test = data.where(settings.split.test(data.years))
        evaluation = evaluate(model, test)
        sampled = test.projects[:SAMPLED] or data.projects[:SAMPLED]
        swaps = {role.value: swap_effects(model, sampled, role) for role in Role}
        climbs = climb(model, sampled)
        report("bundle")
        _log(run, data, settings, model, evaluation, swaps, climbs)
        model = replace(model, evaluated=_evaluated(test, evaluation, swaps, climbs))
        version = _registered(
            run, model, registry, tracking, golden=sampled, trainer=trainer or account()
        )
        log_papers(run, registry, Release(version, model))
    return TrainingResult(model, version, evaluation, swaps, climbs)


def log_papers(run: Run, registry: Registry, release: Release) -> None:
    """Keep the papers about a version with its run.

    Raises:
        RegistryError: when the tracking store cannot be reached.
        FormError: when what they are made from is of another shape.
    """
    for name, text in paper_files(Sources.of(registry, release)).items():
        run.log_text(text, f"papers/{name}")


def plain(metrics: Mapping[str, float]) -> dict[str, float | None]:
    """Metrics as JSON knows them: null where one cannot be told."""
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}


def _evaluated(
    test: AppraisalData,
    evaluation: Mapping[str, HeadEvaluation],
    swaps: Mapping[str, Mapping[str, float]],
    climbs: Mapping[str, float],
) -> Evaluated | None:
    """What is kept with the version of its evaluation; None without later rounds."""
    if not evaluation:
        return None
    return Evaluated(
        rounds=(int(test.years.min()), int(test.years.max())),
        projects=len(test.projects),
        heads={name: plain(found.metrics) for name, found in evaluation.items()},
        groups={
            name: {group: plain(metrics) for group, metrics in found.groups.items()}
            for name, found in evaluation.items()
        },
        swaps={role: plain(effects) for role, effects in swaps.items()},
        climbs=plain(climbs),
    )


def _registered(
    run: Run,
    model: Model,
    registry: Registry,
    tracking: Tracking,
    golden: Sequence[DeclaredProject],
    trainer: str,
) -> Version:
    registry.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=registry.folder) as waiting:
        folder = Path(waiting) / "bundle"
        save_bundle(model, folder, golden)
        run.log_folder(folder, "bundle")
        version = registry.register(folder, model.facts.created, run.run_id, trainer)
    tracking.register(run, version.number, version.digest)
    return version


def _log(
    run: Run,
    data: AppraisalData,
    settings: TrainingSettings,
    model: Model,
    evaluation: Mapping[str, HeadEvaluation],
    swaps: Mapping[str, Mapping[str, float]],
    climbs: Mapping[str, float],
) -> None:
    run.log_parameters(
        {
            # Not "catalogue": `mlflow run` logs its own parameters under the same run.
            "catalogue_identity": data.catalogue.identity,
            "catalogue_digest": data.catalogue.digest,
            "data_digest": data.digest,
            "simulated": data.simulated,
            "rows": len(data.projects),
            "rows_left_out": len(data.faults),
            "fit_until": settings.split.fit_until,
            "calibrate_until": settings.split.calibrate_until,
            "heads_left_out": dict(model.facts.left_out),
            **_tree_parameters(settings, model),
        }
    )
    metrics: dict[str, float] = {}
    for name, found in evaluation.items():
        metrics |= {f"{name}.{metric}": value for metric, value in found.metrics.items()}
        for group, measured in found.groups.items():
            metrics |= {f"{name}.{group}.{metric}": v for metric, v in measured.items()}
    for role, effects in swaps.items():
        metrics |= {f"swap.{role}.{name}": value for name, value in effects.items()}
    run.log_metrics(metrics | {f"climb.{name}": gain for name, gain in climbs.items()})
    for name, picture in pictures(model.heads, evaluation).items():
        run.log_text(picture, f"pictures/{name}")
    run.log_json(
        {
            name: {"all": plain(e.metrics), "groups": {g: plain(m) for g, m in e.groups.items()}}
            for name, e in evaluation.items()
        },
        "evaluation.json",
    )


def _tree_parameters(settings: TrainingSettings, model: Model) -> dict[str, Any]:
    """How each head's trees were grown, as tuned or by default: `<head>.trees.leaves` and so on."""
    return {
        f"{head}.trees.{name}": value
        for head in model.heads
        for name, value in asdict(settings.of(head)).items()
    }
