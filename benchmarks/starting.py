"""Starting a service: until it is ready, and the memory it holds idle and after load."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks import services
from benchmarks.answering import asked
from benchmarks.competitor import failure
from benchmarks.process_tree import memory
from benchmarks.sample import Sample
from benchmarks.server import ServerError, running
from benchmarks.services import MLFLOW, OURS, PLAIN, SCORE, Service
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.timing import taken_in_turn
from models.registry import Registry

_LOAD = "load the bundle"
_CONNECTIONS = 8
_UNREADABLE = "the memory of its processes cannot be read"


@dataclass(frozen=True)
class Started:
    """One service. ready: seconds; idle, loaded: bytes of all its processes together."""

    ready: Sample
    idle: Sample
    loaded: Sample


@dataclass(frozen=True)
class Starting:
    """Every service started several times, in turn. bundle: seconds to verify and load it."""

    services: Mapping[str, Started]
    absent: Mapping[str, str]
    bundle: Sample


def measure(measured: Subject, sizes: Sizes) -> Starting:
    """The starts of every service, one at a time, and the loading of the bundle in process."""
    described: dict[str, Callable[[], Service]] = {
        OURS: lambda: services.ours(measured, sizes),
        PLAIN: lambda: services.plain(measured, sizes, 1),
        MLFLOW: lambda: services.mlflow(measured, sizes, 1),
    }
    found: dict[str, list[tuple[float, int, int]]] = {}
    absent: dict[str, str] = {}
    for _ in range(sizes.starts):
        for name, describe in described.items():
            if name in absent:
                continue
            try:
                found.setdefault(name, []).append(_started(describe(), measured, sizes))
            except (ServerError, OSError, subprocess.SubprocessError) as error:
                absent[name] = failure(error)
                found.pop(name, None)
    told = {
        name: Started(*(Sample(tuple(float(v) for v in values)) for values in zip(*t, strict=True)))
        for name, t in found.items()
    }
    registry = Registry(measured.home, measured.model.catalogue.catalogue)
    bundle = taken_in_turn({_LOAD: registry.release}, sizes.repeats)[_LOAD]
    return Starting(told, absent, bundle)


def _started(service: Service, measured: Subject, sizes: Sizes) -> tuple[float, int, int]:
    with running(service.start, measured.folder) as server:
        idle = memory(server.pid)
        asked(service, server, SCORE, _CONNECTIONS, sizes.load_seconds)
        loaded = memory(server.pid)
        if idle is None or loaded is None:
            raise ServerError(_UNREADABLE)
        return server.ready_seconds, idle, loaded
