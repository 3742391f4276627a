"""The records of a scored file: one for each project, and one for the run, before it appears.

The run's record says which file went in, which came out, and that every row has an answer: a run
without it gave no file out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import Fault, FileError
from models.registry import Release
from serving.asker import Asker
from serving.recording.run_record import run_content
from serving.recording.score_record import kept_name
from serving.records.receipt import Receipt
from serving.records.record import Record, SealedRecord, new_record_id
from serving.wording.explained_score import Json

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

PATIENCE = 60.0
"""Seconds that a file's records may wait for a busy database: nobody waits for an answer here."""

_UNDER_WAY = 3


@dataclass(frozen=True)
class KeptRun:
    """What the record of each row says of its run: its record's id, and who asked."""

    run: str
    asker: Asker


class FileRecords:
    """Keeps the records of one run, a few groups of them under way at any time."""

    def __init__(self, log: RecordLog, release: Release, asker: Asker) -> None:
        self.kept = KeptRun(new_record_id(), asker)
        self._log, self._release = log, release
        self._waiting: deque[Future[tuple[Receipt, ...]]] = deque()
        self._source: Json = {}
        self.count = 0

    def begin(self, source: Path) -> None:
        """Take down which file goes in."""
        self._source = {"name": source.name, **_digest(source)}

    def add(self, records: Sequence[SealedRecord], answers: int) -> None:
        """Record the rows of a piece: the records of its answers, and those made beside them.

        Raises:
            RecordsError: when an earlier piece could not be recorded.
        """
        if records:
            self.count += answers
            self._waiting.append(self._log.append_all(records))
        while len(self._waiting) > _UNDER_WAY:
            self._waiting.popleft().result()

    def wait(self) -> None:
        """Return when everything added is durable."""
        while self._waiting:
            self._waiting.popleft().result()

    def end(self, source: Path, result: Path, counts: Json, versions: Json) -> None:
        """Record the run: what went in, what comes out, and how many of each.

        `versions`: as `run_record.rulers` has it.

        Raises:
            FileError: when the file that went in has changed meanwhile.
            RecordsError: when it cannot be recorded.
        """
        self.wait()
        if {"name": source.name, **_digest(source)} != self._source:
            fault = Fault(None, None, "the same file until the end", "one that changed meanwhile")
            raise FileError([fault], str(source))
        content = run_content(self._release, self.kept.asker, counts, self.count)
        content |= versions | {"input": self._source}
        content["result"] = {"kind": result.suffix, **_digest(result)}
        record = Record(
            "run",
            kept_name(self.kept.asker.actor) or "unknown",
            content,
            record_id=self.kept.run,
        )
        self._log.append(record).result()


def _digest(path: Path) -> Json:
    with path.open("rb") as stream:
        return {"sha256": file_digest(stream, "sha256").hexdigest(), "bytes": path.stat().st_size}
