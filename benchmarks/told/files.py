"""The section on files."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.files import Files
from benchmarks.markdown import paragraph, table
from benchmarks.told.figures import MEBIBYTE, NOTHING


def told(found: Files) -> Iterator[str]:
    """The table of files."""
    how = " or ".join(sorted({file.how for file in found.scored}))
    yield "## File to file"
    yield ""
    yield from paragraph(
        "`lingji score big.parquet --out out.parquet --no-record`, the command's start included: "
        "the province's projects again and again under new ids, written in row groups. Recorded: "
        "without `--no-record`, so that a record of every row is kept. Memory is the most of all "
        f"its processes together ({how or 'not seen'})."
    )
    yield ""
    scored = [
        (
            f"{file.kind}, recorded" if file.recorded else file.kind,
            f"{file.rows:,}",
            f"{file.per_second:,.0f}",
            f"{file.seconds:,.1f}",
            f"{file.peak / MEBIBYTE:,.0f}",
            f"{file.refused:,}",
        )
        for file in found.scored
    ]
    left_out = [
        (kind, f"{int(rows):,}", why, *(NOTHING,) * 3)
        for (kind, rows), why in ((name.split(), why) for name, why in found.absent.items())
    ]
    yield from table(
        ("file", "rows", "rows per second", "seconds", "peak, MiB", "refused"), scored + left_out
    )
