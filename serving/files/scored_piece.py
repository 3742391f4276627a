"""A piece of a file scored: its rows' results, encoded, and what is counted and ranked of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from features.checks.checks import Checks
from features.checks.reference import Reference
from features.checks.rule_book import RuleBook
from features.project_files import Origin, Piece
from features.project_rows import ParsedRow, RowParser
from models.appraised_project import AppraisedProject, appraised_project
from models.registry import Release
from serving.files.file_ranking import KEPT, Place
from serving.files.result_columns import Cell
from serving.files.result_files import Encoder
from serving.recording.file_records import KeptRun
from serving.recording.score_record import score_record
from serving.records.record import SealedRecord
from serving.wording.flat_answer import columns, flat_answer, refused_row
from serving.wording.row_said import cells_said


@dataclass(frozen=True)
class ScoredPiece:
    """What became of the rows of a piece.

    encoded: their results, for a ResultWriter to append. statuses, grades: how many rows have each.
    places: those of the rated rows, where a ranking is wanted. records: those of the rows that have
    an answer, where they are kept.
    """

    encoded: bytes
    statuses: Mapping[str, int]
    grades: Mapping[str, int]
    places: Sequence[Place]
    records: Sequence[SealedRecord] = ()

    @property
    def rows(self) -> int:
        """How many rows the piece has."""
        return sum(self.statuses.values())


@dataclass(frozen=True)
class ScoringTask:
    """What is asked of a file's pieces, whichever process scores them.

    origin: how the file is read. kind: the ending of the result file. ranked: whether a ranking is
    wanted. full: whether each row holds its explained score. kept: the run that the rows' records
    name, where they are kept. reviewed: whether the version was, which whole answers say.
    rules: what projects are checked by, and what they are compared with; None for no checks.
    """

    origin: Origin
    kind: str
    ranked: bool
    full: bool
    kept: KeptRun | None = None
    reviewed: bool = False
    rules: tuple[RuleBook, Reference] | None = None


class PieceScorer:
    """Scores the pieces of one file; what a row gets depends on its own project only."""

    def __init__(self, task: ScoringTask, release: Release) -> None:
        """Prepare to score.

        Raises:
            FileError: when the column of a required field is missing, or one comes twice.
        """
        checks = None if task.rules is None else Checks.of(release.model.catalogue, *task.rules)
        self._task = task
        self._release = replace(release, reviewed=task.reviewed, checks=checks)
        self._parser = RowParser.of(task.origin, release.model.catalogue)
        self._encoder = Encoder(
            task.kind, columns(release.model, task.full, checked=checks is not None)
        )

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns of the file that the catalogue does not name."""
        return self._parser.unread

    def score(self, piece: Piece) -> ScoredPiece:
        """The results of a piece's rows, in order."""
        parsed = self._parser.parsed(piece.rows())
        found = appraised_rows(parsed, self._release)
        rows = result_rows(parsed, found, self._release, self._task.full)
        graded = [row for row in rows if "grade" in row]
        return ScoredPiece(
            self._encoder.encode(rows),
            Counter(str(row["status"]) for row in rows),
            Counter(str(row["grade"]) for row in graded),
            [tuple(row[name] for name in KEPT) for row in graded] if self._task.ranked else [],
            self._records(found, rows),
        )

    def _records(
        self, found: Sequence[AppraisedProject | None], rows: Sequence[Mapping[str, Cell]]
    ) -> list[SealedRecord]:
        kept = self._task.kept
        if kept is None:
            return []
        return [
            score_record(self._release, one, cells_said(cells), kept.asker, run=kept.run)
            for one, cells in zip(found, rows, strict=True)
            if one is not None
        ]


def appraised_rows(rows: Sequence[ParsedRow], release: Release) -> list[AppraisedProject | None]:
    """What is said of each row's project; None for a row that could not be read."""
    projects = [row.project for row in rows if row.project is not None]
    prediction = release.model.predict(projects)
    places = iter(range(len(projects)))
    return [
        None
        if row.project is None
        else appraised_project(release.model, prediction, next(places), release.checks)
        for row in rows
    ]


def result_rows(
    rows: Sequence[ParsedRow],
    found: Sequence[AppraisedProject | None],
    release: Release,
    full: bool = False,
) -> list[dict[str, Cell]]:
    """The cells of every row: what was predicted, or why it could not be."""
    return [
        refused_row(row.number, row.faults)
        if one is None
        else flat_answer(row.number, release, one, full)
        for row, one in zip(rows, found, strict=True)
    ]
