"""The registry: numbered versions of a catalogue's model, and which of them serves.

Layout under the working folder: `models/<catalogue>/<version>/` is a bundle, `versions.json` lists
the digests approved when they were registered, and `champion.json` names the version that serves.
A bundle whose digest is not listed is never parsed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from features.errors import RegistryError
from models.bundle import bundle_digest, load_bundle
from models.model import Model

_LOCK_PATIENCE = 10.0


@dataclass(frozen=True)
class Version:
    """A registered version: its number, its bundle's digest, when, and from which run."""

    number: int
    digest: str
    created: str
    run: str = ""


@dataclass(frozen=True)
class Release:
    """A version in service, loaded and verified."""

    version: Version
    model: Model


@dataclass(frozen=True)
class Registry:
    """The versions of one catalogue's model in a working folder."""

    root: Path
    catalogue: str

    @property
    def folder(self) -> Path:
        """Where the versions are."""
        return self.root / "models" / self.catalogue

    def versions(self) -> list[Version]:
        """Every registered version, oldest first."""
        listed = self._read("versions.json")
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

    def register(self, bundle: Path, created: str, run: str = "") -> Version:
        """The new version made from a bundle, whose files are moved into the registry."""
        with self._lock():
            known = self.versions()
            number = 1 + max([version.number for version in known] + self._folders(), default=0)
            version = Version(number, bundle_digest(bundle), created, run)
            shutil.move(str(bundle), self.folder / str(number))
            self._write("versions.json", [asdict(entry) for entry in [*known, version]])
        return version

    def champion(self) -> Version | None:
        """The version in service; None before the first release."""
        history = self._history()
        return self.version(history[-1]) if history else None

    def promote(self, number: int) -> Version:
        """The version put into service."""
        with self._lock():
            version = self.version(number)
            self._load(version)
            history = self._history()
            if history[-1:] != [number]:
                self._write("champion.json", [*history, number])
        return version

    def rollback(self) -> Version:
        """The version that served before, back in service.

        Raises:
            RegistryError: when no other version served before.
        """
        with self._lock():
            history = self._history()
            if len(history) < 2:
                raise RegistryError(
                    f"expected an earlier release of {self.catalogue}; got "
                    f"{'one release only' if history else 'none'}; use promote"
                )
            version = self.version(history[-2])
            self._load(version)
            self._write("champion.json", history[:-1])
        return version

    def release(self, number: int | None = None) -> Release:
        """The version in service, or the one of that number, verified and loaded.

        Raises:
            RegistryError: when nothing is in service.
            BundleError: when its files are not what was registered.
        """
        version = self.champion() if number is None else self.version(number)
        if version is None:
            raise RegistryError(
                f"expected a model of {self.catalogue} in service; got none; "
                "run `lingji train`, then `lingji promote`, or `lingji demo`"
            )
        return Release(version, self._load(version))

    def _load(self, version: Version) -> Model:
        return load_bundle(self.folder / str(version.number), version.digest)

    def _folders(self) -> list[int]:
        """The numbers of the folders that are there, registered or left by a crash."""
        return [int(path.name) for path in self.folder.iterdir() if path.name.isdecimal()]

    def _history(self) -> list[int]:
        return [int(str(number)) for number in self._read("champion.json")]

    def _read(self, name: str) -> list[Any]:
        """The list that a file holds; empty where there is no file."""
        path = self.folder / name
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

    def _write(self, name: str, content: object) -> None:
        """Replace a file in one step, so that a reader sees the old one or the new one."""
        path = self.folder / name
        waiting = path.with_suffix(".new")
        with waiting.open("w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(waiting, path)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
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
