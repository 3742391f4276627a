"""Reference data that checks compare a project with: what lies outside of the declaration."""

from __future__ import annotations

from dataclasses import dataclass

from features.catalogue import Catalogue
from features.duplicates.round_pairs import ComparedRounds
from features.standards.line_standards import LineStandards


@dataclass(frozen=True)
class Reference:
    """Everything beside the declaration that a check may read; None where there is none.

    standards: those in force. duplicates: what was found over rounds.
    """

    standards: LineStandards | None = None
    duplicates: ComparedRounds | None = None

    def of(self, catalogue: Catalogue) -> Reference:
        """The same for projects of another version of the catalogue."""
        standards, duplicates = self.standards, self.duplicates
        return Reference(
            None if standards is None else LineStandards(standards.library, catalogue),
            None if duplicates is None else ComparedRounds(duplicates.rounds, catalogue),
        )

    def digests(self, year: int) -> dict[str, str]:
        """The digests of what projects of a fiscal year are compared with, by its kind."""
        found = {}
        if self.standards is not None:
            found["standards"] = self.standards.digest
        if self.duplicates is not None and year in self.duplicates.by_year:
            found["duplicates"] = self.duplicates.by_year[year].digest
        return found


NOTHING = Reference()
