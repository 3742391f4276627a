"""A running service follows what its checks compare projects with, such as expenditure standards.

A version that people have signed since is verified, tried on projects, and then compared with from
the next request on; where anything about it is not as it must be, the one before stays, and the
service says so in `/readyz`, in `/metrics` and in its log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.checks.checks import Checks
from features.checks.reference import Reference
from features.declared_project import DeclaredProject, parse_project
from features.errors import FormError, LingjiError, ReleaseRefused
from features.standards.errors import StandardsError
from models.duplicates.round_shelf import RoundError, RoundShelf
from models.golden import FILE as GOLDEN
from models.golden import golden_projects
from models.people import PEOPLE
from models.registry import Registry, Release
from models.standards.shelf import Shelf
from serving.example import least_project
from serving.file_state import FileState, file_state
from serving.office import Office
from serving.recording.kept_reference import duplicates_in_force, standards_in_force, today
from serving.service_state import REFERENCE_KINDS
from serving.wording.envelope import encoded
from serving.wording.findings import check_told, findings_told
from serving.wording.line_standards import standards_told

logger = logging.getLogger("lingji.serving")

AGAIN_SECONDS = 60.0
"""After so long what was refused is looked at again, though no file has changed."""
_CODES: Mapping[type[LingjiError], str] = {
    StandardsError: "altered",
    RoundError: "altered",
    FormError: "altered",
    ReleaseRefused: "not_approved",
}
_IN_FORCE: Mapping[str, Callable[[Path, Catalogue], Any]] = {
    "standards": standards_in_force,
    "duplicates": duplicates_in_force,
}
"""What is in force of each kind of reference data, verified."""


class ReferenceUnfit(LingjiError):
    """Reference data that projects cannot be checked with."""


class ReferenceFollower:
    """Brings the reference data in force to the office."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._seen: tuple[date, Sequence[FileState]] | None = None
        self._again_at = 0.0

    def look(self, office: Office) -> None:
        """Take over what came into force since the last look; nothing is raised."""
        desk = office.desk
        release, refused = desk.release, desk.state.refused_reference
        if desk.rules is None or release.checks is None:
            return
        seen = (today(), self._files())
        if seen == self._seen and not (refused and time.monotonic() >= self._again_at):
            return
        self._seen = seen
        checks = release.checks
        for kind in REFERENCE_KINDS:
            try:
                checks = self._taken(kind, release, checks)
                refused.pop(kind, None)
            except Exception as error:
                codes = (code for each, code in _CODES.items() if isinstance(error, each))
                unfit = "unfit" if isinstance(error, ReferenceUnfit) else "other"
                refused[kind] = next(codes, unfit)
                self._again_at = time.monotonic() + AGAIN_SECONDS
                told = error if isinstance(error, LingjiError) else type(error).__name__
                logger.error("the newest %s are not taken, those before stay: %s", kind, told)
        if checks is not release.checks:
            office.serve(replace(release, checks=checks))
        desk.metrics.reference_refused(refused)

    def _taken(self, kind: str, release: Release, checks: Checks) -> Checks:
        """The checks with what is in force of a kind, which was tried; the same where it is so.

        Raises:
            LingjiError: when it is not what was signed, or projects cannot be checked with it.
        """
        catalogue, now = release.model.catalogue, getattr(checks.reference, kind)
        found = _IN_FORCE[kind](self._registry.root, catalogue)
        if (found and found.digest) == (now and now.digest):
            return checks
        changed = checks.comparing(replace(checks.reference, **{kind: found}))
        _try(changed, self._projects(release))
        logger.info("%s: %s from now on", kind, found and found.digest)
        return changed

    def _projects(self, release: Release) -> list[DeclaredProject]:
        """What is tried on: the golden projects of the release, or else the least one there is."""
        catalogue = release.model.catalogue
        golden = self._registry.folder / str(release.version.number) / GOLDEN
        kept = golden_projects(golden.read_bytes(), catalogue) if golden.is_file() else []
        return kept or [parse_project(least_project(catalogue), catalogue)]

    def _files(self) -> list[FileState]:
        root, catalogue = self._registry.root, self._registry.catalogue
        shelves = [*Shelf(root, catalogue).files(), *RoundShelf(root, catalogue).files()]
        paths = [root / PEOPLE, *shelves]
        return [file_state(path) for path in paths]


def _try(checks: Checks, projects: Sequence[DeclaredProject]) -> None:
    """Return when projects can be checked, and what is found of them told.

    Raises:
        ReferenceUnfit: otherwise.
    """
    try:
        for project in projects:
            checked = checks.checked(project)
            told: list[Any] = [check_told(each) for each in checked.results]
            told += findings_told(checked)
            if checked.standards is not None:
                told.append(standards_told(checked.standards, None))
            encoded(told, finite=True)
    except Exception as error:
        raise ReferenceUnfit(
            f"expected reference data that projects can be checked with; got {type(error).__name__}"
        ) from error


def in_service(reference: Reference) -> dict[str, Any]:
    """Which reference data is compared with, for `/readyz`."""
    standards = reference.standards
    return {
        "standards": None
        if standards is None
        else {"version": standards.library.version, "digest": standards.digest},
        "duplicates": [
            {"year": each.year, "version": each.version, "digest": each.digest}
            for each in (() if reference.duplicates is None else reference.duplicates.rounds)
        ],
    }
