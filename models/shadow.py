"""The shadow: a challenger that answers beside what serves, and is never given out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from features.errors import RegistryError
from features.form import Digest, Form, Moment
from models.people import Name, account, now
from models.registry import Registry, Version

FILE = "shadow.json"


class ShadowEntry(Form):
    """Which version answers in the shadow, by whose hand and since when."""

    version: Annotated[int, Field(ge=1)]
    digest: Digest
    by: Name
    made: Moment


@dataclass(frozen=True)
class Shadow:
    """The shadow of one catalogue's champion, as the registry keeps it; nothing is ever served."""

    registry: Registry

    def entry(self) -> ShadowEntry | None:
        """What answers in the shadow; None where nothing does.

        Raises:
            FormError: when the file is of another shape.
        """
        path = self.registry.folder / FILE
        return ShadowEntry.read(path) if path.is_file() else None

    def version(self) -> Version | None:
        """The version that answers in the shadow, as it was registered.

        Raises:
            FormError: when the file is of another shape.
            RegistryError: when the version is not the one that was meant.
        """
        entry = self.entry()
        if entry is None:
            return None
        version = self.registry.version(entry.version)
        if version.digest != entry.digest:
            raise RegistryError(
                f"expected version {entry.version} of digest {entry.digest} in the shadow; got "
                f"{version.digest}; start it again: lingji shadow start {entry.version}"
            )
        return version

    def start(self, number: int, by: str = "") -> ShadowEntry:
        """The entry of a version that answers in the shadow from now on, in place of another.

        Raises:
            RegistryError: when there is no such version, or it is the one in service.
        """
        version, serving = self.registry.version(number), self.registry.champion()
        if serving is None or serving.digest == version.digest:
            got = "the version in service" if serving else f"{number}, and nothing serves"
            raise RegistryError(f"expected a challenger beside a version in service; got {got}")
        entry = ShadowEntry(version=number, digest=version.digest, by=by or account(), made=now())
        self.registry.write(FILE, entry.to_bytes())
        return entry

    def stop(self) -> ShadowEntry:
        """The entry of the version that no longer answers in the shadow.

        Raises:
            RegistryError: when none does.
        """
        entry = self.entry()
        if entry is None:
            raise RegistryError("expected a version in the shadow; got none")
        (self.registry.folder / FILE).unlink(missing_ok=True)
        return entry
