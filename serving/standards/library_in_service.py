"""The versions of the standards that a running service reads: the one in force, or the newest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from features.errors import LingjiError
from features.standards.library import Library
from models.standards.shelf import Shelf, Status
from serving.wording.envelope import Refusal


class StandardsInService:
    """The shelf of the catalogue in service; every call sees the versions that are there now."""

    def __init__(self, home: Path, catalogue: str) -> None:
        self.shelf = Shelf(home, catalogue)

    def in_force(self) -> Library | None:
        """What is judged by today; None where no version is in force or can be read."""
        try:
            return self.shelf.in_force(today())
        except LingjiError:
            return None

    def shown(self, version: int | None) -> tuple[Library, Status] | None:
        """A version, or the one in force, or the newest; None while there is none at all.

        Raises:
            Refusal: 404 for a version that there is not.
        """
        versions = self.shelf.versions()
        if version is not None and version not in versions:
            raise Refusal(404)
        if not versions:
            return None
        library = self.shelf.library(version) if version else self.in_force()
        library = library or self.shelf.library(versions[-1])
        return library, self.shelf.status(library.version, today())

    def versions(self) -> list[tuple[Library, Status]]:
        """Every version with what it is today, the newest first."""
        return [
            (self.shelf.library(number), self.shelf.status(number, today()))
            for number in reversed(self.shelf.versions())
        ]


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()
