"""Every result of the search for duplicates in a working folder, with who signed it.

duplicates/<catalogue>/2026/1/pairs.json      never changed once written
duplicates/<catalogue>/2026/1/approval.json   who signed it
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from features.duplicates.round_pairs import RoundPairs
from features.errors import LingjiError
from features.form import Digest
from models.approval import Signable, Signed
from models.people import People, PersonKey

FOLDER = "duplicates"
_PAIRS, _APPROVAL = "pairs.json", "approval.json"
_SIGNED_AS = b"lingji duplicates of a round 1\n"


class RoundError(LingjiError):
    """A result of a round that is not there, or is not what was signed."""


class RoundStatement(Signable):
    """What is signed: one result. made_by: who may not sign it."""

    format: Literal[1]
    catalogue: str
    year: int
    version: Annotated[int, Field(ge=1)]
    digest: Digest
    made_by: str

    @property
    def maker(self) -> str:
        """Who made it."""
        return self.made_by

    def to_sign(self, name: str, made: str) -> bytes:
        """The bytes that a person signs."""
        return _SIGNED_AS + self.to_bytes() + f"{name}\n{made}\n".encode()


class RoundApproval(Signed[RoundStatement]):
    """A statement with the signature of another person than who made the result."""


class RoundShelf:
    """The results of one catalogue's rounds. Once signed by one person, the newest is in force."""

    def __init__(self, home: Path, catalogue: str) -> None:
        self.home, self.catalogue = home, catalogue
        self.folder = home / FOLDER / catalogue

    def years(self) -> list[int]:
        """The rounds that have a result, oldest first."""
        return _numbers(self.folder)

    def versions(self, year: int) -> list[int]:
        """The numbers of a round's results, oldest first."""
        folder = self.folder / str(year)
        return [n for n in _numbers(folder) if (folder / str(n) / _PAIRS).is_file()]

    def pairs(self, year: int, version: int) -> RoundPairs:
        """A result.

        Raises:
            RoundError: when there is none of that number.
            FormError: when its file is damaged.
        """
        path = self._path(year, version, _PAIRS)
        if not path.is_file():
            have = ", ".join(map(str, self.versions(year))) or "none"
            raise RoundError(
                f"expected a result of {year}: {have}; got {version}; make one: lingji pairs keep"
            )
        return RoundPairs.read(path)

    def put(self, result: RoundPairs) -> None:
        """Keep a new result.

        Raises:
            RoundError: when there is one of that number.
        """
        folder = self._path(result.year, result.version, _PAIRS).parent
        try:
            folder.mkdir(parents=True)
        except FileExistsError as error:
            raise RoundError(
                f"expected a new result of {result.year}; got {result.version}, which is there: "
                "search again"
            ) from error
        waiting = folder / f"{_PAIRS}.new"
        waiting.write_bytes(result.to_bytes())
        waiting.replace(folder / _PAIRS)

    def approval(self, result: RoundPairs) -> RoundApproval:
        """What is signed of a result, by nobody where nobody has.

        Raises:
            RoundError: when it was altered since it was signed.
            FormError: when the file is damaged.
        """
        statement = RoundStatement(
            format=1,
            catalogue=result.catalogue,
            year=result.year,
            version=result.version,
            digest=result.digest,
            made_by=result.made_by,
        )
        path = self._path(result.year, result.version, _APPROVAL)
        if not path.is_file():
            return RoundApproval(statement=statement)
        approval = RoundApproval.read(path)
        if approval.statement != statement:
            raise RoundError(
                f"expected result {result.version} of {result.year} as it was signed, "
                f"{approval.statement.digest}; got {statement.digest}: it was altered"
            )
        return approval

    def sign(self, year: int, version: int, key: PersonKey, made: str) -> RoundApproval:
        """The approval of a result with one more signature, kept.

        Raises:
            PersonError: when the key is nobody's.
            ReleaseRefused: when that person may not sign, or has signed.
            RoundError: when there is no such result, or it was altered.
        """
        people, approval = People.of(self.home), self.approval(self.pairs(year, version))
        signed = approval.signed_by(key, people, made)
        signed.save(self._path(year, version, _APPROVAL))
        return signed

    def in_force(self) -> list[RoundPairs]:
        """The newest signed result of each round that has one, verified.

        No earlier result takes the place of a later one that was altered.

        Raises:
            RoundError: when a result was altered since it was signed.
            ReleaseRefused: when its signature does not hold.
            FormError: when a file of it is damaged.
        """
        people = People.of(self.home)
        found = []
        for year in self.years():
            for version in reversed(self.versions(year)):
                if not self._path(year, version, _APPROVAL).is_file():
                    continue
                result = self.pairs(year, version)
                approval = self.approval(result)
                approval.require_sound(people)
                if approval.signatures:
                    found.append(result)
                    break
        return found

    def files(self) -> list[Path]:
        """Every file on which it rests what is in force."""
        return [
            self._path(year, version, name)
            for year in self.years()
            for version in self.versions(year)
            for name in (_PAIRS, _APPROVAL)
        ]

    def _path(self, year: int, version: int, name: str) -> Path:
        return self.folder / str(year) / str(version) / name


def _numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return sorted(int(each.name) for each in folder.iterdir() if each.name.isdecimal())
