"""Scoring a file: projects stream in, explained scores stream out, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from features.errors import Fault, FileError
from features.project_files import Piece, cut_projects
from models.pilots import PilotRelease
from models.registry import Release, Version
from serving.files.file_ranking import FileRanking
from serving.files.result_files import ResultWriter
from serving.files.scored_piece import PieceScorer, ScoredPiece, ScoringTask
from serving.recording.file_records import FileRecords
from serving.recording.run_record import rulers
from serving.wording.explained_score import Json
from serving.wording.flat_answer import columns

BATCH = 500
LOOKED_AHEAD = 3
"""Pieces that are cut before it is decided where they are scored."""

Scoring = Callable[[Iterator[Piece]], Iterator[ScoredPiece]]
"""Scores pieces, in their order."""


class Scorers(Protocol):
    """Others that score the pieces of a file: processes, or the workers of a cluster."""

    def worth_asking(self, pieces: int) -> bool:
        """Whether so many pieces are enough for them; `LOOKED_AHEAD` stands for that or more."""

    def scoring(
        self, source: Path, version: Version, task: ScoringTask
    ) -> AbstractContextManager[Scoring]:
        """What scores a file's pieces with a version, until it is left."""


@dataclass
class ScoredFile:
    """What happened to the rows of a file: rows = rated + not_rated + refused.

    versions: how many rows each version answered.
    """

    rows: int = 0
    rated: int = 0
    not_rated: int = 0
    refused: int = 0
    unread: tuple[str, ...] = ()
    grades: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def add(self, piece: ScoredPiece) -> None:
        """Count the rows of a piece."""
        self.rows += piece.rows
        self.rated += piece.statuses.get("rated", 0)
        self.not_rated += piece.statuses.get("not_rated", 0)
        self.refused += piece.statuses.get("error", 0)
        for grade, count in piece.grades.items():
            self.grades[grade] = self.grades.get(grade, 0) + count
        for version, count in piece.versions.items():
            self.versions[version] = self.versions.get(version, 0) + count

    def counts(self) -> Json:
        """How many rows, and what became of them."""
        names = ("rows", "rated", "not_rated", "refused")
        return {name: getattr(self, name) for name in names}

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
    scorers: Scorers | None = None,
    progress: Callable[[int], None] = lambda rows: None,
    records: FileRecords | None = None,
    pilot: PilotRelease | None = None,
) -> ScoredFile:
    """The counts of a file whose projects were scored into `out`, row for row.

    Memory does not grow with the number of rows. `out` and `ranking` are the same bytes whoever
    scores: this process, or the `scorers` where there is enough to do for them. With `records`,
    neither file appears before every answer in it is recorded. A `pilot` answers for its regions;
    then there is no ranking, since the rows' scores would be of two rulers.

    Raises:
        FileError: when the source cannot be read or a target cannot be written.
        ScoringError: when one of several processes cannot score what it was given, or ends.
        ClusterError: when a cluster loses a piece for good.
        RecordsError: when an answer cannot be recorded.
    """
    _refuse_the_same(source, out, ranking)
    if pilot is not None and ranking is not None:
        got = f"a ranking, while version {pilot.release.version.number} serves some regions"
        hint = "leave the ranking out, or the pilot: lingji score --without-pilot"
        raise FileError([Fault(None, None, "one ruler for an order", got, hint)])
    # Made before anything is scored, so that what cannot be written is refused at once.
    places = None if ranking is None else FileRanking(ranking)
    checks = release.checks
    writer = ResultWriter(out, columns(release.model, full, checks))
    origin, pieces = cut_projects(source, BATCH)
    first = list(islice(pieces, LOOKED_AHEAD))
    kept = None if records is None else records.kept
    ranked = places is not None
    rules = None if checks is None else (checks.book, checks.reference, checks.ruler)
    approval = None if pilot is None else pilot.approval
    task = ScoringTask(
        origin, writer.encoder.kind, ranked, full, kept, release.reviewed, rules, approval
    )
    scorer = PieceScorer(task, release, pilot)
    scoring: AbstractContextManager[Scoring] = nullcontext(lambda some: map(scorer.score, some))
    if scorers is not None and scorers.worth_asking(len(first)):
        scoring = scorers.scoring(source, release.version, task)
    done = ScoredFile(unread=scorer.unread)
    if records is not None:
        records.begin(source)
        writer.before_named = lambda complete: records.end(
            source, complete, done.counts(), rulers(done.versions, release)
        )
    with places or nullcontext(), writer:
        with scoring as score:
            for scored in score(chain(first, pieces)):
                if records is not None:
                    records.add(scored.records, sum(scored.versions.values()))
                writer.append(scored.encoded, scored.rows)
                if places is not None:
                    places.add(scored.places)
                done.add(scored)
                progress(scored.rows)
        if records is not None:
            records.wait()
        if places is not None:
            places.write()
    return done


def _refuse_the_same(source: Path, out: Path, ranking: Path | None) -> None:
    paths = [path.resolve() for path in (source, out, ranking) if path is not None]
    if len(set(paths)) < len(paths):
        got = "the same file twice"
        raise FileError([Fault(None, None, "a file each for source, results and ranking", got)])
