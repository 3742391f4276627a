"""Reference data that checks compare a project with: what lies outside of the declaration."""

from __future__ import annotations

from dataclasses import dataclass

from features.catalogue import Catalogue
from features.standards.line_standards import LineStandards


@dataclass(frozen=True)
class Reference:
    """Everything beside the declaration that a check may read. standards: None where none are."""

    standards: LineStandards | None = None

    def of(self, catalogue: Catalogue) -> Reference:
        """The same for projects of another version of the catalogue."""
        standards = self.standards
        return Reference(
            standards=None if standards is None else LineStandards(standards.library, catalogue)
        )


NOTHING = Reference()
