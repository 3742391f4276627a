"""The approvals kept beside a catalogue's releases, and what each must be to allow one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from features.errors import ReleaseRefused
from models.approval import FOLDER, Approval
from models.people import People
from models.releases import Releases
from models.version import Version


@dataclass(frozen=True)
class Approvals:
    """The approvals of one catalogue's releases, in files named by their digests.

    home: the working folder, which lists the people. folder: the catalogue's, in the registry.
    """

    home: Path
    catalogue: str
    folder: Path

    def keep(self, approval: Approval) -> None:
        """Keep an approval under its digest."""
        approval.save(self._path(approval.file_digest))

    def kept(self, digest: str) -> Approval:
        """The approval of that digest.

        Raises:
            ReleaseRefused: when it is not there, or was altered.
        """
        path = self._path(digest)
        if not path.is_file():
            raise ReleaseRefused(f"expected the approval {digest} in {path}; got no file")
        approval = Approval.read(path)
        if approval.file_digest != digest:
            raise ReleaseRefused(f"expected {path} unaltered; got {approval.file_digest}")
        return approval

    def require_meant(self, approval: Approval, version: Version, releases: Releases) -> None:
        """Return when an approval allows to release the version now.

        Raises:
            ReleaseRefused: when it does not, or is of a comparison with what no longer serves.
        """
        replaces, serving = approval.statement.replaces, releases.in_service
        if (replaces.releases, replaces.digest) != (
            len(releases),
            serving.digest if serving else None,
        ):
            raise ReleaseRefused(
                f"expected an approval that was compared with what serves now, after release "
                f"{len(releases)}; got one compared after release {replaces.releases}: another "
                "release came between; compare and approve again"
            )
        self.require(approval, version)

    def require(self, approval: Approval, version: Version) -> None:
        """Return when an approval is complete, of the version, and of nothing else.

        Raises:
            ReleaseRefused: otherwise.
        """
        statement = approval.statement
        meant = (statement.catalogue, statement.version, statement.trainer)
        if meant != (self.catalogue, version.number, version.trainer):
            raise ReleaseRefused(
                f"expected an approval of version {version.number} of {self.catalogue}, trained by "
                f"{version.trainer}; got one of version {meant[1]} of {meant[0]}, by {meant[2]}"
            )
        approval.require_complete(People.of(self.home), version.digest)

    def _path(self, digest: str) -> Path:
        return self.folder / FOLDER / f"{digest.removeprefix('sha256:')}.json"
