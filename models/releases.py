"""The releases of a catalogue's model, from the first to the last, under a seal.

`champion.json` only grows. Its seal is an HMAC with a key of the registry's own, so that an entry
which no command of ours wrote is noticed; it does not keep out those who can read that key.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from features.errors import FormError, RegistryError, ReleaseAltered
from features.form import Form, Moment
from features.owner_file import write_new
from models.people import Name

FILE = "champion.json"
KEY = "seal.key"
_KEY_BYTES = 32


class Way(StrEnum):
    """How a version came into service."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"


class ReleaseEntry(Form):
    """One release. approval: the digest of its approval; None for one without review."""

    version: Annotated[int, Field(ge=1)]
    digest: str
    way: Annotated[Way, Field(strict=False)]
    approval: str | None
    made: Moment
    by: Name


class _Sealed(Form):
    format: Literal[2]
    releases: tuple[ReleaseEntry, ...]
    seal: str


class Releases:
    """Every release in order, and which of them stand."""

    def __init__(self, entries: tuple[ReleaseEntry, ...] = ()) -> None:
        self.entries = entries
        self._standing = self._walk()

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def in_service(self) -> ReleaseEntry | None:
        """The entry of the version in service."""
        return self.entries[self._standing[-1]] if self._standing else None

    @property
    def before(self) -> ReleaseEntry | None:
        """The entry to which a rollback returns."""
        return self.entries[self._standing[-2]] if len(self._standing) > 1 else None

    def followed_by(self, entry: ReleaseEntry) -> Releases:
        """The releases with one more."""
        return Releases((*self.entries, entry))

    def _walk(self) -> list[int]:
        """The places of the releases that stand, one upon another.

        Raises:
            ReleaseAltered: when a return is not to the release before.
        """
        standing: list[int] = []
        for place, entry in enumerate(self.entries):
            if entry.way is Way.PROMOTE:
                standing.append(place)
                continue
            back = self.entries[standing[-2]] if len(standing) > 1 else None
            same = back and (back.version, back.digest, back.approval)
            if same != (entry.version, entry.digest, entry.approval):
                raise ReleaseAltered(f"release {place + 1}: expected a return to the one before")
            standing.pop()
        return standing

    @classmethod
    def of(cls, folder: Path) -> Releases:
        """The releases of a catalogue's folder; none where there is no list yet.

        Raises:
            ReleaseAltered: when the list is damaged or its seal does not hold.
        """
        path = folder / FILE
        if not path.is_file():
            return cls()
        try:
            kept = _Sealed.read(path)
        except FormError as error:
            raise ReleaseAltered(f"{error}\n{_ADVICE}") from error
        if not hmac.compare_digest(kept.seal, _seal(folder, kept.releases)):
            raise ReleaseAltered(
                f"expected {path} as the last release wrote it; got another seal: it was changed "
                f"by something else; {_ADVICE}"
            )
        return cls(kept.releases)

    def to_bytes(self, folder: Path) -> bytes:
        """The list as it is kept, sealed."""
        seal = _seal(folder, self.entries)
        return _Sealed(format=2, releases=self.entries, seal=seal).to_bytes()


_ADVICE = (
    "restore the file from a copy, or see in the record log which release was the last and "
    "remove the file to release again without review"
)


def _seal(folder: Path, entries: tuple[ReleaseEntry, ...]) -> str:
    content = b"".join(entry.to_bytes() for entry in entries)
    return hmac.new(_key(folder), content, hashlib.sha256).hexdigest()


def _key(folder: Path) -> bytes:
    """The registry's own key, made when it is first needed.

    Raises:
        RegistryError: when this account can neither read it nor make one.
    """
    path = folder / KEY
    try:
        return _read_or_made(path)
    except OSError as error:
        raise RegistryError(
            f"expected to read {path}; got: {error.strerror}; run as the account that releases, "
            "or let this one read it"
        ) from error


def _read_or_made(path: Path) -> bytes:
    with contextlib.suppress(FileExistsError):
        write_new(path, secrets.token_bytes(_KEY_BYTES))
    return path.read_bytes()
