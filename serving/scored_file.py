"""Scoring a file: projects stream in, explained scores stream out, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from features.project_rows import ParsedRow, parse_rows
from models.appraised_project import AppraisedProject, appraised_project
from models.priority import Ranked, rank_key
from models.registry import Release
from serving.explained_score import Json
from serving.flat_answer import columns, flat_answer, refused_row
from serving.result_files import ResultWriter

BATCH = 500
RANKING: dict[str, Any] = {
    "rank": int,
    "row": int,
    "project_id": str,
    "year": int,
    "grade": str,
    "rank_score": float,
    "necessity": float,
    "importance": float,
}


@dataclass
class ScoredFile:
    """What happened to the rows of a file: rows = rated + not_rated + refused."""

    rows: int = 0
    rated: int = 0
    not_rated: int = 0
    refused: int = 0
    unread: tuple[str, ...] = ()
    grades: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> Json:
        """The counts for machines."""
        return asdict(self)


def score_file(
    source: Path,
    out: Path,
    release: Release,
    *,
    full: bool = False,
    ranking: Path | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> ScoredFile:
    """The counts of a file whose projects were scored into `out`, row for row.

    Memory does not grow with the number of rows, except that a ranking keeps each rated project's
    id and scores.

    Raises:
        FileError: when the source cannot be read or the target cannot be written.
    """
    done = ScoredFile()
    order: list[_Place] = []
    # Made before anything is scored, so that a ranking that cannot be written is refused at once.
    places = None if ranking is None else ResultWriter(ranking, RANKING)
    with ResultWriter(out, columns(release.model, full)) as writer:
        for batch in parse_rows(source, release.model.catalogue, BATCH):
            appraised = _appraised(batch.rows, release)
            writer.write(
                [_cells(row, appraised.get(row.number), release, full) for row in batch.rows]
            )
            done.unread = batch.unread
            _count(done, batch.rows, appraised)
            if places is not None:
                order += _places(appraised)
            progress(len(batch.rows))
    if places is not None:
        _write_ranking(places, order)
    return done


def _appraised(rows: Sequence[ParsedRow], release: Release) -> dict[int, AppraisedProject]:
    """The projects that could be read, under their row numbers."""
    good = [(row.number, row.project) for row in rows if row.project is not None]
    prediction = release.model.predict([project for _, project in good])
    return {
        number: appraised_project(release.model, prediction, place)
        for place, (number, _) in enumerate(good)
    }


def _cells(
    row: ParsedRow, appraised: AppraisedProject | None, release: Release, full: bool
) -> dict[str, Any]:
    if appraised is None:
        return refused_row(row.number, row.faults)
    return flat_answer(row.number, release, appraised, full)


def _count(
    done: ScoredFile, rows: Sequence[ParsedRow], appraised: dict[int, AppraisedProject]
) -> None:
    done.rows += len(rows)
    done.refused += len(rows) - len(appraised)
    for project in appraised.values():
        done.rated += project.status == "rated"
        done.not_rated += project.status == "not_rated"
        if project.standing is not None:
            grade = project.standing.grade
            done.grades[grade] = done.grades.get(grade, 0) + 1


@dataclass(frozen=True)
class _Place:
    """What the ranking keeps of a rated row."""

    ranked: Ranked
    row: int
    year: int
    grade: str


def _places(appraised: dict[int, AppraisedProject]) -> list[_Place]:
    return [
        _Place(found.standing.ranked, row, found.project.year, found.standing.grade)
        for row, found in appraised.items()
        if found.standing is not None
    ]


def _write_ranking(target: ResultWriter, order: list[_Place]) -> None:
    """The places in strict order within each round, the newest round first.

    Of a project declared twice in a round, the earlier row comes first.
    """
    in_order = sorted(order, key=lambda p: (-p.year, *rank_key(p.ranked), p.row))
    rounds = [list(group) for _, group in groupby(in_order, key=lambda place: place.year)]
    with target as writer:
        writer.write(
            {
                "rank": number,
                "row": place.row,
                "project_id": place.ranked.project_id,
                "year": place.year,
                "grade": place.grade,
                "rank_score": float(place.ranked.rank_score),
                "necessity": float(place.ranked.necessity),
                "importance": float(place.ranked.importance),
            }
            for group in rounds
            for number, place in enumerate(group, start=1)
        )
