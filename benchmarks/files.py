"""File to file by the command line: rows per second, and the most memory of all processes."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.big_files import write_csv, write_parquet
from benchmarks.child import LINGJI, environment
from benchmarks.process_tree import peak_of
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject

PARQUET, CSV = "parquet", "csv"
_PROBES = (10, 200)
_SHORTEST = 0.01
_WRITERS: Mapping[str, Callable[[Path, Path, int], None]] = {PARQUET: write_parquet, CSV: write_csv}


@dataclass(frozen=True)
class Scored:
    """One file scored: seconds from start to end of the command, and the most memory, bytes.

    recorded: whether a record of each row was kept. refused: rows that did not meet the catalogue.
    how: how memory was seen.
    """

    kind: str
    rows: int
    recorded: bool
    seconds: float
    refused: int
    peak: int
    how: str

    @property
    def per_second(self) -> float:
        """Rows per second, the start of the command included."""
        return self.rows / self.seconds


@dataclass(frozen=True)
class Files:
    """Every file scored, and why others were not, by "kind rows"."""

    scored: tuple[Scored, ...]
    absent: Mapping[str, str]

    def of(self, kind: str, rows: int, recorded: bool = False) -> Scored | None:
        """One file; None where it was not scored."""
        wanted = (kind, rows, recorded)
        return next((f for f in self.scored if (f.kind, f.rows, f.recorded) == wanted), None)

    @property
    def memory_ratio(self) -> float | None:
        """The peak of the largest parquet file by that of the smallest; None for fewer than two."""
        scored = (f for f in self.scored if f.kind == PARQUET and not f.recorded)
        found = sorted(scored, key=lambda f: f.rows)
        return found[-1].peak / found[0].peak if len(found) > 1 else None


def measure(measured: Subject, sizes: Sizes) -> Files:
    """The files scored one after the other, the smallest first.

    One that would take longer than `sizes.patience`, as the ones before it went, is left out.
    """
    scored: list[Scored] = []
    absent: dict[str, str] = {}
    wanted = [(PARQUET, rows, False) for rows in sorted(sizes.file_rows)]
    wanted += [(CSV, rows, False) for rows in sorted(sizes.csv_rows)]
    wanted += [(PARQUET, rows, True) for rows in sorted(sizes.recorded_rows)]
    rate = _rate(measured, sizes)
    for kind, rows, recorded in wanted:
        if rows / rate > sizes.patience:
            absent[f"{kind} {rows}"] = f"not run: it would take {rows / rate / 60:,.0f} minutes"
            continue
        scored.append(_scored(measured, kind, rows, recorded))
        rate = scored[-1].per_second
    return Files(tuple(scored), absent)


def _rate(measured: Subject, sizes: Sizes) -> float:
    """Rows per second of small files, the start of the command left out."""
    few, more = _PROBES
    first, second = (_scored(measured, PARQUET, rows).seconds for rows in (few, more))
    return (more - few) / max(second - first, _SHORTEST)


def _scored(measured: Subject, kind: str, rows: int, recorded: bool = False) -> Scored:
    source, out = (measured.folder / f"{name}.{kind}" for name in ("big", "scored"))
    _WRITERS[kind](measured.projects_file, source, rows)
    command = [*LINGJI, "score", str(source), "--out", str(out), "--json"]
    records = measured.folder / "file_records.db"
    command += ["--home", str(measured.home)]
    command += ["--records", f"sqlite:///{records}"] if recorded else ["--no-record"]
    with (measured.folder / "score.log").open("w+") as said:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - a command of this project
            command, env=environment(), stdout=said, stderr=said
        )
        try:
            with peak_of(process.pid) as peak:
                code = process.wait()
            seconds = time.perf_counter() - started
        finally:
            if process.poll() is None:
                process.kill()
        said.seek(0)
        told = said.read()
    source.unlink()
    out.unlink(missing_ok=True)
    for file in records.parent.glob(f"{records.name}*"):
        file.unlink()
    if code:
        raise RuntimeError(f"expected `lingji score` to end well; got {code}: {told[-500:]}")
    counts = json.loads(told[told.index("{") :])
    return Scored(kind, rows, recorded, seconds, counts["refused"], peak.bytes, peak.how)
