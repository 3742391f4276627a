"""The library as checks and answers read it: each line of a project beside its standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.catalogue import Catalogue
from features.standards.library import Library
from features.standards.over_standard import Compared, Position, beside_firmest
from features.standards.priced_item import priced_items_of


@dataclass(frozen=True)
class ProjectStandards:
    """The lines of one project that have a standard in force, each beside the firmest.

    lines: by their place in the document, such as `cost_lines[2]`, in its order. without: how many
    lines have none.
    """

    of: LineStandards
    lines: Mapping[str, Compared]
    without: int

    @property
    def over(self) -> list[Compared]:
        """The lines that are over their standards."""
        return [each for each in self.lines.values() if each.position is Position.OVER]


class LineStandards:
    """What the standards of a library say of projects of a catalogue."""

    def __init__(self, library: Library, catalogue: Catalogue) -> None:
        self.library, self.catalogue = library, catalogue
        self._part = library.fields.lines.part
        # Checks ask about the lines of a project one after the other: its lines stay at hand.
        self._latest: tuple[Mapping[str, Any], ProjectStandards | None] = ({}, None)

    @property
    def digest(self) -> str:
        """The digest of the library."""
        return self.library.digest

    def beside(self, project: Mapping[str, Any]) -> ProjectStandards:
        """Every line of a project's values that has a standard; worked out once for a project."""
        latest, found = self._latest
        if latest is not project or found is None:
            items = list(priced_items_of(project, self.catalogue, self.library.fields))
            lines = {each.item.place: each for each in beside_firmest(items, self.library)}
            without = len(project.get(self._part) or ()) - len(lines)
            found = ProjectStandards(self, lines, without)
            self._latest = (project, found)
        return found

    def of_line(self, project: Mapping[str, Any], number: int) -> Compared | None:
        """The line of that number, from 0, beside its standard; None where it has none."""
        return self.beside(project).lines.get(f"{self._part}[{number + 1}]")
