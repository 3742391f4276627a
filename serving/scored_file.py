"""Scoring a file: projects stream in, explained scores stream out, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from features.project_rows import ParsedRow, parse_rows
from models.priority import Ranked, ranked
from models.registry import Release
from serving.explained_score import Json, explained_score
from serving.flat_answer import columns, flat_answer, refused_row
from serving.result_files import ResultWriter

BATCH = 500
RANKING: dict[str, Any] = {
    "rank": int,
    "project_id": str,
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
    order: list[tuple[Ranked, str]] = []
    with ResultWriter(out, columns(release.model, full)) as writer:
        for batch in parse_rows(source, release.model.catalogue, BATCH):
            answers = _answers(batch.rows, release)
            writer.write([_cells(row, answers.get(row.number), full) for row in batch.rows])
            done.unread = batch.unread
            _count(done, batch.rows, answers)
            if ranking is not None:
                order += [_ranked(a) for a in answers.values() if a["priority"]]
            progress(len(batch.rows))
    if ranking is not None:
        _write_ranking(ranking, order)
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


def _ranked(answer: Json) -> tuple[Ranked, str]:
    priority = answer["priority"]
    scores = [
        Decimal(str(value))
        for value in (
            priority["rank_score"],
            priority["necessity"]["score"],
            priority["importance"]["score"],
        )
    ]
    return Ranked(answer["project_id"], *scores), priority["grade"]


def _write_ranking(path: Path, order: list[tuple[Ranked, str]]) -> None:
    grades = {entry.project_id: grade for entry, grade in order}
    with ResultWriter(path, RANKING) as writer:
        writer.write(
            [
                {
                    "rank": place,
                    "project_id": entry.project_id,
                    "grade": grades[entry.project_id],
                    "rank_score": float(entry.rank_score),
                    "necessity": float(entry.necessity),
                    "importance": float(entry.importance),
                }
                for place, entry in enumerate(ranked(e for e, _ in order), start=1)
            ]
        )
