"""Processes that score the pieces of a file side by side, and answer in the order of the pieces.

Scoring a row is Python's work, which threads of one process cannot share.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from queue import SimpleQueue

from features.project_files import Piece
from models.registry import Registry, Version
from serving.files.scored_piece import ScoredPiece, ScoringTask
from serving.files.scoring_process import ScoringProcess

_ALONE = 2
"""Pieces that are scored before a process would have started."""

_WAITING_FOR_EACH = 2
"""Pieces under way for each process: the one it scores, and one read or waiting to be written."""


@dataclass(frozen=True)
class Workers:
    """How many processes score, and the registry from which each loads the release."""

    count: int
    registry: Registry

    def worth_asking(self, pieces: int) -> bool:
        """Whether so many pieces would not be scored before a process had started."""
        return self.count > 1 and pieces > _ALONE

    @contextmanager
    def scoring(
        self, source: Path, version: Version, task: ScoringTask
    ) -> Iterator[Callable[[Iterator[Piece]], Iterator[ScoredPiece]]]:
        """What scores a file's pieces with a version, until it is left."""
        with scoring_processes(source, self, version, task) as processes:
            yield processes.scored


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ScoringProcesses:
    """Scores pieces in several processes at once."""

    def __init__(self, processes: list[ScoringProcess], threads: ThreadPoolExecutor) -> None:
        self._count, self._threads = len(processes), threads
        self._idle: SimpleQueue[ScoringProcess] = SimpleQueue()
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
    processes: list[ScoringProcess] = []
    # Left in reverse: the processes end, then the threads that spoke to them, then the pipes go.
    with (
        ExitStack() as pipes,
        ThreadPoolExecutor(workers.count) as threads,
        ExitStack() as running,
    ):
        with _interrupts_held_back():
            for _ in range(workers.count):
                process = ScoringProcess(source, workers.registry, version, task)
                running.callback(process.end)
                pipes.callback(process.hang_up)
                processes.append(process)
        yield ScoringProcesses(processes, threads)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C comes after the block; processes started in it never see one, and are ended instead.

    A terminal sends it to every process, and each would print a traceback. Blocked for this
    thread, as the processes inherit it, it still arrives by another one.
    """
    resource_tracker.ensure_running()  # when it is started, it lets interrupts through again
    interrupted: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, usual)
    if interrupted and callable(usual):  # it is not where interrupts are ignored
        usual(signal.SIGINT, None)
