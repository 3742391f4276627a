"""The command that writes the papers about a version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from models.papers.papers import write_papers
from models.papers.source import Source
from models.papers.sources import Sources
from models.registry import Registry
from serving.command_line import options
from serving.command_line.release_commands import registry_of
from serving.command_line.speech import OUT, refusing, say_json
from serving.record_address import RECORDS_FILE, record_address


@refusing
def papers(
    number: Annotated[int, typer.Argument(metavar="N", help="The version.")],
    out: Annotated[Path, typer.Option("--out", help="The folder for the files.")],
    statements: Annotated[
        Path | None,
        typer.Option(
            "--statements",
            help="What the bureau states (YAML); default: papers.yaml in the working folder.",
        ),
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Write the model card, the data sheet and the algorithm record of a version."""
    registry = registry_of(catalogue, home)
    release = registry.release(number)
    log = _log(registry, records, home)
    written = write_papers(Sources.of(registry, release, statements, log), out)
    if as_json:
        say_json({"version": number, "files": [str(path) for path in written]})
        return
    for path in written:
        OUT.print(str(path))


def _log(registry: Registry, records: str | None, home: Path) -> Sequence[Source] | None:
    """The releases that the log knows of; None where there is no log."""
    if records is None and not (home / RECORDS_FILE).is_file():
        return None
    from serving.papers.release_log import release_log  # the database costs time to import
    from serving.records.log_reader import LogReader

    with LogReader.open(record_address(records, home)) as log:
        return release_log(log, registry.catalogue)
