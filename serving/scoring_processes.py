"""Processes that score the pieces of a file side by side, and answer in the order of the pieces.

Scoring a row is Python's work, which threads of one process cannot share. Each process loads the
release from the registry by itself and is spoken to through a pipe that only it and this process
hold: whichever of the two ends, the other notices and nothing is left running.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from features.errors import LingjiError, RegistryError
from features.project_files import Piece
from models.registry import Registry, Release, Version
from serving.errors import ScoringError
from serving.scored_piece import PieceScorer, ScoredPiece, ScoringTask

_WAITING_FOR_EACH = 2
"""Pieces under way for each process: the one it scores, and one read or waiting to be written."""

_PATIENCE = 5.0
_REPORT = "score with --workers 1 to see where, and report it"


@dataclass(frozen=True)
class Workers:
    """How many processes score, and the registry from which each loads the release."""

    count: int
    registry: Registry


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Failure:
    """What a process answers in place of a scored piece."""

    happened: str
    hint: str
    trace: str = ""


class _ScoringProcess:
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


class ScoringProcesses:
    """Scores pieces in several processes at once."""

    def __init__(self, processes: list[_ScoringProcess], threads: ThreadPoolExecutor) -> None:
        self._count, self._threads = len(processes), threads
        self._idle: SimpleQueue[_ScoringProcess] = SimpleQueue()
        for process in processes:
            self._idle.put(process)

    def scored(self, pieces: Iterator[Piece]) -> Iterator[ScoredPiece]:
        """The pieces, scored, in their order; few are under way at any time.

        Raises:
            ScoringError: when a process cannot score a piece, or ends.
        """
        under_way: deque[Future[ScoredPiece]] = deque()
        for piece in pieces:
            under_way.append(self._threads.submit(self._score, piece))
            if len(under_way) >= _WAITING_FOR_EACH * self._count:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _score(self, piece: Piece) -> ScoredPiece:
        process = self._idle.get()  # there is one for each thread
        try:
            return process.score(piece)
        finally:
            self._idle.put(process)


@contextmanager
def scoring_processes(
    source: Path, workers: Workers, version: Version, task: ScoringTask
) -> Iterator[ScoringProcesses]:
    """Processes that score the pieces of a file with a version; all have ended on leaving."""
    with ExitStack() as ending:
        # Each thread speaks to one process; they are waited for once the processes have ended.
        threads = ThreadPoolExecutor(workers.count)
        ending.callback(threads.shutdown, wait=True, cancel_futures=True)
        processes = []
        with _interrupts_held_back():
            for _ in range(workers.count):
                process = _ScoringProcess(source, workers.registry, version, task)
                ending.callback(process.end)
                processes.append(process)
        yield ScoringProcesses(processes, threads)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C comes after the block; processes started in it never see one, and are ended instead.

    A terminal sends it to every process, and each would print a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
        scorer = PieceScorer(self._task, release)
        gc.freeze()  # what is loaded stays, and need not be looked through again and again
        return scorer


def _unexpected(error: Exception) -> _Failure:
    """A failure of the program itself, without its message, which may quote a project."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "no place"
    happened = f"an error of the program, {type(error).__name__} at {place}"
    return _Failure(happened, _REPORT, "".join(traceback.format_list(frames)))
