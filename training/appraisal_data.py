"""Past appraisal data: declared projects with what experts, treasury and evaluation later said."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, project_identity
from features.errors import Fault, FileError
from features.file_columns import outcome_columns
from features.operations import UNKNOWN, Numbers
from features.project_files import read_projects
from features.project_rows import Key, ParsedRow, declared_once, outcome_number, parse_rows
from features.value_parser import ValueParser
from training.split import Mask, Years

Progress = Callable[[int], None]
SIMULATED_KEY = b"lingji.simulated"
OUTCOMES_ONCE, OUTCOMES_OF_DECLARED = (
    "each project's outcomes once",
    "outcomes of declared projects",
)
"""What is expected where outcomes came twice, and where their project was never declared."""
_PROJECTS, _OUTCOMES = "projects", "outcomes"
_ENDINGS = (".parquet", ".jsonl", ".csv", ".xlsx")
_SHOWN_FAULTS = 20


@dataclass(frozen=True)
class AppraisalData:
    """Parsed projects and, aligned with them, every outcome column as floats (NaN unknown).

    groups: who declared each project; for evaluation only. faults: the rows left out, with why.
    unread: columns of the files that the catalogue does not name. digest: SHA-256 of the files.
    """

    catalogue: Catalogue
    projects: tuple[DeclaredProject, ...]
    outcomes: Mapping[str, Numbers]
    groups: tuple[str, ...]
    faults: tuple[Fault, ...]
    unread: tuple[str, ...]
    digest: str
    simulated: bool

    @property
    def years(self) -> Years:
        """The round of each project, shape (n,)."""
        return np.array([project.year for project in self.projects], dtype=np.int64)

    def where(self, rows: Mask) -> AppraisalData:
        """The same data with only the rows of a mask, shape (n,)."""
        kept = np.flatnonzero(rows)
        return replace(
            self,
            projects=tuple(self.projects[i] for i in kept),
            outcomes={name: column[kept] for name, column in self.outcomes.items()},
            groups=tuple(self.groups[i] for i in kept),
        )


def read_appraisal_data(
    path: Path, catalogue: Catalogue, progress: Progress = lambda rows: None
) -> AppraisalData:
    """Projects with outcomes from one flat file, or from a folder with projects.* and outcomes.*.

    Faulty rows are left out and named in `faults`; the good rows are kept.

    Raises:
        FileError: when a file is absent, unreadable, lacks a required column, or has no good row.
    """
    projects_file, outcomes_file = _files(path)
    reading = _Reading()
    for batch in parse_rows(projects_file, catalogue):
        reading.unread = batch.unread
        for row in batch.rows:
            reading.add(row)
        progress(len(batch.rows))
    if not reading.projects:
        faults = reading.faults or [Fault(None, projects_file.name, "rows of projects", "none")]
        raise FileError(faults[:_SHOWN_FAULTS], f"{projects_file.name}: no usable row")
    outcomes = (
        _columns(reading.outcomes)
        if outcomes_file is None
        else _joined(outcomes_file, catalogue, reading)
    )
    files = [file for file in (projects_file, outcomes_file) if file is not None]
    group = catalogue.columns.group
    return AppraisalData(
        catalogue,
        tuple(reading.projects),
        outcomes,
        tuple(str(p.values[group] or "") if group else "" for p in reading.projects),
        tuple(reading.faults),
        reading.unread,
        files_digest(files),
        any(_says_simulated(file) for file in files),
    )


@dataclass(frozen=True)
class LateOutcomes:
    """Outcomes that came without their projects: a row of values for each project and round.

    values: NaN where a column says nothing. rows: the row of the file that each came from. faults,
    digest, simulated: as of `AppraisalData`.
    """

    values: Mapping[Key, Mapping[str, float]]
    rows: Mapping[Key, int]
    faults: tuple[Fault, ...]
    digest: str
    simulated: bool


def read_late_outcomes(file: Path, catalogue: Catalogue) -> LateOutcomes:
    """The outcomes in a file that holds no projects; faulty rows are left out and named.

    Raises:
        FileError: when the file cannot be read, or has no good row.
    """
    faults: list[Fault] = []
    values, rows = {}, {}
    for number, key, found in _outcome_rows(file, catalogue, faults):
        values[key], rows[key] = found, number
    if not any(found for found in values.values()):
        told = faults or [Fault(None, file.name, "rows of outcomes", "none")]
        raise FileError(told[:_SHOWN_FAULTS], f"{file.name}: no usable row")
    return LateOutcomes(values, rows, tuple(faults), files_digest([file]), _says_simulated(file))


def contributed_files(path: Path) -> tuple[Path | None, Path | None]:
    """The files of projects and of outcomes at a path; a flat file of both is one of projects.

    A file called `outcomes.*`, or a folder with nothing else, holds outcomes without projects.

    Raises:
        FileError: when there is nothing of the kind.
    """
    if path.is_file() and path.stem == _OUTCOMES:
        return None, path
    if path.is_dir() and not _there(path, _PROJECTS):
        return None, _one_of(path, _OUTCOMES)
    return _files(path)


@dataclass
class _Reading:
    """What one pass over a projects file has found so far."""

    projects: list[DeclaredProject] = field(default_factory=list)
    outcomes: list[Mapping[str, float]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unread: tuple[str, ...] = ()
    first_rows: dict[Key, int] = field(default_factory=dict)

    def add(self, row: ParsedRow) -> None:
        """Take one row in, or its faults."""
        row = declared_once(row, self.first_rows)
        self.faults += row.faults
        if row.project is None:
            return
        self.projects.append(row.project)
        self.outcomes.append(row.outcomes)


def _columns(rows: list[Mapping[str, float]]) -> dict[str, Numbers]:
    names = sorted(frozenset().union(*rows))
    return {n: np.array([row.get(n, UNKNOWN) for row in rows], dtype=np.float64) for n in names}


def _files(path: Path) -> tuple[Path, Path | None]:
    if not path.exists():
        expected = "a file, or a folder with projects.* and outcomes.*"
        raise FileError([Fault(None, None, expected, "nothing there")], str(path))
    if not path.is_dir():
        return path, None
    return _one_of(path, _PROJECTS), _one_of(path, _OUTCOMES)


def _there(folder: Path, stem: str) -> Path | None:
    files = (folder / f"{stem}{ending}" for ending in _ENDINGS)
    return next((file for file in files if file.is_file()), None)


def _one_of(folder: Path, stem: str) -> Path:
    found = _there(folder, stem)
    if found is not None:
        return found
    expected = f"{stem} with one of the endings {', '.join(_ENDINGS)}"
    raise FileError([Fault(None, str(folder), expected, "no such file")])


def _joined(file: Path, catalogue: Catalogue, reading: _Reading) -> dict[str, Numbers]:
    """The outcome columns of a file of their own, joined by project and round."""
    position = {(p.project_id, p.year): i for i, p in enumerate(reading.projects)}
    found: dict[str, Numbers] = {}
    for number, key, values in _outcome_rows(file, catalogue, reading.faults):
        for name in values:
            found.setdefault(name, np.full(len(position), UNKNOWN))
        if key in position:
            for name, value in values.items():
                found[name][position[key]] = value
        else:
            got = f"{key[0]} of {key[1]}, which is not among them"
            reading.faults.append(Fault(number, file.name, OUTCOMES_OF_DECLARED, got))
    return found


def _outcome_rows(
    file: Path, catalogue: Catalogue, faults: list[Fault]
) -> Iterator[tuple[int, Key, dict[str, float]]]:
    wanted = sorted(outcome_columns(catalogue))
    first_row: dict[Key, int] = {}
    for batch in read_projects(file):
        faults += [_in_file(fault, file) for fault in batch.faults]
        for number, row in batch.documents:
            found: list[Fault] = []
            key = _key(row, catalogue, found)
            values = {n: outcome_number(n, row[n], found) for n in wanted if n in row}
            if not found and first_row.setdefault(key, number) != number:
                got = f"{key[0]} of {key[1]} again, first in row {first_row[key]}"
                found.append(Fault(None, None, OUTCOMES_ONCE, got))
            faults += [_in_file(fault.at_row(number), file) for fault in found]
            if not found:
                yield number, key, values


def _key(row: Mapping[str, Any], catalogue: Catalogue, faults: list[Fault]) -> Key:
    """The project and round of a row of outcomes; empty, with faults added, where it has none."""
    time = catalogue.columns.time
    values: dict[str, Any] = {}
    for name in (*catalogue.columns.id, time):
        field = catalogue.by_name[name].model_copy(update={"required": True})
        parsed = ValueParser(field).parse(row.get(name), cell=True)
        if isinstance(parsed, Fault):
            faults.append(parsed)
        else:
            values[name] = parsed
    return ("", 0) if faults else (project_identity(values, catalogue), int(values[time]))


def _in_file(fault: Fault, file: Path) -> Fault:
    return replace(fault, field=f"{file.name} {fault.field or ''}".strip())


def files_digest(files: Iterable[Path]) -> str:
    """The SHA-256 of files, one after the other."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def _says_simulated(file: Path) -> bool:
    if file.suffix != ".parquet":
        return False
    return (pq.read_schema(file).metadata or {}).get(SIMULATED_KEY) == b"true"
