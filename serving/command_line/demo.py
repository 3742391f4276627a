"""The demonstration: an invented province, a model trained on it, one project explained."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Literal

import typer

from features.catalogue import load_catalogue
from models.appraised_project import appraised_project
from models.registry import Registry
from serving.asker import Asker
from serving.command_line import options
from serving.command_line.model_commands import (
    read_with_progress,
    say_result,
    train_with_progress,
)
from serving.command_line.printed import print_answer
from serving.command_line.speech import OUT, as_called, in_home, progress, refusing, say_json
from serving.record_address import record_address
from serving.recording.kept_rules import RulesInForce
from serving.recording.release_record import ReleaseRecords
from training.appraisal_data import AppraisalData
from training.province import simulate_province
from training.split import TimeSplit
from training.tracking import Tracking
from training.train import TrainingSettings

CATALOGUE = "zero_base"


@refusing
def demo(
    projects: Annotated[int, typer.Option(min=1_500, help="Simulated projects.")] = 12_000,
    lang: Annotated[
        Literal["zh", "en", "both"], typer.Option(help="Language of the words.")
    ] = "both",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Simulate a province, train, score one project, and leave the model in service."""
    data = _simulated(home / "demo", projects)
    settings = TrainingSettings.usual(TimeSplit.of(data.years), data.catalogue)
    registry, tracking = Registry(home, CATALOGUE), Tracking(home, CATALOGUE)
    result = train_with_progress(data, settings, registry, tracking)
    before = registry.champion()
    registry.promote(result.version.number)
    tracking.mark_champion(result.version.number)
    release = RulesInForce(home).attached(registry.champion_release())
    newest = data.where(settings.split.test(data.years)).projects[:1]
    from serving.recording.recorded_answer import recorded_answer  # it brings the database with it
    from serving.records.record_log import RecordLog

    found = appraised_project(release.model, release.model.predict(newest), 0, release.checks)
    with RecordLog.open(record_address(None, home)) as log:
        asker = Asker.at_command_line("lingji demo")
        ReleaseRecords(log, asker).add(CATALOGUE, before, release.version)
        answer = recorded_answer(release, found, log, asker)
    if as_json:
        say_json({"training": result.as_json(), "explained_score": answer})
        return
    OUT.print("\nWhat the model is worth on the last round, which it has not seen:")
    say_result(result)
    OUT.print()
    for language in ("zh", "en") if lang == "both" else (lang,):
        print_answer(answer, release.model.catalogue, language)
    program, where = as_called(), in_home(home, options.DEFAULT_HOME)
    OUT.print("\nThe model is in service, without review, as every answer says. What to do next:")
    OUT.print(f"  {program} serve{where}", "  # the API and the page, on http://127.0.0.1:8000")
    OUT.print(f"  {program} explain docs/examples/project.json --html page.html{where}")


def _simulated(folder: Path, projects: int) -> AppraisalData:
    shutil.rmtree(folder, ignore_errors=True)
    with progress("simulating an invented province", projects) as step:
        simulate_province(folder, projects)
        step(projects)
    return read_with_progress(folder, load_catalogue(CATALOGUE))
