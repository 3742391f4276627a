"""The command that trains a candidate, and how the result of a training is told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from features.catalogue import Catalogue, load_catalogue
from features.stage import STAGES, in_order
from models.registry import Registry
from serving.command_line import options
from serving.command_line.growers import grower_at
from serving.command_line.speech import (
    ERR,
    MOST_SHOWN,
    OUT,
    as_called,
    counted,
    in_home,
    progress,
    refusing,
    say_json,
)
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.pipeline import TrainingResult, train_and_register
from training.split import TimeSplit
from training.tracking import Tracking
from training.train import TrainingSettings
from training.tuning import Search, SearchBudget, tuned_settings

_STEPS_BESIDE_HEADS = 2


@refusing
def train(
    data: Annotated[
        Path, typer.Option("--data", help="A file, or a folder with projects.* and outcomes.*.")
    ],
    catalogue: options.Catalogue = "zero_base",
    fit_until: options.FitUntil = None,
    calibrate_until: options.CalibrateUntil = None,
    tune: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Settings to try per head, on past rounds only, the documented defaults first; "
            "the same number finds the same settings again.",
        ),
    ] = None,
    tune_seconds: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="Seconds to search per head; what is found depends on the machine. "
            "With --tune, whichever ends first.",
        ),
    ] = None,
    tracking_uri: options.TrackingUri = None,
    trainer: options.Trainer = None,
    cluster: options.Cluster = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Fit, calibrate, evaluate, log to MLflow, and register a candidate version."""
    ruler = load_catalogue(catalogue)
    read = read_with_progress(data, ruler)
    split = split_of(read, fit_until, calibrate_until)
    tracking = Tracking(home, ruler.catalogue, tracking_uri)
    with grower_at(cluster) as grower:
        settings = TrainingSettings.usual(split, ruler, grower)
        if tune is not None or tune_seconds is not None:
            budget = SearchBudget(tune, tune_seconds)
            settings = tune_with_progress(read, settings, budget)
        registry = Registry(home, ruler.catalogue)
        result = train_with_progress(read, settings, registry, tracking, trainer)
    if as_json:
        say_json(result.as_json() | {"rows": len(read.projects), "rows_left_out": len(read.faults)})
        return
    say_result(result)
    OUT.print(f"Candidate version {result.version.number} of {ruler.identity} is registered.")
    OUT.print(_next_step(registry, result.version.number, catalogue, home))


def _next_step(registry: Registry, number: int, catalogue: str, home: Path) -> str:
    """How the version can be released: without review only while nothing reviewed serves."""
    about = f"{number} --catalogue {catalogue}{in_home(home, options.DEFAULT_HOME)}"
    serving = registry.releases().in_service
    if serving is not None and serving.approval is not None:
        return f"What it must show before it is released: {as_called()} gates {about}"
    return f"Release it without review with: {as_called()} promote {about} --without-review"


def read_with_progress(path: Path, ruler: Catalogue) -> AppraisalData:
    """The appraisal data of a file or folder, with a bar; faulty rows are named and left out."""
    with progress("reading") as step:
        data = read_appraisal_data(path, ruler, step)
    if data.faults:
        rows = len({fault.row for fault in data.faults})
        ERR.print(f"Left out: {counted(rows, 'row')}; the others are kept:")
        for fault in data.faults[:MOST_SHOWN]:
            ERR.print(f"- {fault.message()}", markup=False)
        if len(data.faults) > MOST_SHOWN:
            ERR.print(f"… and {len(data.faults) - MOST_SHOWN:,} more faults; see `lingji check`")
    if data.unread:
        ERR.print(
            f"Columns that {ruler.identity} does not name, not read: {', '.join(data.unread)}"
        )
    return data


def split_of(data: AppraisalData, fit_until: int | None, calibrate_until: int | None) -> TimeSplit:
    """The split that was asked for, its default being the last round to test on."""
    rounds = [int(year) for year in np.unique(data.years)]
    if calibrate_until is not None:
        earlier = [year for year in rounds if year < calibrate_until] or [calibrate_until]
        return TimeSplit(earlier[-1] if fit_until is None else fit_until, calibrate_until)
    if fit_until is not None:
        later = [year for year in rounds if year > fit_until] or [fit_until]
        return TimeSplit(fit_until, later[0])
    return TimeSplit.of(data.years)


def tune_with_progress(
    data: AppraisalData, settings: TrainingSettings, budget: SearchBudget
) -> TrainingSettings:
    """The settings as a search found them, with a bar over the heads and a line for each."""
    searches: list[Search] = []
    with progress("searching settings", len(data.catalogue.heads)) as step:

        def ended(found: Search) -> None:
            searches.append(found)
            step(1)

        tuned = tuned_settings(data, settings, budget, ended)
    for found in searches:
        ERR.print(_said_search(found), markup=False)
    return tuned


def _said_search(found: Search) -> str:
    if not found.trials:
        return f"{found.head}: too few past rounds or outcomes to search; settings kept"
    return (
        f"{found.head}: {found.trials} settings tried, forecast loss "
        f"{found.default_loss:.6g} → {found.loss:.6g} (best {found.best_loss:.6g}), "
        f"price of an explanation {found.default_price:,} → {found.price:,} splits"
    )


def train_with_progress(
    data: AppraisalData,
    settings: TrainingSettings,
    registry: Registry,
    tracking: Tracking,
    trainer: str | None = None,
) -> TrainingResult:
    """The result of a training run, with a bar over its heads."""
    steps = len(data.catalogue.heads) + _STEPS_BESIDE_HEADS
    with progress("training", steps) as step:
        result = train_and_register(data, settings, registry, tracking, lambda _: step(1), trainer)
    return result


def say_result(result: TrainingResult) -> None:
    """Write what the trained heads are worth on the rounds kept for testing."""
    table = Table("stage", "head", "n", "measure", "value", "baseline or band", box=None)
    staged = ((found.declaration.stage, found) for found in result.evaluation.values())
    for stage, found in in_order(staged):
        metrics, name = found.metrics, found.declaration.name
        at = "" if stage is None else STAGES[stage].en
        if "auc" in metrics:
            table.add_row(at, name, f"{metrics['n']:,.0f}", "AUC", f"{metrics['auc']:.3f}", "0.500")
            brier = f"{metrics['brier_constant']:.4f}"
            table.add_row("", "", "", "Brier", f"{metrics['brier']:.4f}", f"{brier} (constant)")
            continue
        if "r2" in metrics:
            table.add_row(at, name, f"{metrics['n']:,.0f}", "R²", f"{metrics['r2']:.3f}", "0.000")
        else:
            error = f"{np.expm1(metrics['mean_abs_log_error']):.1%}"
            table.add_row(at, name, f"{metrics['n']:,.0f}", "typical error", error, "")
        if "band_low" in metrics:
            band = f"{metrics['band_low']:.1%} – {metrics['band_high']:.1%}"
            table.add_row("", "", "", "coverage of range", f"{metrics['coverage']:.1%}", band)
    OUT.print(table)
    for name, reason in result.model.facts.left_out.items():
        OUT.print(f"Not learned: {name}: {reason.removeprefix(f'head {name}: ')}")
