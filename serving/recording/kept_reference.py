"""What checks compare projects with: what is in force, or what a record names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from features.catalogue import Catalogue
from features.checks.reference import Reference
from features.duplicates.round_pairs import ComparedRounds
from features.errors import Fault, FormError, RuleError
from features.standards.line_standards import LineStandards
from models.duplicates.round_shelf import RoundShelf
from models.standards.shelf import Shelf

STANDARDS, DUPLICATES = "standards", "duplicates"
"""How a record names the digests of what was compared with."""


def reference_in_force(home: Path, catalogue: Catalogue) -> Reference:
    """What checks compare projects with today; nothing while no version is in force.

    Raises:
        StandardsError, ReleaseRefused, FormError: as `Shelf.in_force` has it.
    """
    return Reference(standards_in_force(home, catalogue), duplicates_in_force(home, catalogue))


def standards_in_force(home: Path, catalogue: Catalogue) -> LineStandards | None:
    """The standards in force today; None where no version is.

    Raises:
        StandardsError, ReleaseRefused, FormError: as `Shelf.in_force` has it.
    """
    library = Shelf(home, catalogue.catalogue).in_force(today())
    return None if library is None else LineStandards(library, catalogue)


def duplicates_in_force(home: Path, catalogue: Catalogue) -> ComparedRounds | None:
    """What was found over rounds, as it is signed; None where nothing is.

    Raises:
        RoundError, ReleaseRefused, FormError: as `RoundShelf.in_force` has it.
    """
    rounds = RoundShelf(home, catalogue.catalogue).in_force()
    return ComparedRounds(rounds, catalogue) if rounds else None


def today() -> date:
    """The day by which it is told what is in force, in UTC."""
    return datetime.now(UTC).date()


def reference_named(home: Path, catalogue: Catalogue, digests: Mapping[str, str]) -> Reference:
    """What checks compared with, by the digests that a record names.

    Raises:
        RuleError: when it is not here any more.
    """
    standards = duplicates = None
    for kind, digest in digests.items():
        if kind == STANDARDS:
            standards = _library_of(home, catalogue, digest)
        elif kind == DUPLICATES:
            duplicates = _round_of(home, catalogue, digest)
        else:
            raise _missing(kind)
    return Reference(standards, duplicates)


def _library_of(home: Path, catalogue: Catalogue, digest: str) -> LineStandards:
    shelf = Shelf(home, catalogue.catalogue)
    for number in reversed(shelf.versions()):
        with suppress(FormError):  # another version that is damaged does not hinder
            library = shelf.library(number)
            if library.digest == digest:
                return LineStandards(library, catalogue)
    raise _missing(STANDARDS)


def _round_of(home: Path, catalogue: Catalogue, digest: str) -> ComparedRounds:
    shelf = RoundShelf(home, catalogue.catalogue)
    for year in reversed(shelf.years()):
        for number in reversed(shelf.versions(year)):
            with suppress(FormError):
                result = shelf.pairs(year, number)
                if result.digest == digest:
                    return ComparedRounds([result], catalogue)
    raise _missing(DUPLICATES)


def _missing(kind: str) -> RuleError:
    return RuleError([Fault(None, None, f"{kind} as recorded", "none here")], "reference data")
