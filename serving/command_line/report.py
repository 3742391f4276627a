"""The report commands: the published results, written by a command that anyone can rerun."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from serving.command_line.speech import ERR, OUT, refusing


@refusing
def report(
    subject: Annotated[
        Literal["japan_review", "province", "checks"], typer.Argument(help="Which results.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The Markdown file to write.")],
    data: Annotated[Path | None, typer.Option(help="The parquet file of japan_review.")] = None,
) -> None:
    """Train, test on later rounds, and write the published results."""
    if subject == "japan_review" and data is None:
        raise typer.BadParameter("give the file of review sheets", param_hint="--data")
    with ERR.status(subject) as status:

        def progress(step: str) -> None:
            status.update(f"{subject}: {step}")

        if data is not None and subject == "japan_review":
            from training.results.japan_review import write_results  # heavy, and rarely wanted

            write_results(data, out, progress)
        elif subject == "checks":
            from training.results.checks import write_results as write_checks

            write_checks(out, progress, data)
        else:
            from training.results.province import write_results as write_province

            write_province(out, progress)
    OUT.print(f"Results written to {out}")
