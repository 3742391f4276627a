"""What it costs to keep a record before an answer is given: the disk, the log, and the service."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice, product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import services
from benchmarks.answering import asked
from benchmarks.sample import Ratio, Sample
from benchmarks.server import running
from benchmarks.services import OURS, SCORE, UNRECORDED
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.timing import seconds_of, taken_in_turn
from serving.appraisal import appraised
from serving.asker import Asker
from serving.recording.kept_answer import core_of
from serving.recording.score_record import answer_said, score_record
from serving.records.record import SealedRecord
from serving.records.record_log import RecordLog
from serving.wording.explained_score import told

CLIENTS = (1, 8)
BLOCK = 4_096
_ASKER = Asker("benchmarks", "platform", "POST /score")


@dataclass(frozen=True)
class Kept:
    """So many clients, each of which waits until its record is durable, once per turn.

    per_second: records. p99: seconds that a record took.
    """

    per_second: Sample
    p99: Sample


@dataclass(frozen=True)
class Recording:
    """What was seen of the disk, of the log alone and of the services.

    synced: seconds of a write of `BLOCK` bytes that is then on the disk. made: seconds to make a
    record. log: by the number of clients. served: by the service, and by the number of clients.
    """

    synced: Sample
    made: Sample
    record_bytes: Sample
    log: dict[int, Kept]
    served: dict[str, dict[int, Kept]]

    def share(self, clients: int) -> Ratio:
        """The rate of recorded answers as a share of that of answers without a record."""
        recorded, bare = (self.served[name][clients].per_second for name in (OURS, UNRECORDED))
        return recorded.ratio_to(bare)


def measure(measured: Subject, sizes: Sizes) -> Recording:
    """The disk, the log and both services, in turn."""
    made = _records(measured, sizes.singles)
    bytes_of_records = Sample(tuple(float(len(record.leaf)) for _, record in made))
    with (
        TemporaryDirectory(dir=measured.folder) as folder,
        _synced(Path(folder) / "block") as write,
    ):
        synced = taken_in_turn({"write": write}, sizes.singles)["write"]
    return Recording(
        synced,
        Sample(tuple(seconds for seconds, _ in made)),
        bytes_of_records,
        _log(measured, sizes),
        _served(measured, sizes),
    )


def _records(measured: Subject, count: int) -> list[tuple[float, SealedRecord]]:
    return [_record(measured, document) for document in islice(cycle(measured.documents), count)]


def _record(measured: Subject, document: object) -> tuple[float, SealedRecord]:
    release = measured.release
    found = appraised(document, release)
    answer = told(release, found)
    core = core_of(answer)
    kept: list[SealedRecord] = []
    seconds = seconds_of(
        lambda: kept.append(score_record(release, found, answer_said(core, answer), _ASKER))
    )
    return seconds, kept[0]


@contextmanager
def _synced(path: Path) -> Iterator[partial[None]]:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        yield partial(_write, descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int) -> None:
    os.write(descriptor, bytes(BLOCK))
    os.fsync(descriptor)


def _log(measured: Subject, sizes: Sizes) -> dict[int, Kept]:
    """The log in a folder of its own: records made before are only appended."""
    turns: dict[int, list[tuple[float, list[float]]]] = {clients: [] for clients in CLIENTS}
    for _ in range(sizes.load_turns):
        for clients, seen in turns.items():
            made = [record for _, record in _records(measured, sizes.records)]
            with (
                TemporaryDirectory(dir=measured.folder) as folder,
                RecordLog.open(f"sqlite:///{folder}/records.db") as log,
                ThreadPoolExecutor(clients) as callers,
            ):
                started = time.perf_counter()
                waited = list(callers.map(partial(_appended, log), made))
                seen.append((time.perf_counter() - started, waited))
    return {clients: _kept(seen) for clients, seen in turns.items()}


def _appended(log: RecordLog, record: SealedRecord) -> float:
    return seconds_of(lambda: log.append(record).result())


def _served(measured: Subject, sizes: Sizes) -> dict[str, dict[int, Kept]]:
    """Both services under load, in turn."""
    described = (services.ours(measured, sizes), services.unrecorded(measured, sizes))
    turns: dict[str, dict[int, list[tuple[float, list[float]]]]] = {}
    with ExitStack() as until_the_end:
        started = [
            (each, until_the_end.enter_context(running(each.start, measured.folder)))
            for each in described
        ]
        for turn in range(1 + sizes.load_turns):  # the first one warms up
            for clients, (service, server) in product(CLIENTS, started):
                seen = asked(service, server, SCORE, clients, sizes.load_seconds)
                found = turns.setdefault(service.name, {}).setdefault(clients, [])
                if turn:
                    found.append((seen.seconds, seen.answers))
    return {
        name: {clients: _kept(seen) for clients, seen in by_clients.items()}
        for name, by_clients in turns.items()
    }


def _kept(turns: list[tuple[float, list[float]]]) -> Kept:
    """What so many clients saw: for each turn its seconds, and those of each record."""
    return Kept(
        Sample(tuple(len(waited) / seconds for seconds, waited in turns)),
        Sample(tuple(float(np.quantile(waited, 0.99)) for _, waited in turns)),
    )
