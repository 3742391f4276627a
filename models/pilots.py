"""The pilot of a catalogue as the registry keeps it: what allows it, since when, and whether still.

`pilot.json` names the approval in force; `approvals/pilots/` keeps every approval that ever was, so
that what a pilot answered can be told from what it may not have answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from features.errors import FormError, RegistryError, ReleaseRefused
from features.form import Digest, Form, Moment
from models.approval import FOLDER
from models.bundle import CATALOGUE
from models.people import Name, People, account, now
from models.pilot import PilotApproval, PilotStatement, RegionReader
from models.registry import Registry, Release, Version

FILE = "pilot.json"
KEPT = "pilots"


class PilotEntry(Form):
    """Which approval is in force, by whose hand and since when."""

    approval: Digest
    by: Name
    made: Moment


@dataclass(frozen=True)
class PilotRelease:
    """A version that serves some regions, loaded and verified, and what it serves."""

    release: Release
    approval: PilotApproval
    regions: RegionReader

    @property
    def statement(self) -> PilotStatement:
        """What was signed for it."""
        return self.approval.statement

    def attached(self, attach: Callable[[Release], Release]) -> PilotRelease:
        """The same with what `attach` gives a release, such as the rules in force."""
        return replace(self, release=attach(self.release))

    def serves(self, document: object, champion: Release, at: datetime | None = None) -> bool:
        """Whether it answers for a document's project: beside the champion that was meant only."""
        return (
            champion.version.digest == self.statement.replaces.digest
            and not self.statement.over(at)
            and self.regions.holds(document)
        )


@dataclass(frozen=True)
class Pilots:
    """The pilot of one catalogue's model; one at a time."""

    registry: Registry

    def begun(self, number: int) -> PilotApproval | None:
        """The approval of a version's pilot as it has been signed so far; None where nobody has."""
        path = self._begun(number)
        return PilotApproval.read(path) if path.is_file() else None

    def keep_begun(self, approval: PilotApproval) -> None:
        """Keep an approval that is still being signed."""
        approval.save(self._begun(approval.statement.version))

    def entry(self) -> PilotEntry | None:
        """What is in force; None where nothing is."""
        path = self.registry.folder / FILE
        return PilotEntry.read(path) if path.is_file() else None

    def start(self, approval: PilotApproval, by: str = "") -> PilotEntry:
        """The entry of a pilot that is in force from now on, in place of another.

        Raises:
            ReleaseRefused: when its approval does not allow it, or it has ended.
        """
        self._require(approval)
        approval.save(self._path(approval.file_digest))
        entry = PilotEntry(approval=approval.file_digest, by=by or account(), made=now())
        self.registry.write(FILE, entry.to_bytes())
        return entry

    def stop(self) -> PilotApproval:
        """The approval that is no longer in force.

        Raises:
            RegistryError: when none is.
        """
        entry = self.entry()
        if entry is None:
            raise RegistryError("expected a pilot; got none")
        (self.registry.folder / FILE).unlink(missing_ok=True)
        return self.kept(entry.approval)

    def in_force(self, at: datetime | None = None) -> PilotApproval | None:
        """The approval in force; None where none is, or the pilot has ended.

        Raises:
            ReleaseRefused: when what is there does not allow a pilot now.
            FormError: when it is of another shape.
        """
        entry = self.entry()
        if entry is None:
            return None
        approval = self.kept(entry.approval)
        if approval.statement.over(at):
            return None
        self._require(approval)
        return approval

    def release(self) -> PilotRelease | None:
        """The version that serves some regions now, verified and loaded; None where none does.

        Raises:
            ReleaseRefused: when what is there does not allow a pilot now.
            BundleError: when its files are not what was registered.
        """
        approval = self.in_force()
        return None if approval is None else self.loaded(approval)

    def loaded(self, approval: PilotApproval) -> PilotRelease:
        """The version of an approval, to serve its regions.

        Raises:
            ReleaseRefused: when its catalogue has no such regions.
            BundleError: when its files are not what was registered.
        """
        statement = approval.statement
        release = self.registry.release(statement.version)
        statement.regions.require_in(release.model.catalogue)
        served = replace(release, reviewed=True, pilot=approval.file_digest)
        reader = RegionReader(statement.regions, release.model.catalogue)
        return PilotRelease(served, approval, reader)

    def allowed(self, digest: str, version: Version) -> bool:
        """Whether the approval of that digest once allowed a pilot of the version."""
        try:
            approval = self.kept(digest)
            approval.require_complete(People.of(self.registry.root), version.digest)
        except (RegistryError, FormError):
            return False
        return True

    def kept(self, digest: str) -> PilotApproval:
        """The approval of that digest.

        Raises:
            ReleaseRefused: when it is not there, or was altered.
        """
        path = self._path(digest)
        if not path.is_file():
            raise ReleaseRefused(f"expected the approval {digest} in {path}; got no file")
        approval = PilotApproval.read(path)
        if approval.file_digest != digest:
            raise ReleaseRefused(f"expected {path} unaltered; got {approval.file_digest}")
        return approval

    def _require(self, approval: PilotApproval) -> None:
        """Return when an approval allows a pilot now.

        Raises:
            ReleaseRefused: otherwise.
        """
        statement, serving = approval.statement, self.registry.champion()
        version = self.registry.version(statement.version)
        meant = (statement.catalogue, statement.trainer)
        if meant != (self.registry.catalogue, version.trainer):
            raise ReleaseRefused(
                f"expected an approval of version {version.number} of {self.registry.catalogue}, "
                f"trained by {version.trainer}; got one of {meant[0]}, by {meant[1]}"
            )
        if serving is None or serving.digest != statement.replaces.digest:
            raise ReleaseRefused(
                f"expected a pilot beside what serves now; got one approved beside "
                f"{statement.replaces.digest}: another release came between; compare and approve "
                "it again"
            )
        if self._catalogue(version) != self._catalogue(serving):
            raise ReleaseRefused(
                "expected a pilot with the catalogue of what serves, by which documents are read; "
                "got another; release it everywhere instead"
            )
        if statement.over():
            raise ReleaseRefused(
                f"expected a pilot that has not ended; it did at {statement.until}"
            )
        approval.require_complete(People.of(self.registry.root), version.digest)

    def _catalogue(self, version: Version) -> bytes:
        """The catalogue of a version; whether it is what was registered is seen on loading."""
        try:
            return (self.registry.folder / str(version.number) / CATALOGUE).read_bytes()
        except OSError as error:
            raise ReleaseRefused(
                f"expected the files of version {version.number}; got: {error.strerror}"
            ) from error

    def _begun(self, number: int) -> Path:
        return self.registry.folder / FOLDER / f"begun-pilot-{number}.json"

    def _path(self, digest: str) -> Path:
        return self.registry.folder / FOLDER / KEPT / f"{digest.removeprefix('sha256:')}.json"
