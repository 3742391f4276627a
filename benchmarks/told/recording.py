"""The section on keeping records."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.markdown import paragraph, table
from benchmarks.recording import BLOCK, CLIENTS, Kept, Recording
from benchmarks.services import OURS, UNRECORDED
from benchmarks.told.figures import NOTHING, micro, milli


def told(found: Recording) -> Iterator[str]:
    """The tables of recorded scores by the number of clients."""
    yield "## No record, no score"
    yield ""
    yield from paragraph(
        "An answer goes out when its record is on the disk. Below, each client waits for its "
        "answer before it asks again; records that wait at the same time share one transaction. "
        f"A write of {BLOCK:,} bytes that is then on the disk (`fsync`) takes "
        f"{micro(found.synced)} µs here; to make a record of {found.record_bytes.median:,.0f} "
        f"bytes takes {micro(found.made)} µs."
    )
    yield ""
    yield from table(
        ("what", "clients", "recorded ÷ not recorded", "records per second", "p99, ms"),
        [
            *(_row("the log alone, `synchronous=FULL`", c, found.log[c], NOTHING) for c in CLIENTS),
            *(_served(found, OURS, c, str(found.share(c))) for c in CLIENTS),
            *(_served(found, UNRECORDED, c, NOTHING) for c in CLIENTS),
        ],
    )


def _served(found: Recording, name: str, clients: int, share: str) -> tuple[str, ...]:
    return _row(f"`POST /score`: {name}", clients, found.served[name][clients], share)


def _row(what: str, clients: int, kept: Kept, share: str) -> tuple[str, ...]:
    return (what, str(clients), share, str(kept.per_second), str(milli(kept.p99)))
