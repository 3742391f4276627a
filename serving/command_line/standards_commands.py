"""Commands about expenditure standards: build a version, read, sign and export it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.library_difference import Cause, LibraryDifference
from features.standards.set_file import set_standards
from features.standards.unit_cost_fields import unit_cost_fields
from models.people import PersonKey, now
from models.standards.shelf import Shelf
from serving.command_line import options
from serving.command_line.model_commands import read_with_progress
from serving.command_line.speech import OUT, counted, refusing, say_json
from serving.standards.search import StandardsQuery, found_standards
from serving.standards.standards_workbook import standards_workbook
from serving.standards.telling import told_standard, told_version
from training.standards.approved_prices import approved_prices
from training.standards.building import build
from training.standards.price_drift import price_drifts

STANDARDS = typer.Typer(
    help="Expenditure standards: set by document, or learned from what was approved.\n\n"
    "支出标准库：法定、固定、暂定标准与依据历年审定数据测算的标准。",
    no_args_is_help=True,
)
Data = Annotated[
    Path, typer.Option("--data", help="A file, or a folder with projects.* and outcomes.*.")
]
Version = Annotated[
    int | None, typer.Option("--version", help="A version; default: the one in force, else newest.")
]
_SHOWN = 40


@STANDARDS.command(name="build")
@refusing
def build_(
    data: Data,
    set_by: Annotated[
        Path | None,
        typer.Option("--set", help="The bureau's own standards: YAML, or a table (xlsx, csv)."),
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option("--start", formats=["%Y-%m-%d"], help="First day in force; default: today."),
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Learn a new version from past projects, and say what it changes; a draft until signed."""
    ruler = load_catalogue(catalogue)
    given = () if set_by is None else set_standards(set_by)
    read = read_with_progress(data, ruler)
    first = start.date() if start else today()
    library, difference = build(read, given, Shelf(home, ruler.catalogue), first)
    if as_json:
        say_json({"version": told_version(library), "difference": told_difference(difference)})
        return
    OUT.print(
        f"Version {library.version}, a draft: {counted(len(library.learned), 'standard')} learned "
        f"from {counted(library.learning.items, 'approved unit price')}, "
        f"{counted(len(library.set), 'standard')} set. {library.digest}"
    )
    _say_difference(difference)
    OUT.print(f"Two people sign it: lingji standards sign {library.version} --key FILE")


@STANDARDS.command(name="list")
@refusing
def list_(
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """List the versions, oldest first, with what each is today."""
    shelf = shelf_of(catalogue, home)
    told = [
        told_version(shelf.library(number)) | {"status": shelf.status(number, today()).value}
        for number in shelf.versions()
    ]
    if as_json:
        say_json({"versions": told})
        return
    table = Table(
        "version", "status", "made", "from", "until", "learned", "set", "digest", box=None
    )
    for each in told:
        table.add_row(
            *(str(each[name]) for name in ("version", "status", "made", "start", "end")),
            *(str(each[name]) for name in ("learned", "set")),
            each["digest"][7:19],
        )
    OUT.print(table)


@STANDARDS.command()
@refusing
def show(
    words: Annotated[str, typer.Argument(help="A code, or words that a standard has.")] = "",
    version: Version = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Show standards of a version, by code or words."""
    ruler = load_catalogue(catalogue)
    library = _library(Shelf(home, ruler.catalogue), version)
    found = found_standards(library, ruler, StandardsQuery(words=words))
    if as_json:
        told = [told_standard(each, library, ruler) for each in found]
        say_json({"version": told_version(library), "standards": told})
        return
    table = Table("code", "low", "mid", "high", "ceiling", "n", "own", "coverage", box=None)
    for each in found[:_SHOWN]:
        if isinstance(each, LearnedStandard):
            coverage = each.measured.coverage
            table.add_row(
                each.code,
                *(f"{end:,.2f}" for end in (each.low, each.mid, each.high, each.ceiling)),
                *(str(each.n), f"{each.own:.0%}"),
                "" if coverage is None else f"{coverage:.0%} of {each.measured.cases}",
            )
        else:
            table.add_row(each.code, "", f"{each.value:g}", "", "", each.document_number, "", "")
    OUT.print(table)
    if len(found) > _SHOWN:
        OUT.print(f"… and {len(found) - _SHOWN:,} more: say more words, or --json")


@STANDARDS.command()
@refusing
def diff(
    version: Annotated[int, typer.Argument(metavar="N", help="The version.")],
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say what a version changes: which standards move, why, and whom it would affect."""
    difference = shelf_of(catalogue, home).difference(version)
    if as_json:
        say_json(told_difference(difference))
        return
    _say_difference(difference)


@STANDARDS.command()
@refusing
def sign(
    version: Annotated[int, typer.Argument(metavar="N", help="The version.")],
    key: Annotated[Path, typer.Option("--key", help="The private key of the person who signs.")],
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Sign a version; with two signatures of others than its maker it comes into force."""
    shelf = shelf_of(catalogue, home)
    approval = shelf.sign(version, PersonKey.load(key), now())
    status = shelf.status(version, today())
    if as_json:
        say_json({"approval": approval.model_dump(mode="json"), "status": status.value})
        return
    names = ", ".join(signature.person for signature in approval.signatures)
    OUT.print(f"Version {version} is signed by {names}: {status.value.replace('_', ' ')}")


@STANDARDS.command()
@refusing
def export(
    out: Annotated[Path, typer.Option("--out", help="The Excel workbook to write.")],
    version: Version = None,
    lang: Annotated[str, typer.Option("--lang", help="zh or en.")] = "zh",
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
) -> None:
    """Write a version as an Excel workbook."""
    ruler = load_catalogue(catalogue)
    shelf = Shelf(home, ruler.catalogue)
    library = _library(shelf, version)
    found = found_standards(library, ruler, StandardsQuery())
    status = shelf.status(library.version, today())
    out.write_bytes(standards_workbook(found, library, status, ruler, lang).body)
    OUT.print(f"{counted(len(found), 'standard')} of version {library.version}: {out}")


@STANDARDS.command()
@refusing
def drift(
    data: Data,
    after: Annotated[
        int | None,
        typer.Option("--after", help="Read later rounds than this; default: as learned."),
    ] = None,
    version: Version = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say where approved prices have moved away from their standards, so that it be revised."""
    ruler = load_catalogue(catalogue)
    library = _library(Shelf(home, ruler.catalogue), version)
    prices = approved_prices(read_with_progress(data, ruler), unit_cost_fields(ruler))
    found = price_drifts(prices, library, after or library.learning.measured)
    if as_json:
        told = [{**vars(each), "revise": each.revise} for each in found]
        say_json({"digest": library.digest, "kinds": told})
        return
    table = Table("kind", "unit", "type", "prices", "shift", "evidence", "", box=None)
    for each in found[:_SHOWN]:
        table.add_row(
            each.economic_code or each.family.value,
            *(each.unit, each.project_type or "all", str(each.prices), f"{each.shift:+.1%}"),
            *(f"{each.evidence:.3g}", "revise" if each.revise else ""),
        )
    OUT.print(table)
    proposed = sum(each.revise for each in found)
    OUT.print(f"A revision is proposed for {proposed} of {counted(len(found), 'kind')}.")


def told_difference(difference: LibraryDifference) -> dict[str, object]:
    """A difference as JSON, with the rates that its counts make."""
    told: dict[str, object] = difference.model_dump(mode="json")
    before = difference.affected_before
    told["false_alarm_rate"] = difference.affected.false_alarm_rate
    told["false_alarm_rate_before"] = None if before is None else before.false_alarm_rate
    return told


def _say_difference(difference: LibraryDifference) -> None:
    now_, before = difference.affected, difference.affected_before
    if difference.before is not None:
        OUT.print(
            f"Beside version {difference.before}: {len(difference.moved)} moved, "
            f"{len(difference.added)} added, {len(difference.removed)} removed."
        )
        table = Table("moved most", "mid before", "mid now", "change", "price", "split", "data",
                      box=None)  # fmt: skip
        for each in difference.moved[:10]:
            causes = [f"{each.causes[cause] - 1:+.1%}" for cause in Cause]
            ends = (f"{each.before[1]:,.2f}", f"{each.after[1]:,.2f}", f"{each.change:+.1%}")
            table.add_row(each.code, *ends, *causes)
        OUT.print(table)
    rate = now_.false_alarm_rate
    OUT.print(
        f"Of {now_.lines:,} lines of {difference.round} it flags {now_.flagged:,} in "
        f"{counted(now_.projects, 'project')}, {now_.excess:,.0f} over the standards; false alarms "
        f"among lines approved in full: {'none to judge' if rate is None else f'{rate:.2%}'}."
    )
    if before is not None:
        OUT.print(
            f"The version before flags {before.flagged:,}; new are {difference.newly:,}, no longer "
            f"flagged {difference.no_longer:,}."
        )


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()


def shelf_of(catalogue: str, home: Path) -> Shelf:
    """The versions of a catalogue's standards."""
    return Shelf(home, load_catalogue(catalogue).catalogue)


def _library(shelf: Shelf, version: int | None) -> Library:
    """A version; the one in force, or the newest, unless it is named."""
    if version is not None:
        return shelf.library(version)
    in_force = shelf.in_force(today())
    return in_force or shelf.library(max(shelf.versions(), default=1))
