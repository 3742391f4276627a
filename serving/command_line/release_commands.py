"""Commands about releases: list versions, release, take back, stop and resume."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from features.errors import RegistryError
from models.registry import Registry, Version
from models.release.mlflow_alias import AliasState
from models.release.release_policy import release_policy
from models.release.releasing import Candidate
from models.releases import ReleaseEntry
from serving.command_line import options
from serving.command_line.release_log import release_records
from serving.command_line.speech import ERR, FAILED, OUT, refusing, say_json, say_refusal
from serving.recording.release_record import RESUME, STOP
from training.tracking import Tracking

Json = dict[str, Any]


@refusing
def models(
    catalogue: options.Catalogue = "zero_base",
    move_alias: Annotated[
        bool,
        typer.Option("--move-alias", help="First move MLflow's alias champion to what serves."),
    ] = False,
    tracking_uri: options.TrackingUri = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """List the registered versions, which one serves, and whether that is as it was released."""
    registry = registry_of(catalogue, home)
    tracking = Tracking(home, registry.catalogue, tracking_uri)
    if move_alias:
        _move_alias(registry, tracking)
    versions = registry.versions()
    champion, refused = _serving(registry)
    entry = None if refused else registry.releases().in_service
    stopped = registry.stopped()
    alias = _alias(registry, tracking)
    if as_json:
        say_json(
            {
                "champion": champion.number if champion else None,
                "reviewed": bool(entry and entry.approval),
                "approval": entry.approval if entry else None,
                "refused": refused,
                "stopped": stopped.model_dump(mode="json") if stopped else None,
                "mlflow_alias": alias,
                "versions": [asdict(version) for version in versions],
            }
        )
    elif not versions:
        OUT.print(f"No versions of {catalogue} yet: run `lingji train` or `lingji demo`.")
    else:
        OUT.print(_listed(versions, champion, entry))
    if stopped and not as_json:
        ERR.print(f"Stopped by {stopped.by} at {stopped.made}: {stopped.reason}")
    if not as_json:
        _say_alias(alias)
    if refused:
        if not as_json:
            say_refusal(refused)
        raise typer.Exit(FAILED)


def _serving(registry: Registry) -> tuple[Version | None, str | None]:
    """The version in service, or why what is there may not serve."""
    try:
        if registry.releases().in_service is None:
            return None, None
        return registry.verified_champion()[0], None
    except RegistryError as error:
        return None, str(error)


def _listed(versions: list[Version], champion: Version | None, entry: ReleaseEntry | None) -> Table:
    table = Table("", "version", "made", "by", "digest", "run", box=None)
    for version in versions:
        serving = ""
        if champion and entry and version.number == champion.number:
            serving = "in service, reviewed" if entry.approval else "in service, not reviewed"
        number, digest = str(version.number), version.digest[:19]
        table.add_row(serving, number, version.created, version.trainer, digest, version.run)
    return table


def _alias(registry: Registry, tracking: Tracking) -> Json:
    """Where MLflow's alias is, how that stands to the releases, or why it is unknown."""
    if not registry.versions() or not tracking.in_use:
        return {"version": None, "state": AliasState.NONE, "unknown": "no runs are tracked here"}
    try:
        alias, releases = tracking.alias(), registry.releases()
    except RegistryError as error:
        return {"version": None, "state": AliasState.UNKNOWN, "unknown": str(error)}
    return {"version": alias.version, "state": alias.beside(releases), "unknown": None}


def _say_alias(alias: Json) -> None:
    if alias["state"] is AliasState.ELSEWHERE:
        at = "none of ours" if alias["version"] is None else f"version {alias['version']}"
        ERR.print(
            f"MLflow's alias champion is at {at}, which nobody released; what serves follows "
            "releases, not the alias; find out who moved it, then: lingji models --move-alias"
        )
    elif alias["state"] is AliasState.BEHIND:
        ERR.print(
            f"MLflow's alias champion is still at version {alias['version']}, which served "
            "earlier; bring it up with: lingji models --move-alias"
        )


def _move_alias(registry: Registry, tracking: Tracking) -> None:
    """Move the alias to the version in service.

    Raises:
        RegistryError: when none is in service, or MLflow does not list it or cannot be reached.
    """
    version = registry.verified_champion()[0]
    if not tracking.mark_champion(version.number):
        raise RegistryError(
            f"expected version {version.number} to be listed by MLflow in "
            f"{tracking.tracking_uri}; got no such model version"
        )


@refusing
def promote(
    number: Annotated[int, typer.Argument(metavar="N", help="The version to put into service.")],
    without_review: Annotated[
        bool,
        typer.Option(
            "--without-review",
            help="Release it without comparison, review and approval; every answer says so. "
            "Only until the first reviewed release.",
        ),
    ] = False,
    catalogue: options.Catalogue = "zero_base",
    policy: options.Policy = None,
    tracking_uri: options.TrackingUri = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Put an approved version into service, after its bundle has been tried in a child process."""
    registry = registry_of(catalogue, home)
    with release_records(records, home, "lingji promote") as kept:
        before = registry.champion()
        if without_review:
            version, approval = registry.promote(number), None
        else:
            registry.version(number)
            candidate = Candidate.of(registry, number, release_policy(policy, home))
            version, approval = candidate.promote()
        kept.add(registry.catalogue, before, version, approval)
    _released(version, registry, home, tracking_uri, as_json)


@refusing
def rollback(
    catalogue: options.Catalogue = "zero_base",
    tracking_uri: options.TrackingUri = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Put the version that served before back into service."""
    registry = registry_of(catalogue, home)
    with release_records(records, home, "lingji rollback") as kept:
        before = registry.champion()
        version = registry.rollback()
        entry = registry.releases().in_service
        digest = entry.approval if entry else None
        approval = registry.approvals.kept(digest) if digest else None
        kept.add(registry.catalogue, before, version, approval)
    _released(version, registry, home, tracking_uri, as_json)


@refusing
def stop(
    reason: Annotated[str, typer.Option("--reason", help="Why; it is recorded.")],
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Take the model out of service at once: nothing is scored until `lingji resume`."""
    registry = registry_of(catalogue, home)
    given = registry.stop(reason)  # first of all: a log that fails must not keep it in service
    with release_records(records, home, "lingji stop") as kept:
        version = _serving(registry)[0]
        kept.add_switch(STOP, registry.catalogue, version, given)
    if as_json:
        say_json({"stopped": given.model_dump(mode="json")})
        return
    OUT.print(f"The model of {registry.catalogue} is out of service; `lingji resume` ends that.")


@refusing
def resume(
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Put the model that was stopped back into service."""
    registry = registry_of(catalogue, home)
    with release_records(records, home, "lingji resume") as kept:
        given = registry.stopped()
        registry.resume()
        if given is not None:
            version = _serving(registry)[0]
            kept.add_switch(RESUME, registry.catalogue, version, given)
    if as_json:
        say_json({"stopped": None})
        return
    OUT.print(f"The model of {registry.catalogue} is in service again.")


def registry_of(catalogue: str, home: Path) -> Registry:
    """The registry of a catalogue that is named as on the command line."""
    return Registry(home, load_catalogue(catalogue).catalogue)


def _released(
    version: Version, registry: Registry, home: Path, tracking_uri: str | None, as_json: bool
) -> None:
    entry = registry.releases().in_service
    reviewed = bool(entry and entry.approval)
    why_not = "MLflow does not list this version"
    try:
        marked = Tracking(home, registry.catalogue, tracking_uri).mark_champion(version.number)
    except RegistryError as error:  # the release itself is done and stays so
        marked, why_not = False, str(error)
    if as_json:
        say_json(
            {
                "champion": version.number,
                "digest": version.digest,
                "reviewed": reviewed,
                "mlflow_alias": marked,
            }
        )
        return
    how = "reviewed" if reviewed else "without review, as every answer says"
    OUT.print(
        f"Version {version.number} of {registry.catalogue} is in service, {how} ({version.digest})."
    )
    if not marked:
        ERR.print(f"The alias champion in MLflow was not moved: {why_not}.")
