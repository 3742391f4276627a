"""lingji pilot: a challenger that serves named regions until a day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from features.catalogue import load_catalogue
from features.errors import ReleaseRefused
from models.people import PersonKey
from models.pilot import PilotStatement, Regions
from models.pilots import Pilots
from models.registry import Registry
from models.release.piloting import PilotCandidate, end_of
from models.release.release_policy import release_policy
from models.release.releasing import Candidate
from serving.command_line import options
from serving.command_line.approval_commands import reasons_given
from serving.command_line.release_commands import registry_of
from serving.command_line.release_log import release_records
from serving.command_line.speech import (
    OUT,
    counted,
    refusing,
    say_json,
)

PILOT = typer.Typer(
    help="A challenger that serves named regions until a day, approved by two people.\n\n"
    "试点运行：经二人批准，候选模型在指定区域、限期内使用。",
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(metavar="N", help="The version.")]
Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="INDICATOR=CODES",
        help="Which projects: region_code=330106,3302* for example; * stands for the rest.",
    ),
]
Json = dict[str, Any]


@PILOT.command(name="approve")
@refusing
def pilot_approve(
    number: Number,
    where: Annotated[str, typer.Option("--where", metavar="INDICATOR=CODES")],
    until: Annotated[
        datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day of the pilot.")
    ],
    key: Annotated[
        Path,
        typer.Option("--key", envvar="LINGJI_PERSON_KEY", help="Your private key's file."),
    ],
    waive: Annotated[
        list[str] | None,
        typer.Option(
            "--waive",
            metavar="NAME=REASON",
            help="A failed verdict that shall not stand in the way, and why.",
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin again, without the signatures that are there.")
    ] = False,
    catalogue: options.Catalogue = "zero_base",
    policy: options.Policy = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Sign that a version may serve some regions until a day; two people must, not the trainer."""
    registry = registry_of(catalogue, home)
    candidate = Candidate.of(registry, number, release_policy(policy, home))
    regions = Regions.of(where)
    regions.require_in(load_catalogue(catalogue))
    pilot = PilotCandidate(candidate, regions, end_of(until.date()))
    names = [verdict.name for verdict in candidate.verdicts()]
    signed = pilot.approve(PersonKey.load(key), reasons_given(waive or [], names), anew)
    people = [signature.person for signature in signed.signatures]
    missing = max(signed.statement.approvers - len(people), 0)
    if as_json:
        say_json({**_told(signed.statement), "signatures": people, "missing": missing})
        return
    OUT.print(f"Approved by {' and '.join(people)}: {_terms(signed.statement)}.")
    if missing:
        OUT.print(f"Still needed: {counted(missing, 'signature')}.")


@PILOT.command(name="start")
@refusing
def pilot_start(
    number: Number,
    where: Where = None,
    catalogue: options.Catalogue = "zero_base",
    policy: options.Policy = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Let an approved version serve the regions that were signed; others stay as they are."""
    registry = registry_of(catalogue, home)
    candidate = Candidate.of(registry, number, release_policy(policy, home))
    pilot = PilotCandidate.begun(candidate)
    if where is not None and Regions.of(where) != pilot.regions:
        raise ReleaseRefused(f"expected the regions that were signed, {pilot.regions}; got {where}")
    with release_records(records, home, "lingji pilot start") as kept:
        _, approval = pilot.start()
        said = {
            "approval": approval.model_dump(mode="json"),
            "approval_digest": approval.file_digest,
        }
        version = candidate.case.version
        kept.add_beside("pilot_start", registry.catalogue, version, said)
    if as_json:
        say_json({"pilot": _told(approval.statement)})
        return
    OUT.print(f"In force: {_terms(approval.statement)}.")


@PILOT.command(name="stop")
@refusing
def pilot_stop(
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """End the pilot at once: the model in service answers for all regions again."""
    registry = registry_of(catalogue, home)
    with release_records(records, home, "lingji pilot stop") as kept:
        approval = Pilots(registry).stop()
        version = registry.version(approval.statement.version)
        said = {"approval_digest": approval.file_digest}
        kept.add_beside("pilot_stop", registry.catalogue, version, said)
    if as_json:
        say_json({"pilot": None})
        return
    OUT.print(f"The pilot of version {version.number} has ended.")


@PILOT.command(name="status")
@refusing
def pilot_status(
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say which version serves which regions until when; exit code 1 when it may not."""
    approval = _in_force(registry_of(catalogue, home))
    if as_json:
        say_json({"pilot": _told(approval) if approval else None})
    else:
        OUT.print(f"In force: {_terms(approval)}." if approval else "No pilot is in force.")


def _in_force(registry: Registry) -> PilotStatement | None:
    approval = Pilots(registry).in_force()
    return None if approval is None else approval.statement


def _terms(statement: PilotStatement) -> str:
    return f"version {statement.version} serves {statement.regions} until {statement.until}"


def _told(statement: PilotStatement) -> Json:
    return {
        "version": statement.version,
        "digest": statement.digest,
        "regions": statement.regions.model_dump(mode="json"),
        "until": statement.until,
    }
