"""What all contributions that count say together, and which of them said what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from features.declared_project import DeclaredProject
from features.errors import Fault, TrainingError
from features.operations import UNKNOWN, Numbers
from features.project_rows import ONCE, Key
from training.appraisal_data import OUTCOMES_OF_DECLARED, OUTCOMES_ONCE, AppraisalData
from training.contribution import Contribution, ContributionKind
from training.contribution_reading import read_contribution
from training.outcome_store import OutcomeStore, counted_digest

Report = Callable[[int], None]


@dataclass(frozen=True)
class Statement:
    """That a contribution gave an outcome a value."""

    contribution: int
    value: float


@dataclass(frozen=True)
class GatheredOutcomes:
    """The present outcomes as one body of data, with where they come from.

    contributions: those that count, in the order in which they were taken in. contributors: (n,),
    who said the latest of each project's outcomes. history: (project and round, outcome column) →
    every different value, oldest first, of those said more than once. faults: of each
    contribution's number. undeclared: the projects and rounds of outcomes that nobody declared.
    """

    data: AppraisalData
    contributions: tuple[Contribution, ...]
    contributors: tuple[str, ...]
    history: Mapping[tuple[Key, str], tuple[Statement, ...]]
    faults: Mapping[int, tuple[Fault, ...]]
    undeclared: Mapping[Key, int]

    def repeated(self) -> Iterator[tuple[int, Fault]]:
        """Each row in which a project or its outcomes came again, with its contribution."""
        for number, faults in self.faults.items():
            yield from ((number, f) for f in faults if f.expected in (ONCE, OUTCOMES_ONCE))


def gather(
    store: OutcomeStore,
    report: Report = lambda number: None,
    until: int | None = None,
    judgements: bool = False,
) -> GatheredOutcomes:
    """What the contributions that are not excluded say together, or said up to an event.

    A later contribution replaces what an earlier one said of the same project and round: the
    project as a whole, and each outcome that it knows. What it leaves open stays as it was.

    Args:
        judgements: whether experts' judgements of chosen cases are heard; they stand only where no
            appraisal says anything.

    Raises:
        OutcomeStoreError: when a contribution's files are not what was handed in.
        TrainingError: when none counts, or none declares a project.
    """
    counted = tuple(store.counted(until, judgements))
    told = _Told()
    for contribution in sorted(counted, key=lambda each: each.kind is ContributionKind.JUDGEMENT):
        told.hear(contribution, store)
        report(contribution.number)
    if not told.projects:
        raise TrainingError(
            f"expected contributions with declared projects; got "
            f"{len(counted)} that count; add one with `lingji outcomes add`"
        )
    keys = list(told.projects)
    undeclared = {key: who for key, who in told.said_by.items() if key not in told.projects}
    for (project, year), number in undeclared.items():
        got = f"{project} of {year}, which no contribution that counts declares"
        told.faults[number] += (Fault(None, None, OUTCOMES_OF_DECLARED, got),)
    data = AppraisalData(
        store.catalogue,
        tuple(told.projects.values()),
        _columns(told, keys),
        tuple(told.groups[key] for key in keys),
        tuple(fault for faults in told.faults.values() for fault in faults),
        tuple(dict.fromkeys(told.unread)),
        counted_digest(counted),
        told.simulated,
    )
    names = {each.number: each.contributor for each in counted}
    return GatheredOutcomes(
        data,
        counted,
        tuple(names[told.said_by[key]] if key in told.said_by else "" for key in keys),
        {place: tuple(said) for place, said in told.history.items() if len(said) > 1},
        told.faults,
        undeclared,
    )


@dataclass
class _Told:
    """What the contributions heard so far say."""

    projects: dict[Key, DeclaredProject] = field(default_factory=dict)
    groups: dict[Key, str] = field(default_factory=dict)
    history: dict[tuple[Key, str], list[Statement]] = field(default_factory=dict)
    said_by: dict[Key, int] = field(default_factory=dict)
    faults: dict[int, tuple[Fault, ...]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    simulated: bool = False

    def hear(self, contribution: Contribution, store: OutcomeStore) -> None:
        """Take in what one contribution says."""
        read = read_contribution(store.files(contribution), store.catalogue)
        self.simulated |= read.simulated
        self.faults[contribution.number] = read.faults
        if read.declared is not None:
            self.unread += read.declared.unread
            for project, group in zip(read.declared.projects, read.declared.groups, strict=True):
                self.projects[project.project_id, project.year] = project
                self.groups[project.project_id, project.year] = group
        appraised = frozenset(self.history)
        fills = contribution.kind is ContributionKind.JUDGEMENT
        for key, values in read.values().items():
            for column, value in values.items():
                if fills and (key, column) in appraised:
                    continue
                said = self.history.setdefault((key, column), [])
                if not said or said[-1].value != value:
                    said.append(Statement(contribution.number, value))
                self.said_by[key] = contribution.number


def _columns(told: _Told, keys: list[Key]) -> dict[str, Numbers]:
    place = {key: number for number, key in enumerate(keys)}
    columns: dict[str, Numbers] = {}
    for (key, column), said in told.history.items():
        if key in place:
            values = columns.setdefault(column, np.full(len(keys), UNKNOWN))
            values[place[key]] = said[-1].value
    return {name: columns[name] for name in sorted(columns)}
