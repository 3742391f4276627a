"""The command that looks at what has become of the model in service: lingji monitor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer
from rich.table import Table

from features.catalogue import Catalogue, load_catalogue
from features.errors import TrainingError
from features.head_declaration import HeadKind
from features.operations import Numbers
from models.monitoring.alerts import Level
from models.monitoring.forecasts import Outcomes
from models.monitoring.monitoring_policy import monitoring_policy
from serving.command_line import options
from serving.command_line.audit_commands import opened_reader
from serving.command_line.release_commands import registry_of
from serving.command_line.speech import FAILED, OUT, counted, progress, refusing, say_json
from training.gathered_outcomes import gather
from training.outcome_store import OutcomeStore
from training.targets import target

Json = dict[str, Any]


@refusing
def monitor_(
    fail_on: Annotated[
        Literal["note", "warn", "alarm"],
        typer.Option("--fail-on", help="From which level of alert the exit code is 1."),
    ] = "alarm",
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            help="When to alert (YAML); default: monitoring.yaml in the working folder, or the "
            "policy that ships.",
        ),
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say what has moved since the model was made, what came of what it promised, what to do."""
    # The database costs time to import.
    from serving.monitoring.monitor import monitor, worst

    ruler, registry = load_catalogue(catalogue), registry_of(catalogue, home)
    release, rules = registry.champion_release(), monitoring_policy(policy, home)
    outcomes = outcomes_of(OutcomeStore(home, ruler))
    with opened_reader(records, home) as log, progress("reading answers") as step:
        report = monitor(release, log, home, rules, outcomes, progress=step)
    if as_json:
        say_json(report)
    else:
        _print(report)
    level, order = worst(report), list(Level)
    if level is not None and order.index(level) >= order.index(Level(fail_on)):
        raise typer.Exit(FAILED)


def outcomes_of(store: OutcomeStore) -> Outcomes:
    """The outcomes that count at present, on each head's additive scale.

    Raises:
        OutcomeStoreError: when a contribution is not as it came.
    """
    try:
        data = gather(store).data
    except TrainingError:  # nobody has handed any in
        return Outcomes({}, {})
    rows = {(p.project_id, p.year): place for place, p in enumerate(data.projects)}
    values = {}
    for head in data.catalogue.heads:
        try:
            values[head.name] = _additive(data.catalogue, head.name, target(head, data.outcomes))
        except TrainingError:  # of this head there are none
            continue
    known = np.zeros(len(rows), dtype=bool)
    for column in values.values():
        known |= ~np.isnan(column)
    return Outcomes({key: at for key, at in rows.items() if known[at]}, values)


def _additive(catalogue: Catalogue, head: str, outcome: Numbers) -> Numbers:
    if catalogue.head(head).kind is not HeadKind.AMOUNT:
        return outcome
    with np.errstate(divide="ignore"):
        return np.log(outcome)


def _print(report: Json) -> None:
    from serving.monitoring.alert_words import alert_said, reason_said, todo

    answers = report["answers"]
    OUT.print(
        f"Version {report['model']['version']} of {report['catalogue']}: "
        f"{counted(answers['read'], 'answer')} about {counted(answers['projects'], 'project')} "
        f"since {report['window']['since'][:10]}"
    )
    table = Table("level", "alert", "what to do", box=None)
    for alert in report["alerts"]:
        table.add_row(alert["level"], alert_said(alert, "en"), todo(alert, "en"))
    OUT.print(table if report["alerts"] else "Nothing to look into.")
    forecasts = Table("round", "forecast", "estimated", "came", "of", "off by", box=None)
    for each in report["forecasts"]:
        realised = each["realised"]
        off = "" if realised is None else f"{each['standard_errors']:+.1f} standard errors"
        forecasts.add_row(
            str(each["round"]),
            f"{each['head']} {each['measure']}",
            f"{each['estimate']['value']:.1%} ± {each['estimate']['error']:.1%}",
            "" if realised is None else f"{realised['value']:.1%}",
            "" if realised is None else f"{realised['m']:,}",
            off,
        )
    if report["forecasts"]:
        OUT.print(forecasts)
    for reason in report["retraining_due"]:
        OUT.print(f"Retraining is due: {reason_said(reason, 'en')}")
