"""A process that scores pieces of a file, one at a time.

It loads the release from the registry by itself and is spoken to through a pipe that only it and
its parent hold: whichever of the two ends, the other notices, and nothing is left running.
"""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path

from features.errors import LingjiError, RegistryError
from features.project_files import Piece
from models.pilots import Pilots
from models.registry import Registry, Release, Version
from serving.errors import ScoringError
from serving.files.scored_piece import PieceScorer, ScoredPiece, ScoringTask
from serving.settling import settle

_PATIENCE = 5.0
"""Seconds that a process which has ended, or was asked to, may take to be gone."""

_REPORT = "score with --workers 1 to see where, and report it"


@dataclass(frozen=True)
class _Failure:
    """What a process answers in place of a scored piece."""

    happened: str
    hint: str
    trace: str = ""


class ScoringProcess:
    """A process that scores one piece at a time."""

    def __init__(self, source: Path, registry: Registry, version: Version, task: ScoringTask):
        # A fresh interpreter: a fork would copy the locks that other threads hold.
        context = multiprocessing.get_context("spawn")
        self._source = source
        self._pipe, its_end = context.Pipe()
        self._process = context.Process(
            target=_answer_pieces, args=(its_end, registry, version, task), daemon=True
        )
        try:
            self._process.start()
        finally:
            its_end.close()

    def score(self, piece: Piece) -> ScoredPiece:
        """The results of a piece.

        Raises:
            ScoringError: when the process cannot score it, or ends.
        """
        try:
            self._pipe.send(piece)
            answer: ScoredPiece | _Failure = self._pipe.recv()
        except (EOFError, OSError) as error:
            answer = self._its_end()
            raise self._broken_off(piece, answer) from error
        if isinstance(answer, _Failure):
            raise self._broken_off(piece, answer)
        return answer

    def end(self) -> None:
        """End the process at once; it holds nothing that would be lost."""
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def hang_up(self) -> None:
        """Close the pipe, once no thread speaks into it any more."""
        self._pipe.close()

    def _its_end(self) -> _Failure:
        self._process.join(_PATIENCE)
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            happened = f"the end of the process that scored them, by {name}"
            return _Failure(happened, "free some memory, or score with fewer --workers")
        return _Failure(f"the end of the process that scored them, with code {code}", _REPORT)

    def _broken_off(self, piece: Piece, failure: _Failure) -> ScoringError:
        rows = (piece.first, piece.last)
        return ScoringError(self._source, rows, failure.happened, failure.hint, failure.trace)


def _answer_pieces(
    pipe: Connection, registry: Registry, version: Version, task: ScoringTask
) -> None:
    """Score what comes through the pipe until it closes: the whole life of a process."""
    scorer = _Scorer(registry, version, task)
    try:
        while True:
            pipe.send(scorer.answer(pipe.recv()))
    except (EOFError, OSError):
        return  # who asked is gone


class _Scorer:
    """Answers pieces in a process of its own; the release is loaded when the first one comes."""

    def __init__(self, registry: Registry, version: Version, task: ScoringTask) -> None:
        self._registry, self._version, self._task = registry, version, task

    def answer(self, piece: Piece) -> ScoredPiece | _Failure:
        """The scored piece, or why it could not be scored: nothing is raised."""
        try:
            return self._scorer.score(piece)
        except (LingjiError, OSError) as error:
            return _Failure(str(error), "mend that and score the file again")
        except Exception as error:
            return _unexpected(error)

    @cached_property
    def _scorer(self) -> PieceScorer:
        release: Release = self._registry.release(self._version.number)
        if release.version.digest != self._version.digest:
            raise RegistryError(
                f"expected version {self._version.number} of digest {self._version.digest}; "
                f"got {release.version.digest}: it was replaced meanwhile"
            )
        approval = self._task.pilot
        pilot = None if approval is None else Pilots(self._registry).loaded(approval)
        scorer = PieceScorer(self._task, release, pilot)
        settle()
        return scorer


def _unexpected(error: Exception) -> _Failure:
    """A failure of the program itself, without its message, which may quote a project."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "no place"
    happened = f"an error of the program, {type(error).__name__} at {place}"
    return _Failure(happened, _REPORT, "".join(traceback.format_list(frames)))
