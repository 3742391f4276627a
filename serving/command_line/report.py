"""The report commands: the published results, written by a command that anyone can rerun."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from serving.command_line.speech import OUT, refusing


@refusing
def report(
    subject: Annotated[Literal["japan_review", "province"], typer.Argument(help="Which results.")],
    out: Annotated[Path, typer.Option("--out", help="The Markdown file to write.")],
    data: Annotated[Path | None, typer.Option(help="japan_review: the parquet file.")] = None,
) -> None:
    """Train, test on later rounds, and write the published results."""
    if subject == "japan_review":
        from training.results_japan_review import write_results  # heavy, and rarely wanted

        if data is None:
            raise typer.BadParameter("give the file of review sheets", param_hint="--data")
        write_results(data, out)
    else:
        from training.results_province import write_results as write_province

        write_province(out)
    OUT.print(f"Results written to {out}")
