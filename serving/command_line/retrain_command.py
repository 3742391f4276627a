"""The command that retrains: a challenger, and how it compares with the model in service."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from models.evaluated import MAIN_METRIC
from models.registry import Registry
from models.release.comparison import Comparison
from serving.command_line import options
from serving.command_line.growers import grower_at
from serving.command_line.model_commands import split_of
from serving.command_line.speech import OUT, progress, refusing, say_json
from training.gathered_outcomes import gather
from training.outcome_store import OutcomeStore
from training.report_figures import figure, signed, verdict
from training.retraining import STEPS, Retraining, retrain
from training.retraining_words import WORDS
from training.tracking import Tracking


@refusing
def retrain_(
    catalogue: options.Catalogue = "zero_base",
    fit_until: options.FitUntil = None,
    calibrate_until: options.CalibrateUntil = None,
    tracking_uri: options.TrackingUri = None,
    trainer: options.Trainer = None,
    cluster: options.Cluster = None,
    judgements: Annotated[
        bool | None,
        typer.Option(
            "--judgements/--no-judgements",
            help="Learn from experts' judgements too, where no appraisal says anything; "
            "default: as the recipe of the model in service.",
        ),
    ] = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Train a challenger on the outcomes taken in, and compare it with the model in service.

    It is trained by the recipe of the model in service. Nothing is put into service.
    """
    ruler = load_catalogue(catalogue)
    store = OutcomeStore(home, ruler)
    split = None
    if fit_until is not None or calibrate_until is not None:
        data = gather(store, judgements=bool(judgements)).data
        split = split_of(data, fit_until, calibrate_until)
    tracking = Tracking(home, ruler.catalogue, tracking_uri)
    registry = Registry(home, ruler.catalogue)
    steps = len(ruler.heads) + STEPS
    with grower_at(cluster) as grower, progress("retraining", steps) as step:
        done = retrain(
            store, registry, tracking, split, grower, lambda _: step(1), trainer, judgements
        )
    if as_json:
        told = {name: str(path) for name, path in done.files.items()}
        say_json({"comparison": done.comparison.model_dump(mode="json"), "files": told})
        return
    _say(done)


def _say(done: Retraining) -> None:
    comparison, words = done.comparison, WORDS["en"]
    rivals = f"with version {comparison.champion.version} in service" if comparison.champion else ""
    OUT.print(f"Challenger: version {comparison.challenger.version}, compared {rivals}".rstrip())
    for note in done.evidence["notes"]:
        OUT.print(f"- {words[f'note_{note}']}")
    OUT.print(_metrics(comparison))
    for name, why in done.evidence["not_compared"].items():
        OUT.print(f"Not compared: {name}: {why}")
    same = comparison.same_projects
    if same is not None:
        flips = "" if same.grade_flips is None else f"{same.grade_flips:.1%} other grades, "
        reasons = same.changed_top_reasons or 0.0
        OUT.print(f"Of {same.projects:,} same projects: {flips}{reasons:.1%} other first reasons")
    for kind, lines in comparison.data_quality.flagged():
        if lines:
            OUT.print(f"Data quality, {kind}: {len(lines)}; first: {lines[0]}")
    for name, path in done.files.items():
        OUT.print(f"{name}: {path}")
    OUT.print(words["advisory"])


def _metrics(comparison: Comparison) -> Table:
    table = Table("head", "metric", "challenger", "in service", "difference", "", box=None)
    for name, head in comparison.heads.items():
        main = MAIN_METRIC[head.kind]
        metric = head.metrics[main]
        told = (figure(metric.challenger), figure(metric.champion), signed(metric.difference))
        table.add_row(name, main, *told, WORDS["en"][verdict(metric)])
    return table
