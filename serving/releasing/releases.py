"""Which releases there are: what serves, since when, by whose approval, and what waits."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from features.errors import FormError, LingjiError, ReleaseAltered
from features.form import digest_of
from models.registry import Registry, Version
from models.release.comparison import comparison_path
from models.release.mlflow_alias import Alias, AliasState, alias_of
from models.release.releasing import begun_approval
from models.release.review import newest_review
from models.releases import ReleaseEntry, Releases
from serving.inquiry import Desk
from serving.recording.last_release import release_recorded
from serving.recording.score_record import model_named
from serving.wording.envelope import Json


def registry_of(desk: Desk) -> Registry:
    """The registry whose releases the service follows, or would follow."""
    return desk.state.registry or Registry(desk.home, desk.release.model.catalogue.catalogue)


def releases_told(desk: Desk) -> Json:
    """What GET /releases says.

    Raises:
        LingjiError: when the list of versions cannot be read.
        RecordsError: when the log cannot be read.
    """
    registry = registry_of(desk)
    try:
        releases, refused = registry.releases(), _refused(registry)
    except ReleaseAltered:
        releases, refused = Releases(), "altered"
    serving, stopped = releases.in_service, registry.stopped()
    alias = alias_of(registry.root, registry.catalogue)
    answering = model_named(desk.release)
    return {
        "catalogue": registry.catalogue,
        "answering": {name: answering[name] for name in ("version", "digest", "reviewed")},
        # The last release put it there, though it may be a return to an earlier one.
        "in_service": _told(registry, len(releases), releases.entries[-1]) if serving else None,
        "refused": refused,
        "stopped": None if stopped is None else stopped.model_dump(mode="json"),
        "may_return": None if releases.before is None else releases.before.version,
        "releases": [
            _told(registry, place, entry)
            for place, entry in reversed(list(enumerate(releases.entries, start=1)))
        ],
        "versions": [_version(registry, each, serving) for each in reversed(registry.versions())],
        "release_record": release_recorded(desk.records, registry.catalogue, releases),
        "mlflow_alias": _alias(alias, releases),
    }


def _refused(registry: Registry) -> str | None:
    """Why what the list has in service may not serve, in a word; None where it may."""
    if registry.releases().in_service is None:
        return None
    try:
        registry.verified_champion()
    except ReleaseAltered:
        return "altered"
    except LingjiError:
        return "not_approved"
    return None


def _told(registry: Registry, place: int, entry: ReleaseEntry) -> Json:
    return {
        "release": place,
        "version": entry.version,
        "digest": entry.digest,
        "way": entry.way.value,
        "since": entry.made,
        "by": entry.by,
        "reviewed": entry.approval is not None,
        "approval": entry.approval,
        "approved_by": _signers(registry, entry.approval),
    }


def _signers(registry: Registry, approval: str | None) -> list[str]:
    """Who signed an approval; nobody where it is not there or not what was kept."""
    if approval is None:
        return []
    try:
        return [each.person for each in registry.approvals.kept(approval).signatures]
    except LingjiError:
        return []


def _version(registry: Registry, version: Version, serving: ReleaseEntry | None) -> Json:
    """A version, and how far it is on its way to a release that replaces what serves."""
    path = comparison_path(registry.folder, version.number, serving.version if serving else None)
    about = asdict(version)
    return {
        "version": about.pop("number"),
        **about,
        "compared": path.is_file(),
        "review": _conclusion(registry, version, path),
        "signatures": _signatures(registry, version),
    }


def _conclusion(registry: Registry, version: Version, comparison: Path) -> str | None:
    """What the newest review of its comparison with what serves concludes."""
    try:
        digest = digest_of(comparison.read_bytes())
        review = newest_review(registry.folder, version.number, digest)
    except (OSError, FormError):
        return None
    return None if review is None else review.conclusion.value


def _signatures(registry: Registry, version: Version) -> int:
    """How many have signed the approval that is begun."""
    try:
        begun = begun_approval(registry, version.number)
    except FormError:
        return 0
    return 0 if begun is None else len(begun.signatures)


def _alias(alias: Alias, releases: Releases) -> Json:
    state: AliasState = alias.beside(releases)
    return {"version": alias.version, "state": state, "unknown": alias.unknown}
