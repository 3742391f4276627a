"""Retraining: a challenger by the recipe of the model in service, and their comparison."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.errors import RegistryError
from models.registry import Registry, Release
from models.release.comparison import Comparison, write_comparison
from training.data_quality import quality_evidence
from training.evidence import evidence
from training.gathered_outcomes import GatheredOutcomes, gather
from training.growing import THIS_MACHINE, Grower
from training.model_comparison import Note, compare_models
from training.outcome_store import OutcomeStore
from training.pipeline import TrainingResult, log_papers, train_and_register
from training.recipe import same_recipe
from training.retraining_report import LANGUAGES, retraining_report
from training.split import TimeSplit
from training.tracking import Tracking

STEPS = 9
"""The steps that `retrain` reports beside the heads it fits."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Retraining:
    """A challenger that is registered, with its comparison, the evidence, and their files.

    files: "comparison", "evidence" and a report per language → where it is.
    """

    result: TrainingResult
    comparison: Comparison
    evidence: Mapping[str, Any]
    files: Mapping[str, Path]


def retrain(
    store: OutcomeStore,
    registry: Registry,
    tracking: Tracking,
    split: TimeSplit | None = None,
    grower: Grower = THIS_MACHINE,
    report: Report = lambda step: None,
    trainer: str | None = None,
    judgements: bool | None = None,
) -> Retraining:
    """A challenger learned from the present outcomes; nothing is put into service.

    Args:
        split: which rounds to learn from; the usual one keeps the last for the comparison.
        trainer: who trains; by default the account that runs this.
        judgements: whether experts' judgements are learned from; by default as the recipe says.

    Raises:
        OutcomeStoreError: when a contribution is not as it came.
        TrainingError: when there is nothing to learn from.
        RegistryError: when the tracking store cannot be reached.
    """
    report("reading")
    champion = registry.champion_release() if registry.champion() else None
    kept = dict(champion.model.facts.recipe) if champion else {}
    if judgements is not None:
        kept["judgements"] = judgements
    now = gather(store, judgements=bool(kept.get("judgements", False)))
    settings = same_recipe(kept, split or TimeSplit.of(now.data.years), now.data.catalogue, grower)
    result = train_and_register(now.data, settings, registry, tracking, report, trainer)
    challenger = registry.release(result.version.number)
    compared = compare_models(
        challenger.model,
        None if champion is None else champion.model,
        now.data,
        result.swaps,
        result.climbs,
        report,
    )
    report("data quality")
    before = _learned_by(champion, store)
    quality = quality_evidence(now, before, settings)
    comparison = compared.told(challenger, champion, quality.told())
    notes = [*compared.notes, *_notes(champion, now)]
    told = evidence(compared, quality, now.contributions, settings.recipe)
    told["notes"] = [note.value for note in notes]
    report("report")
    files = _written(comparison, told, registry, store)
    _logged(files, tracking, registry, challenger)
    return Retraining(result, comparison, told, files)


def _learned_by(champion: Release | None, store: OutcomeStore) -> GatheredOutcomes | None:
    """What the model in service learned from, where the store once held just that."""
    if champion is None:
        return None
    facts = champion.model.facts
    judgements = bool(facts.recipe.get("judgements", False))
    event = store.event_of(facts.data_digest, judgements)
    return None if event is None else gather(store, until=event, judgements=judgements)


def _notes(champion: Release | None, now: GatheredOutcomes) -> list[Note]:
    if champion is None:
        return []
    found = []
    if not champion.model.facts.recipe:
        found.append(Note.RECIPE_UNKNOWN)
    if champion.model.facts.data_digest == now.data.digest:
        found.append(Note.SAME_DATA)
    return found


def _written(
    comparison: Comparison, told: Mapping[str, Any], registry: Registry, store: OutcomeStore
) -> dict[str, Path]:
    path = write_comparison(comparison, registry.folder)
    files = {"comparison": path, "evidence": path.with_suffix(".evidence.json")}
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    files["evidence"].write_text(text, encoding="utf-8")
    for language in LANGUAGES:
        files[language] = path.with_suffix(f".{language}.html")
        page = retraining_report(comparison, told, store.catalogue, language)
        files[language].write_text(page, encoding="utf-8")
    return files


def _logged(
    files: Mapping[str, Path], tracking: Tracking, registry: Registry, challenger: Release
) -> None:
    """Keep them with the run, and the papers anew, which now tell of the comparison too.

    The run ended when its version was registered and is opened again.

    Raises:
        RegistryError: when the tracking store cannot be reached; the files are there nevertheless.
    """
    try:
        with tracking.run("comparison", again=challenger.version.run) as run:
            for file in files.values():
                run.log_text(file.read_text(encoding="utf-8"), f"comparison/{file.name}")
            log_papers(run, registry, challenger)
    except RegistryError as error:
        where = files["comparison"].parent
        raise RegistryError(f"{error}; the comparison is in {where}") from error
