"""Recorded projects as they are compared: the newest score of each, as far as a caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.duplicates.compared_fields import Compared
from features.duplicates.traits import Traits, traits_of
from features.errors import ProjectError
from serving.access.caller import Caller
from serving.projects.view import ProjectView
from serving.wording.envelope import Json

MOST_RECORDED = 3_000
"""Recorded projects that are compared at once, the newest: they take a few seconds."""
_MOST_REMEMBERED = 20_000


@dataclass(frozen=True)
class RecordedProject:
    """A project and the record of its newest score."""

    traits: Traits
    record_id: str


@dataclass(frozen=True)
class RecordedProjects:
    """The recorded projects of some rounds. left_out: those that were too many to compare."""

    projects: tuple[RecordedProject, ...]
    left_out: int


class RecordedReader:
    """Reads recorded projects, each once: what is recorded does not change."""

    def __init__(self, view: ProjectView, catalogue: Catalogue, compared: Compared) -> None:
        self._view = view
        self._catalogue = catalogue
        self._compared = compared
        self._known: dict[str, Traits | None] = {}

    def read(self, caller: Caller, years: Sequence[int]) -> RecordedProjects:
        """The projects of these rounds that a caller may see.

        Raises:
            Refusal: 503 while the list of projects is incomplete, or there is no database.
        """
        found, total = self._view.newest(caller, years, MOST_RECORDED)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        told = [(self._traits(leaf, stored.record_id), stored.record_id) for leaf, stored in found]
        projects = tuple(RecordedProject(t, record_id) for t, record_id in told if t is not None)
        return RecordedProjects(projects, total - len(projects))

    def traits(self, leaf: Json) -> Traits | None:
        """What is compared of a recorded project; None where an older catalogue's is not read."""
        try:
            project = parse_project(leaf["content"]["document"], self._catalogue)
        except ProjectError:
            return None
        return traits_of(project, self._compared.fields)

    def _traits(self, leaf: Json, record_id: str) -> Traits | None:
        if record_id not in self._known:
            self._known[record_id] = self.traits(leaf)
        return self._known[record_id]
