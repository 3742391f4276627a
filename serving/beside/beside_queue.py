"""What waits to be answered beside the service: bounded, and never waited for.

Whoever answers a question only leaves the document here. A thread of its own hands documents to a
process, and what that answers to the record log. When more comes than is answered, documents are
left out, and counted.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from serving.beside.beside_process import PATIENCE, BesideBroken, Outcome
from serving.beside.beside_record import BesideTask
from serving.records.errors import RecordsError
from serving.records.receipt import Receipt
from serving.records.record import SealedRecord

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

logger = logging.getLogger("lingji.serving")

MOST_WAITING = 2_000
MOST_BYTES = 64 << 20
"""Of documents that wait, by the size of their records."""
TOGETHER = 16
AGAIN_SECONDS = 30.0
"""So long after its process broke, nothing is answered beside the service."""
_RECORDING_SECONDS = 10.0
OUTCOMES = ("recorded", "refused", "failed", "dropped")


@dataclass
class BesideCounts:
    """What became of the answers that were to be made beside those that were given.

    recorded: made and kept. refused: of documents that do not meet the version's catalogue.
    failed: that the version, its process or the log could not give. dropped: for want of room.
    """

    recorded: int = 0
    refused: int = 0
    failed: int = 0
    dropped: int = 0

    def add(self, outcome: str, count: int = 1) -> None:
        """Count some more."""
        setattr(self, outcome, getattr(self, outcome) + count)


class Answering(Protocol):
    """What answers groups of tasks: a process."""

    def outcomes(self, tasks: Sequence[BesideTask], patience: float) -> list[Outcome]: ...
    def end(self) -> None: ...


@dataclass
class _Waiting:
    """How much waits."""

    tasks: queue.SimpleQueue[BesideTask | None] = field(default_factory=queue.SimpleQueue)
    count: int = 0
    size: int = 0


class BesideQueue:
    """Takes tasks in from any thread and has them answered, one group after another."""

    def __init__(
        self,
        process: Callable[[], Answering],
        log: RecordLog,
        counted: Callable[[str, int], None] = lambda outcome, count: None,
        patience: float = PATIENCE,
    ) -> None:
        self.counts = BesideCounts()
        self._process_of, self._log, self._counted, self._patience = process, log, counted, patience
        self._waiting, self._lock = _Waiting(), threading.Lock()
        self._process: Answering | None = None
        self._rests_until = 0.0
        self._closed = False
        self._thread: threading.Thread | None = None

    def offer(self, tasks: Sequence[BesideTask]) -> None:
        """Take tasks in as far as there is room; it takes microseconds and raises nothing."""
        dropped = 0
        with self._lock:
            for task in tasks:
                waiting = self._waiting
                full = waiting.count >= MOST_WAITING or waiting.size + task.size > MOST_BYTES
                if full or self._closed:
                    dropped += 1
                    continue
                waiting.count, waiting.size = waiting.count + 1, waiting.size + task.size
                waiting.tasks.put(task)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="lingji-beside", daemon=True)
                self._thread.start()
        self._count("dropped", dropped)

    @property
    def waiting(self) -> int:
        """How many tasks wait."""
        return self._waiting.count

    def close(self) -> None:
        """Stop answering; what waits is left out."""
        with self._lock:
            self._closed, thread = True, self._thread
        self._waiting.tasks.put(None)
        process = self._process
        if process is not None:
            process.end()
        if thread is not None:
            thread.join(_RECORDING_SECONDS)
        self._count("dropped", self._waiting.count)

    def _count(self, outcome: str, count: int) -> None:
        if count:
            with self._lock:
                self.counts.add(outcome, count)
            self._counted(outcome, count)

    def _run(self) -> None:
        """Answer what comes until this is closed."""
        while not self._closed:
            tasks = self._group()
            if not tasks:
                break
            try:
                self._answer(tasks)
            except Exception as error:  # whatever it is, the service goes on
                self._broke(error, len(tasks))
        if self._process is not None:
            with suppress(OSError, ValueError):
                self._process.end()

    def _group(self) -> list[BesideTask]:
        """Some tasks, as soon as there is one; none when this is closed."""
        found: list[BesideTask] = []
        task = self._waiting.tasks.get()
        while task is not None:
            found.append(task)
            if len(found) >= TOGETHER:
                break
            try:
                task = self._waiting.tasks.get_nowait()
            except queue.Empty:
                break
        with self._lock:
            self._waiting.count -= len(found)
            self._waiting.size -= sum(task.size for task in found)
        return found

    def _answer(self, tasks: list[BesideTask]) -> None:
        if time.monotonic() < self._rests_until:
            self._count("failed", len(tasks))
            return
        if self._process is None:
            self._process = self._process_of()
        outcomes = self._process.outcomes(tasks, self._patience)
        records = [found for found in outcomes if isinstance(found, SealedRecord)]
        for outcome in ("refused", "failed"):
            self._count(outcome, outcomes.count(outcome))
        if records:
            self._keep(records)

    def _keep(self, records: list[SealedRecord]) -> None:
        kept: Future[tuple[Receipt, ...]] = self._log.append_all(records)
        try:
            kept.result(_RECORDING_SECONDS)
        except (RecordsError, TimeoutError) as error:
            logger.warning("answers beside the service not kept: %s", type(error).__name__)
            self._count("failed", len(records))
            return
        self._count("recorded", len(records))

    def _broke(self, error: Exception, tasks: int) -> None:
        """Let the process go, and rest: what breaks again and again costs no more than that."""
        if self._closed:
            self._count("dropped", tasks)
            return
        told = error if isinstance(error, BesideBroken) else type(error).__name__
        logger.error("what answers beside the service broke: %s", told)
        self._count("failed", tasks)
        self._rests_until = time.monotonic() + AGAIN_SECONDS
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError, ValueError):
                process.end()
