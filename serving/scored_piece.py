"""A piece of a file scored: its rows' results, encoded, and what is counted and ranked of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.project_files import Origin, Piece
from features.project_rows import ParsedRow, RowParser
from models.appraised_project import appraised_project
from models.registry import Release
from serving.file_ranking import KEPT, Place
from serving.flat_answer import columns, flat_answer, refused_row
from serving.result_columns import Cell
from serving.result_files import Encoder


@dataclass(frozen=True)
class ScoredPiece:
    """What became of the rows of a piece.

    encoded: their results, for a ResultWriter to append. statuses, grades: how many rows have each.
    places: those of the rated rows, where a ranking is wanted.
    """

    encoded: bytes
    statuses: Mapping[str, int]
    grades: Mapping[str, int]
    places: Sequence[Place]

    @property
    def rows(self) -> int:
        """How many rows the piece has."""
        return sum(self.statuses.values())


@dataclass(frozen=True)
class ScoringTask:
    """What is asked of a file's pieces, whichever process scores them.

    origin: how the file is read. kind: the ending of the result file. ranked: whether a ranking is
    wanted. full: whether each row holds its explained score.
    """

    origin: Origin
    kind: str
    ranked: bool
    full: bool


class PieceScorer:
    """Scores the pieces of one file; what a row gets depends on its own project only."""

    def __init__(self, task: ScoringTask, release: Release) -> None:
        """Prepare to score.

        Raises:
            FileError: when the column of a required field is missing, or one comes twice.
        """
        self._task, self._release = task, release
        self._parser = RowParser.of(task.origin, release.model.catalogue)
        self._encoder = Encoder(task.kind, columns(release.model, task.full))

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns of the file that the catalogue does not name."""
        return self._parser.unread

    def score(self, piece: Piece) -> ScoredPiece:
        """The results of a piece's rows, in order."""
        rows = result_rows(self._parser.parsed(piece.rows()), self._release, self._task.full)
        graded = [row for row in rows if "grade" in row]
        return ScoredPiece(
            self._encoder.encode(rows),
            Counter(str(row["status"]) for row in rows),
            Counter(str(row["grade"]) for row in graded),
            [tuple(row[name] for name in KEPT) for row in graded] if self._task.ranked else [],
        )


def result_rows(
    rows: Sequence[ParsedRow], release: Release, full: bool = False
) -> list[dict[str, Cell]]:
    """The cells of every row: what was predicted, or why it could not be."""
    projects = [row.project for row in rows if row.project is not None]
    prediction = release.model.predict(projects)
    answers = (
        appraised_project(release.model, prediction, place) for place in range(len(projects))
    )
    return [
        refused_row(row.number, row.faults)
        if row.project is None
        else flat_answer(row.number, release, next(answers), full)
        for row in rows
    ]
