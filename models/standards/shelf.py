"""Every version of a catalogue's expenditure standards, with what people signed of it.

standards/<catalogue>/3/library.json      never changed once written
standards/<catalogue>/3/difference.json   what it changes
standards/<catalogue>/3/approval.json     who signed it
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from features.errors import ReleaseRefused
from features.form import Digest
from features.standards.errors import StandardsError
from features.standards.library import Library
from features.standards.library_difference import LibraryDifference
from models.approval import LEAST_APPROVERS, Signable, Signed
from models.people import People, PersonKey

FOLDER = "standards"
_LIBRARY, _DIFFERENCE, _APPROVAL = "library.json", "difference.json", "approval.json"
_SIGNED_AS = b"lingji expenditure standards 1\n"


class Status(StrEnum):
    """What a version is on a day."""

    DRAFT = "draft"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class StandardsStatement(Signable):
    """What is signed: one version, with what it changes. made_by: who may not sign it."""

    format: Literal[1]
    catalogue: str
    version: Annotated[int, Field(ge=1)]
    digest: Digest
    difference: Digest
    made_by: str

    @property
    def maker(self) -> str:
        """Who made it."""
        return self.made_by

    def to_sign(self, name: str, made: str) -> bytes:
        """The bytes that a person signs."""
        return _SIGNED_AS + self.to_bytes() + f"{name}\n{made}\n".encode()


class StandardsApproval(Signed[StandardsStatement]):
    """A statement with the signatures under it."""


class Shelf:
    """The versions of one catalogue's standards in a working folder."""

    def __init__(self, home: Path, catalogue: str) -> None:
        self.home, self.catalogue = home, catalogue
        self.folder = home / FOLDER / catalogue
        self._read: dict[int, Library] = {}

    def versions(self) -> list[int]:
        """The numbers of the versions, oldest first."""
        if not self.folder.is_dir():
            return []
        names = (path.name for path in self.folder.iterdir() if (path / _LIBRARY).is_file())
        return sorted(int(name) for name in names if name.isdecimal())

    def library(self, version: int) -> Library:
        """A version.

        Raises:
            StandardsError: when there is none of that number.
            FormError: when its file is damaged.
        """
        if version not in self._read:
            self._require(version)
            self._read[version] = Library.read(self._path(version, _LIBRARY))
        return self._read[version]

    def difference(self, version: int) -> LibraryDifference:
        """What a version changes.

        Raises:
            StandardsError: when there is none of that number.
            FormError: when its file is damaged.
        """
        self._require(version)
        return LibraryDifference.read(self._path(version, _DIFFERENCE))

    def put(self, library: Library, difference: LibraryDifference) -> None:
        """Keep a new version.

        Raises:
            StandardsError: when there is one of that number.
        """
        folder = self.folder / str(library.version)
        try:
            folder.mkdir(parents=True)
        except FileExistsError as error:
            raise StandardsError(
                f"expected a new version; got {library.version}, which is there: build again"
            ) from error
        (folder / _DIFFERENCE).write_bytes(difference.to_bytes())
        waiting = folder / f"{_LIBRARY}.new"
        waiting.write_bytes(library.to_bytes())
        waiting.replace(folder / _LIBRARY)

    def approval(self, version: int) -> StandardsApproval:
        """What is signed of a version, by nobody where nobody has.

        Raises:
            StandardsError: when there is none of that number, or it was altered since it was
                signed.
            FormError: when a file is damaged.
        """
        statement = self._statement(version)
        path = self._path(version, _APPROVAL)
        if not path.is_file():
            return StandardsApproval(statement=statement)
        approval = StandardsApproval.read(path)
        if approval.statement != statement:
            raise StandardsError(
                f"expected version {version} as it was signed, {approval.statement.digest}; got "
                f"{statement.digest}: it was altered"
            )
        return approval

    def sign(self, version: int, key: PersonKey, made: str) -> StandardsApproval:
        """The approval of a version with one more signature, kept.

        Raises:
            PersonError: when the key is nobody's.
            ReleaseRefused: when that person may not sign, or has signed.
            StandardsError: when there is no such version, or it was altered.
        """
        people, approval = People.of(self.home), self.approval(version)
        signed = approval.signed_by(key, people, made)
        signed.save(self._path(version, _APPROVAL))
        return signed

    def status(self, version: int, day: date) -> Status:
        """What a version is on a day."""
        if not self._signed(version):
            return Status.DRAFT
        library, today = self.library(version), day.isoformat()
        if library.start > today:
            return Status.SIGNED
        later = [other for other in self.versions() if other > version and self._signed(other)]
        if any(self.library(other).start <= today for other in later):
            return Status.SUPERSEDED
        return Status.EXPIRED if library.end < today else Status.IN_FORCE

    def in_force(self, day: date) -> Library | None:
        """The version in force on a day; None where there is none.

        What people have signed must be whole: no earlier version takes the place of a later one
        that was altered.

        Raises:
            StandardsError: when the newest version that is signed was altered since.
            ReleaseRefused: when its signatures do not hold.
            FormError: when a file of it is damaged.
        """
        today, people = day.isoformat(), People.of(self.home)
        for version in reversed(self.versions()):
            if not self._path(version, _APPROVAL).is_file():
                continue
            approval = self.approval(version)
            if len(approval.signatures) < LEAST_APPROVERS:
                continue
            approval.require_sound(people)
            library = self.library(version)
            if library.start <= today:
                return library if today <= library.end else None
        return None

    def files(self) -> list[Path]:
        """Every file on which it rests what is in force."""
        names = (_LIBRARY, _DIFFERENCE, _APPROVAL)
        return [self._path(version, name) for version in self.versions() for name in names]

    def _signed(self, version: int) -> bool:
        """Whether enough people signed a version, as it is, with signatures that hold."""
        try:
            approval = self.approval(version)
            approval.require_sound(People.of(self.home))
        except (StandardsError, ReleaseRefused):
            return False
        return len(approval.signatures) >= LEAST_APPROVERS

    def _statement(self, version: int) -> StandardsStatement:
        library = self.library(version)
        return StandardsStatement(
            format=1,
            catalogue=self.catalogue,
            version=version,
            digest=library.digest,
            difference=self.difference(version).file_digest,
            made_by=library.made_by,
        )

    def _require(self, version: int) -> None:
        if not self._path(version, _LIBRARY).is_file():
            have = ", ".join(map(str, self.versions())) or "none"
            raise StandardsError(
                f"expected a version of the standards of {self.catalogue}: {have}; got {version}; "
                "make one: lingji standards build"
            )

    def _path(self, version: int, name: str) -> Path:
        return self.folder / str(version) / name
