"""The standards that checks compare projects with: those in force, or those a record names.

A running service reads them when it starts and when it follows a release.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
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
        FormError: when a file of standards is damaged.
    """
    today = datetime.now(UTC).date()
    library = Shelf(home, catalogue.catalogue).in_force(today)
    return NOTHING if library is None else Reference(LineStandards(library, catalogue))


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
