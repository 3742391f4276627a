"""Strengths and weaknesses: what raises and lowers the scores of several projects."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from features.catalogue import Catalogue
from features.head_declaration import HeadDeclaration, HeadKind
from serving.recording.project_line import ProjectLine, project_line
from serving.recording.recorded_heads import recorded_heads
from serving.wording.envelope import Json

EXAMPLES = 10
"""Projects that are named for each tendency: those that it moved most."""

SMALLEST: Mapping[HeadKind, float] = {
    HeadKind.SCORE: 0.05,
    HeadKind.AMOUNT: 0.0005,
    HeadKind.PROBABILITY: 0.0005,
}
"""What is shown as nothing counts as nothing, on the scale of `RecordedHead.parts`."""


@dataclass(frozen=True)
class Example:
    """A project that a tendency concerns. part: how far its head was moved."""

    record_id: str
    project_id: str
    name: str | None
    part: float

    def as_json(self) -> Json:
        """The example for machines."""
        return dict(vars(self))


@dataclass
class Tendency:
    """What an indicator or a dimension does to a head in one direction.

    projects: in how many it does. mean, least, greatest: how far, in those, on the scale of
    `RecordedHead.parts`; least is the smallest step and greatest the largest.
    """

    name: str
    dimension: str
    projects: int = 0
    total: float = 0.0
    least: float = 0.0
    greatest: float = 0.0
    _kept: list[tuple[float, int, Example]] = field(default_factory=list)

    def take(self, part: float, line: ProjectLine) -> None:
        """Count one project in."""
        if not self.projects or abs(part) < abs(self.least):
            self.least = part
        if abs(part) > abs(self.greatest):
            self.greatest = part
        self.projects += 1
        self.total += part
        size = abs(part)
        if len(self._kept) == EXAMPLES and size <= self._kept[0][0]:
            return
        entry = (size, -self.projects, Example(line.record_id, line.project_id, line.name, part))
        keep = heapq.heappush if len(self._kept) < EXAMPLES else heapq.heappushpop
        keep(self._kept, entry)

    @property
    def mean(self) -> float:
        """How far it moves the head on average, in the projects in which it does."""
        return self.total / self.projects

    @property
    def examples(self) -> list[Example]:
        """The projects that it moved most, the most first."""
        return [example for _, _, example in sorted(self._kept, key=lambda entry: entry[:2])[::-1]]

    def as_json(self) -> Json:
        """The tendency for machines."""
        told: Json = {"name": self.name, "dimension": self.dimension, "projects": self.projects}
        told |= {"mean": self.mean, "least": self.least, "greatest": self.greatest}
        return told | {"examples": [example.as_json() for example in self.examples]}


@dataclass
class HeadTendencies:
    """What raises and lowers one head, by indicators and by dimensions."""

    declared: HeadDeclaration
    projects: int = 0
    _found: dict[tuple[str, str, bool], Tendency] = field(default_factory=dict)

    def take(self, parts: Mapping[str, float], catalogue: Catalogue, line: ProjectLine) -> None:
        """Count in how far one project's head was moved."""
        self.projects += 1
        dimensions: dict[str, float] = {}
        for name, part in parts.items():
            indicator = catalogue.by_name.get(name)
            if indicator is None:  # an earlier catalogue's
                continue
            dimension = indicator.dimension
            dimensions[dimension] = dimensions.get(dimension, 0.0) + part
            self._note("indicator", name, dimension, part, line)
        for dimension, part in dimensions.items():
            self._note("dimension", dimension, dimension, part, line)

    def _note(self, what: str, name: str, dimension: str, part: float, line: ProjectLine) -> None:
        if abs(part) >= SMALLEST[self.declared.kind]:
            key = (what, name, part > 0)
            self._found.setdefault(key, Tendency(name, dimension)).take(part, line)

    def leading(self, what: str, *, raising: bool) -> list[Tendency]:
        """The tendencies of indicators, or of dimensions, in one direction; the greatest first."""
        found = [
            tendency
            for (kind, _, raises), tendency in self._found.items()
            if kind == what and raises == raising
        ]
        return sorted(found, key=lambda each: (-abs(each.total), each.name))

    def as_json(self) -> Json:
        """All of it for machines."""
        told: Json = {"label": self.declared.label.as_json(), "projects": self.projects}
        for what, plural in (("dimension", "dimensions"), ("indicator", "indicators")):
            told[plural] = {
                way: [each.as_json() for each in self.leading(what, raising=way == "raising")]
                for way in ("raising", "lowering")
            }
        return told


@dataclass
class Missing:
    """A field whose absence left projects unrated, and the newest of them."""

    projects: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass
class Tendencies:
    """Over some projects: what moves their heads, and what leaves them unrated."""

    heads: dict[str, HeadTendencies]
    rated: int = 0
    not_rated: int = 0
    missing: dict[str, Missing] = field(default_factory=dict)

    def lacking(self) -> list[tuple[str, Missing]]:
        """What is missing, the most frequent first."""
        return sorted(self.missing.items(), key=lambda item: (-item[1].projects, item[0]))

    def as_json(self) -> Json:
        """All of it for machines."""
        return {
            "rated": self.rated,
            "not_rated": self.not_rated,
            "heads": {
                name: found.as_json() for name, found in self.heads.items() if found.projects
            },
            "missing": [
                {
                    "field": name,
                    "projects": found.projects,
                    "examples": [example.as_json() for example in found.examples],
                }
                for name, found in self.lacking()
            ],
        }


def tendencies(leaves: Iterator[Json], catalogue: Catalogue) -> Tendencies:
    """What moves the heads of these scores, given by their leaves."""
    found = Tendencies({head.name: HeadTendencies(head) for head in catalogue.heads})
    for leaf in leaves:
        heads = recorded_heads(leaf["content"], catalogue)
        line = project_line(leaf, catalogue, heads)
        if line.status == "rated":
            found.rated += 1
        else:
            found.not_rated += 1
        for name in line.missing:
            lacking = found.missing.setdefault(name, Missing())
            lacking.projects += 1
            if len(lacking.examples) < EXAMPLES:
                lacking.examples.append(Example(line.record_id, line.project_id, line.name, 0.0))
        for name, head in heads.items():
            found.heads[name].take(head.parts, catalogue, line)
    return found
