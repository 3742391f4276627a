"""A piece of a file scored: its rows' results, encoded, and what is counted and ranked of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from features.checks.checks import Checks
from features.checks.dimensions.ruler import Ruler
from features.checks.reference import Reference
from features.checks.rule_book import RuleBook
from features.project_files import Origin, Piece
from features.project_rows import ParsedRow, RowParser
from models.appraised_project import AppraisedProject, appraised_project
from models.pilot import PilotApproval
from models.pilots import PilotRelease
from models.registry import Release
from serving.beside.beside_record import beside_record
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
    an answer, where they are kept. versions: how many rows each version answered.
    """

    encoded: bytes
    statuses: Mapping[str, int]
    grades: Mapping[str, int]
    places: Sequence[Place]
    records: Sequence[SealedRecord] = ()
    versions: Mapping[str, int] = field(default_factory=dict)

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
    rules: what projects are checked by, what they are compared with, and the ruler that scores
    dimensions, where there is one; None for no checks.
    pilot: what serves some regions beside it, if anything does.
    """

    origin: Origin
    kind: str
    ranked: bool
    full: bool
    kept: KeptRun | None = None
    reviewed: bool = False
    rules: tuple[RuleBook, Reference, Ruler | None] | None = None
    pilot: PilotApproval | None = None


class PieceScorer:
    """Scores the pieces of one file; what a row gets depends on its own project only."""

    def __init__(
        self, task: ScoringTask, release: Release, pilot: PilotRelease | None = None
    ) -> None:
        """Prepare to score; the pilot is that of the task, loaded.

        Raises:
            FileError: when the column of a required field is missing, or one comes twice.
        """
        checks = None
        if task.rules is not None:
            book, reference, ruler = task.rules
            checks = Checks(book, release.model.catalogue, reference, ruler)
        self._task = task
        self._release = replace(release, reviewed=task.reviewed, checks=checks)
        # The pilot has the champion's catalogue, and is checked by the same rules.
        self._pilot = pilot and replace(pilot, release=replace(pilot.release, checks=checks))
        self._parser = RowParser.of(task.origin, release.model.catalogue)
        self._encoder = Encoder(task.kind, columns(release.model, task.full, checks))

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns of the file that the catalogue does not name."""
        return self._parser.unread

    def score(self, piece: Piece) -> ScoredPiece:
        """The results of a piece's rows, in order."""
        parsed = self._parser.parsed(piece.rows())
        releases = [self._serving(row) for row in parsed]
        found = appraised_rows(parsed, releases)
        rows = result_rows(parsed, found, releases, self._task.full)
        graded = [row for row in rows if "grade" in row]
        return ScoredPiece(
            self._encoder.encode(rows),
            Counter(str(row["status"]) for row in rows),
            Counter(str(row["grade"]) for row in graded),
            [tuple(row[name] for name in KEPT) for row in graded] if self._task.ranked else [],
            self._records(found, releases, rows),
            Counter(
                str(release.version.number)
                for one, release in zip(found, releases, strict=True)
                if one is not None
            ),
        )

    def _serving(self, row: ParsedRow) -> Release:
        """The release that answers for a row's project: the pilot in its regions."""
        if self._pilot is None or row.project is None:
            return self._release
        statement = self._pilot.statement
        inside = statement.regions.hold(row.project.values[statement.regions.indicator])
        return self._pilot.release if inside else self._release

    def _records(
        self,
        found: Sequence[AppraisedProject | None],
        releases: Sequence[Release],
        rows: Sequence[Mapping[str, Cell]],
    ) -> list[SealedRecord]:
        """The records of the rows' answers, and of what the champion says of a pilot's."""
        kept = self._task.kept
        if kept is None:
            return []
        given = [
            (one, release, score_record(release, one, cells_said(cells), kept.asker, run=kept.run))
            for one, release, cells in zip(found, releases, rows, strict=True)
            if one is not None
        ]
        piloted = [each for each in given if each[1] is not self._release]
        return [record for *_, record in given] + self._champions(piloted)

    def _champions(
        self, piloted: Sequence[tuple[AppraisedProject, Release, SealedRecord]]
    ) -> list[SealedRecord]:
        """The records of what the champion says of projects that a pilot answered for."""
        if not piloted:
            return []
        model = self._release.model
        prediction = model.predict([one.project for one, *_ in piloted])
        return [
            beside_record(
                self._release,
                appraised_project(model, prediction, row, self._release.checks),
                record.record_id,
                release.version.number,
                "pilot",
            )
            for row, (_, release, record) in enumerate(piloted)
        ]


def appraised_rows(
    rows: Sequence[ParsedRow], releases: Sequence[Release]
) -> list[AppraisedProject | None]:
    """What each row's release says of its project; None for a row that could not be read."""
    found: list[AppraisedProject | None] = [None] * len(rows)
    # By identity: to compare two releases would compare all that they hold.
    for release in {id(each): each for each in releases}.values():
        own = [at for at, row in enumerate(rows) if row.project and releases[at] is release]
        prediction = release.model.predict([rows[at].project for at in own])  # type: ignore[misc]
        for place, at in enumerate(own):
            found[at] = appraised_project(release.model, prediction, place, release.checks)
    return found


def result_rows(
    rows: Sequence[ParsedRow],
    found: Sequence[AppraisedProject | None],
    releases: Sequence[Release],
    full: bool = False,
) -> list[dict[str, Cell]]:
    """The cells of every row: what was predicted, or why it could not be."""
    return [
        refused_row(row.number, row.faults)
        if one is None
        else flat_answer(row.number, release, one, full)
        for row, one, release in zip(rows, found, releases, strict=True)
    ]
