"""Scoring a file: projects stream in, explained scores stream out, in the same order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from features.project_rows import ParsedRow, parse_rows
from models.priority import Ranked, rank_key
from models.registry import Release
from serving.explained_score import Json, explained_score
from serving.flat_answer import columns, flat_answer, refused_row
from serving.result_files import ResultWriter

BATCH = 500
Rows = tuple[ParsedRow, ...]
"""A batch: consecutive rows of a file."""
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


@dataclass(frozen=True)
class Place:
    """What the ranking keeps of a rated row."""

    ranked: Ranked
    row: int
    year: int
    grade: str


@dataclass(frozen=True)
class ScoredRows:
    """A scored batch: cells row for row, answers counted by status, places of the rated ones."""

    cells: list[dict[str, Any]]
    statuses: Mapping[str, int]
    places: list[Place]


class BatchMapper(Protocol):
    """Who works on the batches of a file."""

    def map(
        self, function: Callable[[Release, Rows], ScoredRows], batches: Iterable[Rows]
    ) -> Iterator[ScoredRows]:
        """`function(release, batch)` of each batch, in order; few batches are held at a time."""


@dataclass(frozen=True)
class InThisProcess:
    """Works on one batch after another."""

    release: Release

    def map(
        self, function: Callable[[Release, Rows], ScoredRows], batches: Iterable[Rows]
    ) -> Iterator[ScoredRows]:
        """`function(release, batch)` of each batch, in order; one is held at a time."""
        return (function(self.release, batch) for batch in batches)


@dataclass
class ScoredFile:
    """What happened to the rows of a file: rows = rated + not_rated + refused."""

    rows: int = 0
    rated: int = 0
    not_rated: int = 0
    refused: int = 0
    unread: tuple[str, ...] = ()
    grades: dict[str, int] = field(default_factory=dict)

    def add(self, batch: ScoredRows) -> None:
        """Count a batch."""
        self.rows += len(batch.cells)
        self.refused += len(batch.cells) - sum(batch.statuses.values())
        self.rated += batch.statuses.get("rated", 0)
        self.not_rated += batch.statuses.get("not_rated", 0)
        for place in batch.places:
            self.grades[place.grade] = self.grades.get(place.grade, 0) + 1

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
    mapper: BatchMapper | None = None,
) -> ScoredFile:
    """The counts of a file whose projects were scored into `out`, row for row.

    Memory does not grow with the number of rows, except that a ranking keeps each rated project's
    id and scores.

    Args:
        mapper: who scores the batches; by default this process, one after another.

    Raises:
        FileError: when the source cannot be read or the target cannot be written.
    """
    done = ScoredFile()
    order: list[Place] = []
    # Made before anything is scored, so that a ranking that cannot be written is refused at once.
    places = None if ranking is None else ResultWriter(ranking, RANKING)

    def read() -> Iterator[Rows]:
        for batch in parse_rows(source, release.model.catalogue, BATCH):
            done.unread = batch.unread
            yield batch.rows

    scored = (mapper or InThisProcess(release)).map(partial(scored_rows, full=full), read())
    with ResultWriter(out, columns(release.model, full)) as writer:
        for batch in scored:
            writer.write(batch.cells)
            done.add(batch)
            if places is not None:
                order += batch.places
            progress(len(batch.cells))
    if places is not None:
        _write_ranking(places, order)
    return done


def scored_rows(release: Release, rows: Rows, full: bool) -> ScoredRows:
    """The rows of a batch as results, whatever else is scored before or beside them."""
    answers = _answers(rows, release)
    return ScoredRows(
        [_cells(row, answers.get(row.number), full) for row in rows],
        Counter(answer["status"] for answer in answers.values()),
        [_place(number, answer) for number, answer in answers.items() if answer["priority"]],
    )


def _answers(rows: Rows, release: Release) -> dict[int, Json]:
    good = [(row.number, row.project) for row in rows if row.project is not None]
    prediction = release.model.predict([project for _, project in good])
    return {
        number: explained_score(release, prediction, place)
        for place, (number, _) in enumerate(good)
    }


def _cells(row: ParsedRow, answer: Json | None, full: bool) -> dict[str, Any]:
    if answer is None:
        return refused_row(row.number, row.faults)
    return flat_answer(row.number, answer, full)


def _place(row: int, answer: Json) -> Place:
    priority = answer["priority"]
    rank_score, necessity, importance = (
        Decimal(str(value))
        for value in (
            priority["rank_score"],
            priority["necessity"]["score"],
            priority["importance"]["score"],
        )
    )
    entry = Ranked(answer["project_id"], rank_score, necessity, importance)
    return Place(entry, row, answer["year"], priority["grade"])


def _write_ranking(target: ResultWriter, order: list[Place]) -> None:
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
