"""The service under load: the project beside a plain BentoML service and MLflow's own server."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks import services
from benchmarks.child import environment
from benchmarks.competitor import failure
from benchmarks.load import LONGEST, Job, Seen
from benchmarks.process_tree import workers
from benchmarks.sample import Ratio, Sample
from benchmarks.server import Server, ServerError, running
from benchmarks.services import (
    BATCH,
    MLFLOW,
    NUMBERS_READY,
    OURS,
    PLAIN,
    SCORE,
    UNRECORDED,
    Service,
)
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject


@dataclass(frozen=True)
class Load:
    """One service asked one question on so many connections, once per turn.

    p50: seconds of an answer; p99: the same, of the answers of all turns: one turn has too few.
    per_second: answers. put_off: how often it said to come back later. errors: any other answer
    than the one asked for.
    """

    service: str
    path: str
    connections: int
    p50: Sample
    p99: float
    per_second: Sample
    answers: int
    put_off: int
    errors: int


@dataclass(frozen=True)
class Answering:
    """Every load, and why a service is missing. workers: processes that answer, on every side."""

    batch: int
    workers: int
    loads: tuple[Load, ...]
    absent: Mapping[str, str]

    def of(self, service: str, path: str, connections: int) -> Load | None:
        """One load; None where it was not measured."""
        asked = (service, path, connections)
        found = (x for x in self.loads if (x.service, x.path, x.connections) == asked)
        return next(found, None)

    @property
    def errors(self) -> float:
        """How many answers of ours were not what was asked for."""
        return float(sum(x.errors for x in self.loads if x.service in (OURS, UNRECORDED)))

    def p50_ratio(self, path: str, connections: int) -> Ratio | None:
        """How many times as long as our answer, not recorded, the plain service takes."""
        ours, plain = (self.of(name, path, connections) for name in (UNRECORDED, PLAIN))
        return plain.p50.ratio_to(ours.p50) if ours and plain else None

    def rate_ratio(self, path: str, connections: int) -> Ratio | None:
        """How many times as many answers per second, not recorded, as the plain service."""
        ours, plain = (self.of(name, path, connections) for name in (UNRECORDED, PLAIN))
        return ours.per_second.ratio_to(plain.per_second) if ours and plain else None


def measure(measured: Subject, sizes: Sizes) -> Answering:
    """The loads on all services, started once and asked in turn."""
    absent: dict[str, str] = {}
    started: list[tuple[Service, Server]] = []
    with contextlib.ExitStack() as until_the_end:

        def start(name: str, described: Callable[[], Service]) -> None:
            try:
                service = described()
                server = until_the_end.enter_context(running(service.start, measured.folder))
                started.append((service, server))
            except (ServerError, OSError, subprocess.SubprocessError) as error:
                absent[name] = failure(error)

        start(OURS, lambda: services.ours(measured, sizes))
        count = workers(started[0][1].pid) if started else 1
        start(UNRECORDED, lambda: services.unrecorded(measured, sizes))
        start(PLAIN, lambda: services.plain(measured, sizes, count))
        start(NUMBERS_READY, lambda: services.numbers_ready(measured, sizes, count))
        start(MLFLOW, lambda: services.mlflow(measured, sizes, count))
        return Answering(sizes.batch, count, tuple(_loads(started, sizes)), absent)


def _loads(started: list[tuple[Service, Server]], sizes: Sizes) -> list[Load]:
    seen: dict[tuple[str, str, int], list[Seen]] = {}
    for service, server in started:  # warmed up, every kind of question once
        for path in service.bodies:
            asked(service, server, path, 1, sizes.load_seconds)
    for turn in range(sizes.load_turns):
        for path in (SCORE, BATCH) if turn < sizes.batch_turns else (SCORE,):
            asked_there = [one for one in started if path in one[0].bodies]
            for connections in sizes.connections:
                for service, server in asked_there:
                    found = asked(service, server, path, connections, sizes.load_seconds)
                    seen.setdefault((service.name, path, connections), []).append(found)
    return [_load(*key, turns) for key, turns in seen.items()]


def asked(service: Service, server: Server, path: str, connections: int, seconds: float) -> Seen:
    """What a load of some seconds sees, asked by a process of its own."""
    job = Job(server.port, service.paths[path], service.bodies[path], connections, seconds)
    done = subprocess.run(
        (sys.executable, "-m", "benchmarks.load"),
        input=json.dumps(asdict(job)),
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=3 * LONGEST,
    )
    return Seen(**json.loads(done.stdout))


def _load(service: str, path: str, connections: int, turns: list[Seen]) -> Load:
    answered = [turn for turn in turns if turn.answers]
    return Load(
        service,
        path,
        connections,
        Sample(tuple(float(np.quantile(turn.answers, 0.5)) for turn in answered)),
        float(np.quantile([each for turn in answered for each in turn.answers] or [0.0], 0.99)),
        Sample(tuple(len(turn.answers) / turn.seconds for turn in answered)),
        sum(len(turn.answers) for turn in turns),
        sum(turn.put_off for turn in turns),
        sum(turn.errors for turn in turns),
    )
