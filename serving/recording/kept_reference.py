"""What checks compare projects with: what is in force, or what a record names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from features.catalogue import Catalogue
from features.checks.reference import NOTHING, Reference
from features.errors import Fault, RuleError
from features.standards.line_standards import LineStandards
from models.standards.shelf import Shelf

STANDARDS = "standards"
"""How a record names the digest of the standards."""


def reference_in_force(home: Path, catalogue: Catalogue) -> Reference:
    """What checks compare projects with today; nothing while no version is in force.

    Raises:
        StandardsError, ReleaseRefused, FormError: as `Shelf.in_force` has it.
    """
    return Reference(standards=standards_in_force(home, catalogue))


def standards_in_force(home: Path, catalogue: Catalogue) -> LineStandards | None:
    """The standards in force today; None where no version is.

    Raises:
        StandardsError, ReleaseRefused, FormError: as `Shelf.in_force` has it.
    """
    library = Shelf(home, catalogue.catalogue).in_force(today())
    return None if library is None else LineStandards(library, catalogue)


def today() -> date:
    """The day by which it is told what is in force, in UTC."""
    return datetime.now(UTC).date()


def reference_named(home: Path, catalogue: Catalogue, digests: Mapping[str, str]) -> Reference:
    """What checks compared with, by the digests that a record names.

    Raises:
        RuleError: when it is not here any more.
        FormError: when a file of standards is damaged.
    """
    if not digests:
        return NOTHING
    shelf = Shelf(home, catalogue.catalogue)
    if digests.keys() == {STANDARDS}:
        for number in reversed(shelf.versions()):
            library = shelf.library(number)
            if library.digest == digests[STANDARDS]:
                return Reference(LineStandards(library, catalogue))
    fault = Fault(None, None, f"{', '.join(digests)} as recorded", "none here")
    raise RuleError([fault], "reference data")
