"""Commands about data: simulate a province, check a file, print the data dictionary."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from features.catalogue import load_catalogue
from features.data_dictionary import data_dictionary
from features.operation_table import operation_table
from features.project_rows import ParsedRow, declared_once, parse_rows
from serving.command_line import options
from serving.command_line.admission import Admission
from serving.command_line.speech import (
    ERR,
    FAILED,
    MOST_SHOWN,
    OUT,
    counted,
    progress,
    refusing,
    say_json,
)
from serving.recording.kept_reference import reference_in_force
from training.province import simulate_province


@refusing
def simulate(
    out: Annotated[Path, typer.Option("--out", help="Folder for the files; made if absent.")],
    projects: Annotated[
        int, typer.Option(min=1, help="Declared projects over all rounds.")
    ] = 20_000,
    years: Annotated[int, typer.Option(min=1, max=25, help="Rounds, the last one 2025.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 7,
    plant: Annotated[
        bool,
        typer.Option("--plant", help="Plant duplicates and other faults; the truth says which."),
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Write the declared projects, outcomes and truth of an invented province."""
    with progress("simulating", projects) as step:
        done = 0

        def moved(now: int, total: int) -> None:
            nonlocal done
            step(now - done)
            done = now

        files = simulate_province(out, projects, years, seed, moved, planting=plant)
    if as_json:
        say_json(
            {
                "projects": str(files.projects),
                "outcomes": str(files.outcomes),
                "truth": str(files.truth),
                **({"planted": str(files.planted)} if files.planted else {}),
                "counts": dict(files.counts),
                "simulated": True,
            }
        )
        return
    OUT.print(
        f"Simulated data 模拟数据 in {out}: "
        + ", ".join(f"{count:,} {name}" for name, count in files.counts.items())
    )


@refusing
def check(
    file: Annotated[Path, typer.Argument(help="csv, xlsx, parquet, jsonl or json.")],
    catalogue: options.Catalogue = "zero_base",
    rules: options.Rules = None,
    findings: Annotated[
        Path | None,
        typer.Option("--findings", help="Also write every finding, csv, xlsx, parquet or jsonl."),
    ] = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say what is wrong with a file of declared projects, row by row; exit 1 when anything is.

    Projects that meet the catalogue are then checked by the rules: who may be admitted, and what
    was found, beside the expenditure standards and the results of rounds in force in the working
    folder. What rules find is suspected only, and changes no exit code.
    """
    ruler = load_catalogue(catalogue)
    admission = Admission.by(ruler, rules, reference_in_force(home, ruler))
    bad: list[ParsedRow] = []
    rows, read_as = 0, ""
    unread: tuple[str, ...] = ()
    first_rows: dict[tuple[str, int], int] = {}
    unrated: Counter[str] = Counter()
    with admission.writing(findings), progress("checking") as step:
        for batch in parse_rows(file, ruler):
            rows += len(batch.rows)
            checked = [declared_once(row, first_rows) for row in batch.rows]
            bad += [row for row in checked if row.project is None]
            good = [row.project for row in checked if row.project is not None]
            admission.add(good)
            unrated.update(", ".join(project.missing_key_evidence(ruler)) for project in good)
            unread, read_as = batch.unread, batch.origin.describe()
            step(len(batch.rows))
    if as_json:
        say_json(
            {
                "file": str(file),
                "read_as": read_as,
                "rows": rows,
                "good": rows - len(bad),
                "bad": len(bad),
                "not_rateable": {missing: n for missing, n in unrated.items() if missing},
                "columns_not_read": list(unread),
                "rules": admission.as_json(),
                "faults": [fault.as_detail() for row in bad for fault in row.faults],
            }
        )
    else:
        found = f"{counted(rows, 'row')}, {rows - len(bad):,} good, {len(bad):,} bad"
        OUT.print(f"{file} ({read_as}): {found}")
        if unread:
            OUT.print(f"Columns that {ruler.identity} does not name, not read: {', '.join(unread)}")
        for missing, number in unrated.items():
            if missing:
                OUT.print(f"{counted(number, 'good row')} cannot be rated without {missing}")
        admission.say()
        say_faults(bad)
    if bad:
        raise typer.Exit(FAILED)


def say_faults(rows: list[ParsedRow]) -> None:
    """Write the faults of refused rows, the first ones in full."""
    faults = [fault for row in rows for fault in row.faults]
    for fault in faults[:MOST_SHOWN]:
        ERR.print(f"- {fault.message()}", markup=False)
    if len(faults) > MOST_SHOWN:
        ERR.print(f"… and {len(faults) - MOST_SHOWN:,} more; `lingji check --json` lists them all")


@refusing
def dictionary(catalogue: options.Catalogue = "zero_base") -> None:
    """Print the data dictionary of a catalogue, in Markdown, Chinese and English."""
    typer.echo(data_dictionary(load_catalogue(catalogue)), nl=False)


@refusing
def operations() -> None:
    """Print the operations that a catalogue may name, in Markdown."""
    typer.echo(operation_table(), nl=False)
