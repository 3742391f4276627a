"""The section on services under load."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.answering import Answering, Load
from benchmarks.markdown import item, paragraph, table
from benchmarks.sample import short
from benchmarks.services import BATCH, MLFLOW, NUMBERS_READY, OURS, PLAIN, SCORE, UNRECORDED
from benchmarks.told.figures import NOTHING, milli, shown


def told(found: Answering) -> Iterator[str]:
    """The tables of both questions."""
    yield "## The service under load"
    yield ""
    yield from paragraph(
        "Questions over loopback on connections that are kept open, each asking again when it is "
        "answered, from a process of its own; the servers were asked in turn. Lingji is asked "
        "with whole declarations and answers with everything. Processes that answer: "
        f"{found.workers} on every side. Telemetry is off in all of them. p50 is that of each "
        "turn; p99 is that of all answers together, of which one turn has too few."
    )
    yield ""
    yield from item(
        f"**{OURS}** gives an answer out when its record is durable; no other service here keeps "
        f"one. **{UNRECORDED}** (`benchmarks/unrecorded.py`) is the same without that, which is "
        "what the targets compare; the product has no such switch."
    )
    yield from item(
        f"**{PLAIN}** (`benchmarks/plain_service.py`, `bentoml serve` in its default form) is the "
        "usual way, and what the targets are set against. It gets the feature values of the same "
        "projects, worked out before, categories as labels; makes a DataFrame of them, cast to "
        "the types of the training once (`DataFrame(records).astype(types)`; a frame made column "
        "by column would save some milliseconds); and answers with numbers: `predict` and "
        "`shap.TreeExplainer` of every head from that frame, no ranges, no reasons. LightGBM "
        "turns the categories into numbers in each of these calls."
    )
    yield from item(
        f"**{NUMBERS_READY}** is the same program with models that know no labels: whoever asks "
        "has made numbers of the categories before, so that its DataFrame has numbers alone and "
        "LightGBM has no categories to turn. It is asked for one project at a time only."
    )
    yield from item(f"**{MLFLOW}** gets numbers as well, predicts one head and explains nothing.")
    tables = (
        (SCORE, "one project", (OURS, UNRECORDED, PLAIN, NUMBERS_READY, MLFLOW)),
        (BATCH, f"batches of {found.batch} projects", (OURS, PLAIN, MLFLOW)),
    )
    for path, what, names in tables:
        yield ""
        yield f"### `POST {path}`: {what}"
        yield ""
        yield from table(
            (
                *("service", "connections", "p50 × ours", "ours: rate ×", "p50, ms", "p99, ms"),
                *("answers per second", "put off", "errors"),
            ),
            [
                _row(found, name, path, connections)
                for connections in _connections(found)
                for name in names
            ],
        )
    put_off = sum(load.put_off for load in found.loads)
    if put_off:
        yield ""
        yield from paragraph(
            "Put off: answers that said to come back later (503 with Retry-After), asked again "
            "after that time; the waiting counts into the time of the answer. Lingji answers only "
            "so many batches at once, so that they never keep a single project waiting."
        )


def _connections(found: Answering) -> list[int]:
    return sorted({load.connections for load in found.loads})


def _row(found: Answering, name: str, path: str, connections: int) -> tuple[str, ...]:
    load = found.of(name, path, connections)
    if load is None:
        return (name, str(connections), found.absent.get(name, "not measured"), *(NOTHING,) * 6)
    if not load.p50.values:
        return (name, str(connections), "no answer", *(NOTHING,) * 4, *_counts(load))
    ours = found.of(OURS, path, connections)
    known = ours is not None and bool(ours.p50.values)
    return (
        name,
        str(connections),
        shown(load.p50.ratio_to(ours.p50) if ours and known else None),
        shown(ours.per_second.ratio_to(load.per_second) if ours and known else None),
        str(milli(load.p50)),
        short(1000 * load.p99),
        str(load.per_second),
        *_counts(load),
    )


def _counts(load: Load) -> tuple[str, str]:
    return f"{load.put_off:,}", f"{load.errors:,}"
