"""Scoring a file: projects stream in, explained scores stream out, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path

from features.errors import Fault, FileError
from features.project_files import Piece, cut_projects
from models.registry import Release, Version
from serving.explained_score import Json
from serving.file_ranking import FileRanking
from serving.flat_answer import columns
from serving.result_files import ResultWriter
from serving.scored_piece import PieceScorer, ScoredPiece, ScoringTask
from serving.scoring_processes import Workers, scoring_processes

BATCH = 500
ALONE = 2
"""Batches that are scored before a process would have started."""


@dataclass
class ScoredFile:
    """What happened to the rows of a file: rows = rated + not_rated + refused."""

    rows: int = 0
    rated: int = 0
    not_rated: int = 0
    refused: int = 0
    unread: tuple[str, ...] = ()
    grades: dict[str, int] = field(default_factory=dict)

    def add(self, piece: ScoredPiece) -> None:
        """Count the rows of a piece."""
        self.rows += piece.rows
        self.rated += piece.statuses.get("rated", 0)
        self.not_rated += piece.statuses.get("not_rated", 0)
        self.refused += piece.statuses.get("error", 0)
        for grade, count in piece.grades.items():
            self.grades[grade] = self.grades.get(grade, 0) + count

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
    workers: Workers | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> ScoredFile:
    """The counts of a file whose projects were scored into `out`, row for row.

    Memory does not grow with the number of rows. Without `workers`, or with one, everything is
    done in this process; `out` and `ranking` are the same bytes however many there are.

    Raises:
        FileError: when the source cannot be read or a target cannot be written.
        ScoringError: when one of several processes cannot score what it was given, or ends.
    """
    _refuse_the_same(source, out, ranking)
    # Made before anything is scored, so that what cannot be written is refused at once.
    places = None if ranking is None else FileRanking(ranking)
    writer = ResultWriter(out, columns(release.model, full))
    origin, pieces = cut_projects(source, BATCH)
    first = list(islice(pieces, ALONE + 1))
    task = ScoringTask(origin, writer.encoder.kind, places is not None, full)
    scorer = PieceScorer(task, release)
    processes = workers if len(first) > ALONE and workers and workers.count > 1 else None
    done = ScoredFile(unread=scorer.unread)
    with places or nullcontext(), writer:
        with _scoring(source, processes, scorer, release.version, task) as score:
            for scored in score(chain(first, pieces)):
                writer.append(scored.encoded, scored.rows)
                if places is not None:
                    places.add(scored.places)
                done.add(scored)
                progress(scored.rows)
        if places is not None:
            places.write()
    return done


def _refuse_the_same(source: Path, out: Path, ranking: Path | None) -> None:
    paths = [path.resolve() for path in (source, out, ranking) if path is not None]
    if len(set(paths)) < len(paths):
        got = "the same file twice"
        raise FileError([Fault(None, None, "a file each for source, results and ranking", got)])


@contextmanager
def _scoring(
    source: Path,
    workers: Workers | None,
    scorer: PieceScorer,
    version: Version,
    task: ScoringTask,
) -> Iterator[Callable[[Iterator[Piece]], Iterator[ScoredPiece]]]:
    """What scores pieces in their order: other processes, or without `workers` this one."""
    if workers is None:
        yield lambda pieces: map(scorer.score, pieces)
        return
    with scoring_processes(source, workers, version, task) as processes:
        yield processes.scored
