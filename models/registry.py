"""The registry: numbered versions of a catalogue's model, and which of them serves.

Layout under the working folder: `models/<catalogue>/<version>/` is a bundle, `versions.json` lists
the digests registered, `champion.json` the releases and `approvals/` what allowed them. A bundle
whose digest is not listed is never parsed, and what serves has an approval whose signatures hold or
is marked as released without review.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from features.checks.checks import Checks
from features.errors import FormError, ModelStopped, RegistryError, ReleaseAltered, ReleaseRefused
from models import stop as switch
from models.approval import Approval
from models.approvals import Approvals
from models.bundle import bundle_digest, load_bundle
from models.model import Model
from models.people import account, now
from models.releases import FILE as RELEASES
from models.releases import ReleaseEntry, Releases, Way
from models.stop import Stop
from models.version import Version

__all__ = ["Registry", "Release", "Version"]

_LOCK_PATIENCE = 10.0


@dataclass(frozen=True)
class Release:
    """A version, loaded and verified.

    reviewed: whether it was released with an approval. pilot: the digest of the approval by which
    it serves some regions only; "" for one that serves everywhere. checks: the rules that its
    projects are checked by, where there are any; they are the bureau's, and no part of the version.
    """

    version: Version
    model: Model
    reviewed: bool = False
    pilot: str = ""
    checks: Checks | None = None


@dataclass(frozen=True)
class Registry:
    """The versions of one catalogue's model in a working folder."""

    root: Path
    catalogue: str

    @cached_property
    def folder(self) -> Path:
        """Where the versions are."""
        return self.root / "models" / self.catalogue

    @property
    def approvals(self) -> Approvals:
        """What allowed its releases."""
        return Approvals(self.root, self.catalogue, self.folder)

    def versions(self) -> list[Version]:
        """Every registered version, oldest first."""
        listed = self._read()
        try:
            return [Version(**entry) for entry in listed]
        except TypeError as error:
            path = self.folder / "versions.json"
            raise RegistryError(f"expected a list of versions in {path}; got {error}") from error

    def version(self, number: int) -> Version:
        """The version of that number.

        Raises:
            RegistryError: when there is none.
        """
        for version in self.versions():
            if version.number == number:
                return version
        have = ", ".join(str(v.number) for v in self.versions()) or "none"
        raise RegistryError(f"expected a version of {self.catalogue} ({have}); got {number}")

    def register(self, bundle: Path, created: str, run: str = "", trainer: str = "") -> Version:
        """The new version made from a bundle, whose files are moved into the registry."""
        with self.locked():
            known = self.versions()
            number = 1 + max([version.number for version in known] + self._folders(), default=0)
            version = Version(number, bundle_digest(bundle), created, run, trainer)
            shutil.move(str(bundle), self.folder / str(number))
            listed = json.dumps([asdict(entry) for entry in [*known, version]], indent=1)
            self.write("versions.json", listed.encode())
        return version

    def releases(self) -> Releases:
        """The releases so far.

        Raises:
            ReleaseAltered: when something else than a release changed the list.
        """
        return Releases.of(self.folder)

    def champion(self) -> Version | None:
        """The version that the last release put into service; None before the first.

        Raises:
            ReleaseAltered: when the list of releases, or of versions, is not as it was written.
        """
        entry = self.releases().in_service
        return None if entry is None else self._version_of(entry)

    def promote(self, number: int, approval: Approval | None = None, by: str = "") -> Version:
        """The version put into service.

        Without an approval it is a release without review, which everything it answers says; that
        ends with the first reviewed release.

        Raises:
            ReleaseRefused: when it needs an approval, or the one given does not allow this release,
                such as one that another release has overtaken.
            BundleError: when its files are not what was registered.
        """
        with self.locked():
            version, releases = self.version(number), self.releases()
            entry = self._allowed(version, approval, releases, by or account())
            self._load(version)
            if entry is not None:
                if approval is not None:
                    self.approvals.keep(approval)
                self.write(RELEASES, releases.followed_by(entry).to_bytes(self.folder))
        return version

    def _allowed(
        self, version: Version, approval: Approval | None, releases: Releases, by: str
    ) -> ReleaseEntry | None:
        """The entry of a release that may be made; None where the version serves already."""
        serving = releases.in_service
        if approval is None:
            if serving is not None and serving.approval is not None:
                raise ReleaseRefused(
                    f"expected an approval of version {version.number}, since what serves has been "
                    f"reviewed; got none; see `lingji gates {version.number}`"
                )
            if serving is not None and serving.version == version.number:
                return None
        else:
            self.approvals.require_meant(approval, version, releases)
        digest = approval.file_digest if approval else None
        return ReleaseEntry(
            version=version.number,
            digest=version.digest,
            way=Way.PROMOTE,
            approval=digest,
            made=now(),
            by=by,
        )

    def rollback(self, by: str = "") -> Version:
        """The version that served before, back in service.

        Raises:
            RegistryError: when no other version served before.
        """
        with self.locked():
            releases = self.releases()
            entry = releases.before
            if entry is None:
                raise RegistryError(
                    f"expected an earlier release of {self.catalogue}; got "
                    f"{'one release only' if releases.in_service else 'none'}; use promote"
                )
            version = self._version_of(entry)
            self._load(version)
            back = {"way": Way.ROLLBACK, "made": now(), "by": by or account()}
            after = releases.followed_by(entry.model_copy(update=back))
            self.write(RELEASES, after.to_bytes(self.folder))
        return version

    def stop(self, reason: str, by: str = "") -> Stop:
        """The stop that takes the model out of service at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        given = Stop(reason=reason, by=by or account(), made=now())
        switch.stop(self.folder, given)
        return given

    def resume(self) -> None:
        """Put the model back into service.

        Raises:
            RegistryError: when it is not stopped.
        """
        switch.resume(self.folder)

    def stopped(self) -> Stop | None:
        """The stop in force, if there is one."""
        return switch.stop_of(self.folder)

    def release(self, number: int | None = None) -> Release:
        """The version in service, or the one of that number, verified and loaded.

        One that is asked for by its number need not be in service, nor have been released: whoever
        audits makes again what it said.

        Raises:
            RegistryError: when nothing is in service, or there is no such version.
            ModelStopped: when what is in service was stopped.
            ReleaseAltered, ReleaseRefused: when what is in service was not released, or its
                approval does not hold.
            BundleError: when its files are not what was registered.
        """
        if number is None:
            stopped = self.stopped()
            if stopped is not None:
                raise ModelStopped(
                    f"expected a model of {self.catalogue} in service; {stopped.by} stopped it at "
                    f"{stopped.made}: {stopped.reason}; `lingji resume` puts it back"
                )
            return self.champion_release()
        version = self.version(number)
        return Release(version, self._load(version), self._reviewed(version))

    def champion_release(self) -> Release:
        """What is in service, though it may be stopped, verified and loaded.

        Raises:
            RegistryError and BundleError: as `release` has it.
        """
        version, reviewed = self.verified_champion()
        return Release(version, self._load(version), reviewed)

    def verified_champion(self) -> tuple[Version, bool]:
        """The version in service, and whether it was reviewed; its files are not looked at.

        Raises:
            RegistryError: as `release` has it.
        """
        entry = self.releases().in_service
        if entry is None:
            raise RegistryError(
                f"expected a model of {self.catalogue} in service; got none; "
                "run `lingji train`, then `lingji promote`, or `lingji demo`"
            )
        version = self._version_of(entry)
        if entry.approval is not None:
            self.approvals.require(self.approvals.kept(entry.approval), version)
        return version, entry.approval is not None

    def _reviewed(self, version: Version) -> bool:
        """Whether the last release of a version, if any, was one with an approval that holds.

        Where that cannot be shown it was not; what was recorded of the version can be made again.
        """
        try:
            released = [e for e in self.releases().entries if e.digest == version.digest]
            if not released or released[-1].approval is None:
                return False
            self.approvals.require(self.approvals.kept(released[-1].approval), version)
        except (RegistryError, FormError):
            return False
        return True

    def _version_of(self, entry: ReleaseEntry) -> Version:
        version = self.version(entry.version)
        if version.digest != entry.digest:
            raise ReleaseAltered(
                f"expected version {entry.version} of digest {entry.digest}, as it was released; "
                f"got {version.digest}: versions.json was changed by something else"
            )
        return version

    def _load(self, version: Version) -> Model:
        return load_bundle(self.folder / str(version.number), version.digest)

    def _folders(self) -> list[int]:
        """The numbers of the folders that are there, registered or left by a crash."""
        return [int(path.name) for path in self.folder.iterdir() if path.name.isdecimal()]

    def _read(self) -> list[Any]:
        """The list of versions; empty where there is no file."""
        path = self.folder / "versions.json"
        if not path.is_file():
            return []
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RegistryError(f"expected JSON in {path}; got {error}") from error
        if not isinstance(content, list):
            kind = type(content).__name__
            raise RegistryError(f"expected a list of versions in {path}; got a {kind}")
        return content

    def write(self, name: str, content: bytes) -> None:
        """Replace a file in one step, so that a reader sees the old one or the new one."""
        path = self.folder / name
        waiting = path.with_suffix(".new")
        with waiting.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(waiting, path)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the registry's lock file; two writers never work at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "lock"
        until = time.monotonic() + _LOCK_PATIENCE
        while True:
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError as error:
                if time.monotonic() > until:
                    raise RegistryError(
                        f"expected to hold {path}; another process holds it; if none is running, "
                        "delete the file"
                    ) from error
                time.sleep(0.05)
        try:
            yield
        finally:
            path.unlink()
