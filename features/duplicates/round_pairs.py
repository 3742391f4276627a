"""What the search for duplicates over one round found: a dated result, kept as a file.

It is a fact of the round. What it says of a project holds for as long as the project is declared as
it was compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, StringConstraints, model_validator

from features.catalogue import Catalogue
from features.declared_project import project_identity
from features.duplicates.compared_fields import compared_of
from features.duplicates.kinds import FAULTS
from features.duplicates.traits import Traits, traits_of_values
from features.field import Label
from features.form import Digest, Form, Moment, Share

Kind = Annotated[str, StringConstraints(pattern=f"^({'|'.join(FAULTS)})$")]
Mark = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""The beginning of a digest of what is compared: enough to notice that it was changed."""


def mark_of(traits: Traits) -> str:
    """The mark of a project as it is compared."""
    return traits.digest.removeprefix("sha256:")[:16]


class PairedProject(Form):
    """What names one project of a pair. department, place: "" where the catalogue has none."""

    project_id: str
    year: int
    name: str
    department: str
    place: str


class PairDismissed(Form):
    """By which record a pair was dismissed, when and for which reason."""

    record_id: str
    time: Moment
    reason: str


class RoundPair(Form):
    """Two projects and what they are to each other, the surest first.

    score: as `FoundPair` has it. probability: None for copies. threshold: what parts stay below, in
    yuan; together: what they come to. agrees: what speaks for the pair, in words.
    """

    kind: Kind
    projects: tuple[PairedProject, PairedProject]
    score: float
    probability: Share | None
    threshold: float | None
    together: float | None
    agrees: tuple[Label, ...]
    dismissed: PairDismissed | None = None

    def other(self, project_id: str) -> PairedProject:
        """The project that a project is paired with."""
        one, other = self.projects
        return other if one.project_id == project_id else one

    def between_departments(self) -> bool:
        """Whether different departments declare them."""
        one, other = self.projects
        return one.department != other.department


class RoundPairs(Form):
    """The result for one round.

    rules: the digest of what is compared and how. data: of the projects that were read. marks: of
    every project of the round that was compared.
    """

    format: Literal[1]
    catalogue: str
    year: int
    version: Annotated[int, Field(ge=1)]
    made: Moment
    made_by: str
    rules: Digest
    data: Digest
    marks: dict[str, Mark]
    pairs: tuple[RoundPair, ...]

    @model_validator(mode="after")
    def _of_the_round(self) -> RoundPairs:
        for pair in self.pairs:
            if not any(p.year == self.year and p.project_id in self.marks for p in pair.projects):
                raise ValueError("a pair has a project of the round that was compared")
        return self

    @cached_property
    def digest(self) -> str:
        """The digest by which uses name this result."""
        return self.file_digest

    @cached_property
    def by_project(self) -> Mapping[str, tuple[RoundPair, ...]]:
        """The pairs of each project of the round that nobody has dismissed."""
        found: dict[str, tuple[RoundPair, ...]] = {}
        for pair in self.pairs:
            for project in pair.projects if pair.dismissed is None else ():
                if project.year == self.year:
                    found[project.project_id] = (*found.get(project.project_id, ()), pair)
        return found


class NotCompared(StrEnum):
    """Why a result says nothing of a project."""

    NO_ROUND = "no_round"
    NOT_IN_ROUND = "not_in_round"
    CHANGED_SINCE = "changed_since"


class ProjectPairs(NamedTuple):
    """The pairs of one project in the result of its round."""

    project_id: str
    round: RoundPairs
    pairs: tuple[RoundPair, ...]

    def of_kinds(self, kinds: Sequence[str]) -> tuple[RoundPair, ...]:
        """Those of some kinds, the surest first."""
        return tuple([pair for pair in self.pairs if pair.kind in kinds])


class ComparedRounds:
    """The results in force of all rounds of a catalogue."""

    def __init__(self, rounds: Sequence[RoundPairs], catalogue: Catalogue) -> None:
        self.by_year = {each.year: each for each in rounds}
        self._catalogue = catalogue
        self._time = catalogue.columns.time
        self._fields = compared_of(catalogue).fields
        # Several checks ask about one project: what was found of it stays at hand.
        self._latest: tuple[Mapping[str, Any], ProjectPairs | NotCompared] = (
            {},
            NotCompared.NO_ROUND,
        )

    @property
    def rounds(self) -> tuple[RoundPairs, ...]:
        """The results, the newest round first."""
        return tuple(self.by_year[year] for year in sorted(self.by_year, reverse=True))

    @property
    def digest(self) -> str:
        """All results together, told apart from others."""
        return " ".join(each.digest for each in self.rounds)

    def of(self, project: Mapping[str, Any]) -> ProjectPairs | NotCompared:
        """The pairs of a project's values, or why nothing is known of it."""
        latest, found = self._latest
        if latest is not project:
            found = self._looked_up(project)
            self._latest = (project, found)
        return found

    def _looked_up(self, project: Mapping[str, Any]) -> ProjectPairs | NotCompared:
        year = int(project[self._time])
        result = self.by_year.get(year)
        if result is None:
            return NotCompared.NO_ROUND
        project_id = project_identity(project, self._catalogue)
        mark = result.marks.get(project_id)
        if mark is None:
            return NotCompared.NOT_IN_ROUND
        if mark != mark_of(traits_of_values(project, project_id, year, self._fields)):
            return NotCompared.CHANGED_SINCE
        return ProjectPairs(project_id, result, result.by_project.get(project_id, ()))
