"""lingji shadow: a challenger that answers beside the model in service and is not heard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from models.registry import Registry
from models.shadow import Shadow
from models.trial import tried
from serving.command_line import options
from serving.command_line.audit_commands import opened_reader
from serving.command_line.release_commands import registry_of
from serving.command_line.release_log import release_records
from serving.command_line.speech import (
    OUT,
    as_called,
    counted,
    in_home,
    progress,
    refusing,
    say_json,
)
from serving.wording.words import LANGUAGES

if TYPE_CHECKING:
    from serving.beside.beside_record import Purpose


SHADOW = typer.Typer(
    help="A challenger that answers silently beside the model in service.\n\n"
    "影子运行：候选模型同步作答、不对外提供。",
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(metavar="N", help="The version.")]
Json = dict[str, Any]


@SHADOW.command(name="start")
@refusing
def shadow_start(
    number: Number,
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Let a version answer in the shadow, after it has been tried in a child process."""
    registry = registry_of(catalogue, home)
    version = registry.version(number)
    tried(registry.folder / str(number), version.digest)
    with release_records(records, home, "lingji shadow start") as kept:
        entry = Shadow(registry).start(number)
        kept.add_beside("shadow_start", registry.catalogue, version, {})
    if as_json:
        say_json({"shadow": entry.model_dump(mode="json")})
        return
    where = in_home(home, options.DEFAULT_HOME)
    OUT.print(f"Version {number} of {registry.catalogue} answers in the shadow from now on.")
    OUT.print(f"See what differs: {as_called()} shadow report --catalogue {catalogue}{where}")


@SHADOW.command(name="stop")
@refusing
def shadow_stop(
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Let nothing answer in the shadow any more; what was recorded stays."""
    registry = registry_of(catalogue, home)
    with release_records(records, home, "lingji shadow stop") as kept:
        entry = Shadow(registry).stop()
        version = registry.version(entry.version)
        kept.add_beside("shadow_stop", registry.catalogue, version, {})
    if as_json:
        say_json({"shadow": None})
        return
    OUT.print(f"Version {entry.version} answers in the shadow no more.")


@SHADOW.command(name="status")
@refusing
def shadow_status(
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say what answers in the shadow; the running service says in /readyz what came of it."""
    entry = Shadow(registry_of(catalogue, home)).entry()
    if as_json:
        say_json({"shadow": entry.model_dump(mode="json") if entry else None})
    elif entry is None:
        OUT.print("Nothing answers in the shadow.")
    else:
        OUT.print(f"Version {entry.version} ({entry.digest}), since {entry.made}, by {entry.by}.")


@SHADOW.command(name="report")
@refusing
def shadow_report(
    pilot: Annotated[
        bool, typer.Option("--pilot", help="Compare what a pilot said, in its regions.")
    ] = False,
    number: Annotated[
        int | None,
        typer.Option("--version", help="The version not given out; default: the newest seen."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="The fact to group by; default: the region, or the category."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Of how many answers, the newest.")] = 20_000,
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the report: JSON, and HTML zh, en.")
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Compare answers that were given with those made beside them, from the record log."""
    # The database and the templates cost time to import.
    from serving.beside.beside_pairs import Read, pairs
    from serving.beside.beside_report import beside_report
    from serving.beside.beside_report_page import beside_report_page

    ruler, read = load_catalogue(catalogue), Read()
    purpose: Purpose = "pilot" if pilot else "shadow"
    group = by or ruler.columns.region or next(iter(ruler.peers), ruler.columns.time)
    with opened_reader(records, home) as log, progress("reading answers") as step:
        answers = pairs(log, ruler, purpose, group, read, version=number, most=most, progress=step)
        found = list(answers)
    report = beside_report(found, read, ruler, purpose, group)
    if out is not None:
        simulated = _simulated(registry_of(catalogue, home), report)
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False)
        (out / f"{purpose}.json").write_text(text, encoding="utf-8")
        for lang in LANGUAGES:
            page = beside_report_page(report, ruler, lang, simulated)
            (out / f"{purpose}.{lang}.html").write_text(page, encoding="utf-8")
    if as_json:
        say_json(report)
        return
    _print_report(report)
    if out is not None:
        OUT.print(f"Written to {out}.")


def _simulated(registry: Registry, report: Json) -> bool:
    """Whether the version that was given learned from invented data, as far as it is here."""
    if report["given"] is None:
        return False
    return registry.release(report["given"]["version"]).model.facts.simulated


def _print_report(report: Json) -> None:
    if report["beside"] is None:
        OUT.print("There are no answers to compare.")
        return
    whole, answers = report["all"], report["answers"]
    OUT.print(
        f"Version {report['beside']['version']} beside version {report['given']['version']}: "
        f"{counted(answers['compared'], 'answer')} compared; {answers['without']:,} of "
        f"{answers['given']:,} have none beside"
    )
    table = Table("", "projects", "grades that differ", "rank correlation", box=None)
    rows = [("all", whole), *((each["group"] or "not given", each) for each in report["groups"])]
    for name, each in rows:
        flips, correlation = each["grade_flips"], each["rank_correlation"]
        table.add_row(
            name,
            f"{each['pairs']:,}",
            "" if flips is None else f"{flips:.1%}",
            "" if correlation is None else f"{correlation:.4f}",
        )
    OUT.print(table)
