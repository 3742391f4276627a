"""Reading a contribution: its projects, its outcomes, and how good they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.catalogue import Catalogue
from features.errors import Fault
from features.operations import Numbers
from features.project_rows import Key
from training.appraisal_data import (
    AppraisalData,
    LateOutcomes,
    read_appraisal_data,
    read_late_outcomes,
)
from training.contribution import Quality
from training.impossible_outcomes import impossible_values

Progress = Callable[[int], None]


@dataclass(frozen=True)
class ContributionFiles:
    """The file of projects, the file of outcomes, or both; iterating gives those there are."""

    projects: Path | None
    outcomes: Path | None

    def __iter__(self) -> Iterator[Path]:
        return (file for file in (self.projects, self.outcomes) if file is not None)


@dataclass(frozen=True)
class ReadContribution:
    """What a contribution says: declared projects, and outcomes by project and round."""

    declared: AppraisalData | None
    late: LateOutcomes | None

    @property
    def simulated(self) -> bool:
        """Whether any of it says that it is simulated."""
        return any(part.simulated for part in (self.declared, self.late) if part is not None)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The rows left out, with why."""
        parts = (part.faults for part in (self.declared, self.late) if part is not None)
        return tuple(fault for faults in parts for fault in faults)

    @property
    def rounds(self) -> tuple[int, ...]:
        """The rounds of its outcomes, oldest first."""
        return tuple(sorted({year for _, year in self.values()}))

    def values(self) -> dict[Key, dict[str, float]]:
        """The known outcomes of each project and round."""
        said: dict[Key, dict[str, float]] = {}
        if self.declared is not None:
            columns = self.declared.outcomes
            for place, project in enumerate(self.declared.projects):
                said[project.project_id, project.year] = _known(
                    {name: float(column[place]) for name, column in columns.items()}
                )
        if self.late is not None:
            for key, values in self.late.values.items():
                said.setdefault(key, {}).update(_known(values))
        return said


def read_contribution(
    files: ContributionFiles, catalogue: Catalogue, progress: Progress = lambda rows: None
) -> ReadContribution:
    """What the files of a contribution say.

    Raises:
        FileError: when one of them cannot be read, or has no good row.
    """
    declared = read_appraisal_data(files.projects, catalogue, progress) if files.projects else None
    late = read_late_outcomes(files.outcomes, catalogue) if files.outcomes else None
    return ReadContribution(declared, late)


def quality_of(read: ReadContribution, catalogue: Catalogue) -> Quality:
    """How good a contribution is."""
    said = read.values()
    columns = columns_of(said.values())
    bad = len({(fault.field, fault.row) for fault in read.faults})
    good = len(said)
    known = sum(len(values) for values in said.values())
    impossible = sum(len(found) for found in impossible_values(columns, catalogue).values())
    return Quality(
        rows=good + bad,
        read=good / (good + bad) if good + bad else 0.0,
        possible=1 - impossible / known if known else 1.0,
        known={name: float(np.mean(~np.isnan(column))) for name, column in columns.items()},
    )


def columns_of(rows: Collection[Mapping[str, float]]) -> dict[str, Numbers]:
    """Rows of known outcomes as columns, shape (n,), NaN where unknown."""
    names = sorted(frozenset().union(*rows))
    return {n: np.array([row.get(n, np.nan) for row in rows], dtype=np.float64) for n in names}


def _known(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value == value}
