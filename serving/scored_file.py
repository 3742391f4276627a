"""Scoring a file: projects stream in, explained scores stream out, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from features.project_rows import ParsedRow, parse_rows
from models.priority import Ranked, rank_key
from models.registry import Release
from serving.explained_score import Json, explained_score
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
            answers = _answers(batch.rows, release)
            writer.write([_cells(row, answers.get(row.number), full) for row in batch.rows])
            done.unread = batch.unread
            _count(done, batch.rows, answers)
            if places is not None:
                order += [_place(n, a) for n, a in answers.items() if a["priority"]]
            progress(len(batch.rows))
    if places is not None:
        _write_ranking(places, order)
    return done


def _answers(rows: Sequence[ParsedRow], release: Release) -> dict[int, Json]:
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


def _count(done: ScoredFile, rows: Sequence[ParsedRow], answers: dict[int, Json]) -> None:
    done.rows += len(rows)
    done.refused += len(rows) - len(answers)
    for answer in answers.values():
        done.rated += answer["status"] == "rated"
        done.not_rated += answer["status"] == "not_rated"
        if answer["priority"]:
            grade = answer["priority"]["grade"]
            done.grades[grade] = done.grades.get(grade, 0) + 1


@dataclass(frozen=True)
class _Place:
    """What the ranking keeps of a rated row."""

    ranked: Ranked
    row: int
    year: int
    grade: str


def _place(row: int, answer: Json) -> _Place:
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
    return _Place(entry, row, answer["year"], priority["grade"])


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
