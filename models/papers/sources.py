"""Everything that the papers about a version are made from, read once and named by digest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from features.form import digest_of, form_bytes
from models.approval import FOLDER as APPROVALS
from models.approval import Approval
from models.bundle import CATALOGUE, FACTS, model_document
from models.papers.source import Source
from models.papers.statements import statements_source
from models.pilots import KEPT as PILOTS
from models.pilots import Pilots
from models.registry import Registry, Release
from models.release.comparison import FOLDER as COMPARISONS
from models.release.comparison import Comparison
from models.release.review import FOLDER as REVIEWS
from models.release.review import Review
from models.releases import FILE as RELEASES
from models.releases import ReleaseEntry


@dataclass(frozen=True)
class Sources:
    """The sources of a version's papers; None where there is none.

    release: the version, loaded, whose words and declarations the papers use. in_service: whether
    it is what the last release put into service. released: the places in `releases` at which it
    was released. log: the records of releases, the newest first; None where no log was read.
    """

    release: Release
    in_service: bool
    released: tuple[int, ...]
    version: Source
    bundle: Source
    catalogue: Source
    releases: Source | None
    approval: Source | None
    review: Source | None
    pilot: Source | None
    comparison: Source | None
    evidence: Source | None
    bureau: Source | None
    log: tuple[Source, ...] | None

    @classmethod
    def of(
        cls,
        registry: Registry,
        release: Release,
        statements: Path | None = None,
        log: Sequence[Source] | None = None,
    ) -> Sources:
        """What there is about a release in its registry.

        Args:
            statements: the file of the bureau's statements; by default the working folder's.
            log: records of releases, the newest first.

        Raises:
            FormError: when a file is of another shape.
            ReleaseAltered, ReleaseRefused: when the list of releases or an approval was altered.
        """
        number, digest = release.version.number, release.version.digest
        at = f"models/{registry.catalogue}/{number}"
        ruler = release.model.catalogue.model_dump(mode="json")
        listed = registry.releases()
        serving = listed.in_service
        released = tuple(
            place for place, entry in enumerate(listed.entries) if entry.digest == digest
        )
        approval = _approval(registry, release, [listed.entries[place] for place in released])
        comparison, evidence = _comparison(registry, release, approval)
        return cls(
            release=release,
            in_service=serving is not None and serving.digest == digest,
            released=released,
            version=_version(registry, release),
            bundle=Source("bundle", f"{at}/{FACTS}", digest, model_document(release.model)),
            catalogue=Source("catalogue", f"{at}/{CATALOGUE}", digest, ruler),
            releases=_read(registry, "releases", RELEASES) if released else None,
            approval=approval,
            review=_review(registry, release, comparison),
            pilot=_pilot(registry, release),
            comparison=comparison,
            evidence=evidence,
            bureau=statements_source(registry.root, statements),
            log=None if log is None else tuple(log),
        )

    @property
    def all(self) -> tuple[Source, ...]:
        """Every source that there is, in a fixed order."""
        found = [getattr(self, each.name) for each in fields(self)]
        return (*(each for each in found if isinstance(each, Source)), *(self.log or ()))


def _version(registry: Registry, release: Release) -> Source:
    """The version as the registry lists it."""
    numbers = [version.number for version in registry.versions()]
    number = release.version.number
    within = f"/{numbers.index(number)}" if number in numbers else ""
    file = f"models/{registry.catalogue}/versions.json"
    return Source("version", file, release.version.digest, asdict(release.version), within)


def _approval(
    registry: Registry, release: Release, entries: Sequence[ReleaseEntry]
) -> Source | None:
    """The approval of the last release with one; else the one that people are signing."""
    kept = [entry.approval for entry in entries if entry.approval is not None]
    if kept:
        registry.approvals.kept(kept[-1])
        name = f"{APPROVALS}/{kept[-1].removeprefix('sha256:')}.json"
        return _read(registry, "approval", name)
    name = f"{APPROVALS}/begun-{release.version.number}.json"
    path = registry.folder / name
    if not path.is_file() or Approval.read(path).statement.digest != release.version.digest:
        return None
    return _read(registry, "approval", name)


def _comparison(
    registry: Registry, release: Release, approval: Source | None
) -> tuple[Source | None, Source | None]:
    """The comparison that was approved, else the newest of the version; and its evidence."""
    found = []
    for path in sorted((registry.folder / COMPARISONS).glob(f"{release.version.number}-*.json")):
        if path.name.endswith(".evidence.json"):
            continue
        content = form_bytes(path)
        comparison = Comparison.parse(content, str(path))
        if comparison.challenger.digest == release.version.digest:
            approved = approval and approval.document["statement"]["comparison"]
            found.append((digest_of(content) == approved, comparison.made, path.name))
    if not found:
        return None, None
    name = max(found)[-1]
    beside = f"{name.removesuffix('.json')}.evidence.json"
    evidence = None
    if (registry.folder / COMPARISONS / beside).is_file():
        evidence = _read(registry, "evidence", f"{COMPARISONS}/{beside}")
    return _read(registry, "comparison", f"{COMPARISONS}/{name}"), evidence


def _review(registry: Registry, release: Release, comparison: Source | None) -> Source | None:
    """The newest review of the comparison."""
    if comparison is None:
        return None
    found = []
    for path in sorted((registry.folder / REVIEWS).glob(f"{release.version.number}-*.json")):
        review = Review.read(path)
        if review.comparison == comparison.digest:
            found.append((review.made, path.name))
    return _read(registry, "review", f"{REVIEWS}/{max(found)[-1]}") if found else None


def _pilot(registry: Registry, release: Release) -> Source | None:
    """The approval of the pilot that is listed, where it is this version's."""
    pilots = Pilots(registry)
    entry = pilots.entry()
    if entry is None or pilots.kept(entry.approval).statement.digest != release.version.digest:
        return None
    digits = entry.approval.removeprefix("sha256:")
    return _read(registry, "pilot", f"{APPROVALS}/{PILOTS}/{digits}.json")


def _read(registry: Registry, name: str, file: str) -> Source:
    content = form_bytes(registry.folder / file)
    document: Any = json.loads(content)
    return Source(name, f"models/{registry.catalogue}/{file}", digest_of(content), document)
