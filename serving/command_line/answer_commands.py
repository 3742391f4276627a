"""Commands that answer: score a file, explain a project, serve the API and the pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from features.catalogue import load_catalogue
from features.errors import Fault, FileError, ReleaseRefused
from features.strict_json import NotJson, read_json
from models.pilots import Pilots
from models.registry import Registry, Release
from serving.appraisal import appraised
from serving.asker import Asker
from serving.command_line import options
from serving.command_line.printed import print_answer, print_improvements
from serving.command_line.scorers import scorers_at
from serving.command_line.speech import ERR, OUT, counted, progress, refusing, say_json
from serving.files.scored_file import score_file
from serving.improvements import improved, improvements_of
from serving.record_address import record_address
from serving.recording.file_records import PATIENCE, FileRecords
from serving.recording.kept_rules import RulesInForce
from serving.wording.envelope import Json, encoded
from serving.wording.explained_score import told

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

_NOT_RECORDED = "Not recorded, as asked for: nobody can replay or audit this later."
_NOT_REVIEWED = (
    "No experts have reviewed this model and no two people have approved it, as every row says in "
    "the column reviewed: for trial only."
)


@refusing
def score(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="csv, xlsx, parquet, jsonl or json.")
    ],
    out: Annotated[Path, typer.Option("--out", help="csv, xlsx, parquet or jsonl, by its ending.")],
    full: Annotated[
        bool, typer.Option("--full", help="Add each explained score as a JSON column.")
    ] = False,
    ranking: Annotated[
        Path | None, typer.Option(help="Also write the ranked order, csv or the like.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that score; default: one for each core.")
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    version: options.Version = None,
    without_pilot: Annotated[
        bool,
        typer.Option("--without-pilot", help="Let the version in service answer for all regions."),
    ] = False,
    cluster: options.Cluster = None,
    rules: options.Rules = None,
    records: options.Records = None,
    no_record: options.NoRecord = False,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Score every project of a file; rows in = rows out, faulty ones with their faults.

    Every answer is recorded before the result file appears.
    """
    registry = _registry(catalogue, home)
    attached = RulesInForce(home, rules).attached
    release = attached(registry.release(version))
    pilot = None if version is not None or without_pilot else Pilots(registry).release()
    pilot = pilot and pilot.attached(attached)
    if pilot is not None and cluster is not None:
        raise ReleaseRefused(
            "expected a file scored here while a pilot serves some regions; got --cluster; leave "
            "one of them out: --without-pilot"
        )
    with (
        _log(records, home, no_record, PATIENCE) as log,
        scorers_at(cluster, workers, registry, release) as scorers,
        progress("scoring") as step,
    ):
        asker = Asker.at_command_line("lingji score")
        kept = None if log is None else FileRecords(log, release, asker)
        done = score_file(
            source,
            out,
            release,
            full=full,
            ranking=ranking,
            scorers=scorers,
            progress=step,
            records=kept,
            pilot=pilot,
        )
    run = None if kept is None else kept.kept.run
    if as_json:
        said = {"out": str(out), "record_id": run, "reviewed": release.reviewed}
        say_json(done.as_json() | said)
        return
    OUT.print(
        f"{out}: {counted(done.rows, 'row')}: {done.rated:,} rated, {done.not_rated:,} not rated, "
        f"{done.refused:,} refused{' (see the column errors)' if done.refused else ''}"
    )
    if kept is None:
        ERR.print(_NOT_RECORDED)
    else:
        OUT.print(f"Recorded: {counted(kept.count, 'answer')}, and the run as {run}")
    if len(done.versions) > 1:
        told = ", ".join(f"version {name}: {count:,}" for name, count in done.versions.items())
        OUT.print(f"Rows by the version that answered, a ruler of its own: {told}")
    if not release.reviewed:
        ERR.print(_NOT_REVIEWED)
    if done.unread:
        ERR.print(f"Columns that the catalogue does not name, not read: {', '.join(done.unread)}")


@refusing
def explain(
    project: Annotated[Path, typer.Argument(metavar="PROJECT.json", help="One declared project.")],
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the words.")] = "zh",
    html: Annotated[Path | None, typer.Option(help="Write a page for people to this file.")] = None,
    improvements: Annotated[
        bool,
        typer.Option("--improvements", help="Also what the department may lawfully improve."),
    ] = False,
    catalogue: options.Catalogue = "zero_base",
    version: options.Version = None,
    rules: options.Rules = None,
    records: options.Records = None,
    no_record: options.NoRecord = False,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Score one project and tell, in words and numbers, why; recorded before it is told."""
    registry, attached = _registry(catalogue, home), RulesInForce(home, rules).attached
    release, document = attached(registry.release(version)), _document(project)
    pilot = None if version is not None else Pilots(registry).release()
    if pilot is not None and pilot.serves(document, release):
        release = pilot.attached(attached).release
    shown = release.model.catalogue
    found = appraised(document, release)
    with _log(records, home, no_record) as log:
        if log is None:
            answer = told(release, found)
        else:
            # It brings the database with it.
            from serving.recording.recorded_answer import recorded_answer

            asker = Asker.at_command_line("lingji explain")
            answer = recorded_answer(release, found, log, asker)
        better = _improved(document, release, log) if improvements else None
    if html is not None:
        # Templates are read only where a page is made.
        from serving.page.pages import explained_page

        html.write_text(explained_page(answer, shown, lang, better), encoding="utf-8")
        ERR.print(f"Page written to {html}")
    if as_json:
        say_json(answer if better is None else answer | {"improvements": better})
    elif html is None:
        print_answer(answer, shown, lang)
        if better is not None:
            print_improvements(better, lang)
    ERR.print(_NOT_RECORDED if no_record else f"Recorded as {answer['record_id']}")


def _improved(document: Any, release: Release, log: RecordLog | None) -> Json:
    """What may be improved, once that is recorded; without a log, at once."""
    found = improvements_of(document, release)
    better = improved(found, release)
    if log is not None:
        from serving.recording.improvements_record import improvements_record

        asker = Asker.at_command_line("lingji explain --improvements")
        log.append(improvements_record(release, found, encoded(better), asker)).result()
    return better


@refusing
def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Default 127.0.0.1; another only where there are access keys."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Default 8000; 0 takes any free port.")] = None,
    tokens: Annotated[
        Path | None, typer.Option(help="Which bearer tokens are taken; see docs/access.md.")
    ] = None,
    reasons: Annotated[
        Path | None, typer.Option(help="Why people may overrule a score; see docs/records.md.")
    ] = None,
    rules: options.Rules = None,
    records: options.Records = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
) -> None:
    """Serve the API and the pages until stopped."""
    from serving.application import serve as run  # the framework costs seconds to import
    from serving.settings import service_settings

    name = load_catalogue(catalogue).catalogue
    given = {"home": home, "catalogue": name, "host": host, "port": port, "tokens": tokens}
    given |= {"records": records, "reasons": reasons, "rules": rules}
    run(service_settings(os.environ, **given))


def _registry(catalogue: str, home: Path) -> Registry:
    return Registry(home, load_catalogue(catalogue).catalogue)


@contextmanager
def _log(
    records: str | None, home: Path, no_record: bool, patience: float | None = None
) -> Iterator[RecordLog | None]:
    """The log that answers are recorded in; None where none is wanted."""
    if no_record:
        yield None
        return
    from serving.records.log_reader import PATIENCE  # the database costs time to import
    from serving.records.record_log import RecordLog

    address = record_address(records, home)
    with RecordLog.open(address, PATIENCE if patience is None else patience) as log:
        yield log


def _document(path: Path) -> Any:
    """The JSON value of a file, read as strictly as a request's body."""
    try:
        found = read_json(path.read_text(encoding="utf-8-sig"))
    except NotJson as error:
        raise FileError([error.fault], str(path)) from error
    except UnicodeDecodeError as error:
        fault = Fault(None, None, "JSON in UTF-8", "another encoding", "save it as UTF-8")
        raise FileError([fault], str(path)) from error
    if found.faults:
        raise FileError(found.faults, str(path))
    return found.value
