"""The section on starting."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.markdown import paragraph, table
from benchmarks.services import MLFLOW, OURS, PLAIN
from benchmarks.starting import Starting
from benchmarks.told.figures import NOTHING, mebibytes, milli, shown


def told(found: Starting) -> Iterator[str]:
    """The table of services, and the loading of the bundle."""
    yield "## Starting, and memory"
    yield ""
    yield from paragraph(
        "From the start of the process until the service says that it is ready, and the memory "
        "of all its processes together (PSS), idle and after load on 8 connections."
    )
    yield ""
    yield from table(
        ("service", "ready × ours", "memory × ours", "ready, s", "idle, MiB", "after load, MiB"),
        [_row(found, name) for name in (OURS, PLAIN, MLFLOW)],
    )
    yield ""
    yield from paragraph(f"Verifying and loading the bundle in process: {milli(found.bundle)} ms.")


def _row(found: Starting, name: str) -> tuple[str, ...]:
    if name not in found.services:
        return (name, found.absent.get(name, "not measured"), *(NOTHING,) * 4)
    service, ours = found.services[name], found.services.get(OURS)
    return (
        name,
        shown(service.ready.ratio_to(ours.ready) if ours else None),
        shown(service.loaded.ratio_to(ours.loaded) if ours else None),
        str(service.ready),
        mebibytes(service.idle),
        mebibytes(service.loaded),
    )
