"""Commands about what the search for duplicates found over a round: keep it, sign it, list it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from features.duplicates.compared_fields import compared_of
from features.duplicates.finding import found_pairs
from features.duplicates.kinds import FAULTS
from features.duplicates.neighbours import MOST_YEARS
from features.duplicates.round_pairs import RoundPairs
from models.duplicates.round_shelf import RoundError, RoundShelf
from models.people import PersonKey, account, now
from serving.command_line import options
from serving.command_line.duplicate_commands import read_traits
from serving.command_line.speech import ERR, OUT, counted, refusing, say_json
from serving.duplicates.dismissal import DISMISSAL, Dismissal, PairKey, dismissals_in
from serving.duplicates.round_result import round_pairs
from serving.duplicates.told_pair import kind_label
from serving.record_address import record_address
from serving.wording.envelope import Json

PAIRS = typer.Typer(
    help="What the search for duplicates found over a round, kept and signed for the checks.\n\n"
    "年度查重结果：保存、签署后，纳入项目校验。",
    no_args_is_help=True,
)
Year = Annotated[int, typer.Option("--year", help="The fiscal year of the round.")]


@PAIRS.command()
@refusing
def keep(
    file: Annotated[Path, typer.Argument(help="csv, xlsx, parquet, jsonl or json.")],
    year: Year,
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Search a round, with the rounds beside it, and keep the result; a draft until signed.

    Pairs that were dismissed in the record log, and are declared as they were, are kept as such.
    """
    ruler = load_catalogue(catalogue)
    compared, shelf = compared_of(ruler), RoundShelf(home, ruler.catalogue)
    projects, _, bad = read_traits(file, ruler, compared)
    near = [each for each in projects if abs(each.year - year) <= MOST_YEARS]
    if not any(each.year == year for each in near):
        raise RoundError(f"expected projects of {year} in {file}; got none")
    with ERR.status("comparing"):
        found = found_pairs(near, compared)
    result = round_pairs(
        near,
        found,
        _dismissals(records, home),
        ruler,
        year=year,
        version=max(shelf.versions(year), default=0) + 1,
        rules=compared.digest,
        made=now(),
        made_by=account(),
    )
    shelf.put(result)
    if as_json:
        say_json(_told(result, shelf) | {"bad_rows": bad})
        return
    OUT.print(
        f"Result {result.version} of {year}, a draft: {counted(len(result.marks), 'project')} "
        f"compared, {counted(bad, 'bad row')} left out. {result.digest}"
    )
    _say_pairs(result)
    OUT.print(f"Another person signs it: lingji pairs sign --year {year} --key FILE")


@PAIRS.command()
@refusing
def sign(
    year: Year,
    key: Annotated[Path, typer.Option("--key", help="Your private key: lingji people add.")],
    version: Annotated[
        int | None, typer.Option("--version", help="Which result; default: the newest.")
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Sign a result; from then on checks, answers and records carry what it found."""
    shelf = _shelf(catalogue, home)
    chosen = version or max(shelf.versions(year), default=1)
    approval = shelf.sign(year, chosen, PersonKey.load(key), now())
    if as_json:
        say_json(_told(shelf.pairs(year, chosen), shelf))
        return
    names = ", ".join(each.person for each in approval.signatures)
    OUT.print(f"Result {chosen} of {year} is signed by {names} and in force.")


@PAIRS.command(name="list")
@refusing
def list_(
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """List the results of every round, and who signed each."""
    shelf = _shelf(catalogue, home)
    told = [
        _told(shelf.pairs(year, version), shelf)
        for year in shelf.years()
        for version in shelf.versions(year)
    ]
    if as_json:
        say_json({"results": told})
        return
    table = Table("year", "version", "made", "projects", "pairs", "signed by", "digest", box=None)
    for each in told:
        table.add_row(
            *(str(each[name]) for name in ("year", "version", "made", "projects")),
            *(str(sum(each["pairs"].values())), ", ".join(each["signed_by"])),
            each["digest"][7:19],
        )
    OUT.print(table)


def _shelf(catalogue: str, home: Path) -> RoundShelf:
    return RoundShelf(home, load_catalogue(catalogue).catalogue)


def _dismissals(records: str | None, home: Path) -> dict[PairKey, Dismissal]:
    """What people dismissed; nothing where there is no record log yet."""
    if records is None and not (home / "records.db").is_file():
        return {}
    from serving.records.database import SERVICE  # the database costs time to import
    from serving.records.log_reader import LogReader

    found: dict[PairKey, Dismissal] = {}
    with LogReader.open(record_address(records, home)) as log:
        after = -1
        while some := log.records(SERVICE, kind=DISMISSAL, after=after):
            found |= dismissals_in(some)
            after = some[-1].leaf_index
    return found


def _told(result: RoundPairs, shelf: RoundShelf) -> Json:
    kinds = Counter(each.kind for each in result.pairs if each.dismissed is None)
    return {
        "year": result.year,
        "version": result.version,
        "digest": result.digest,
        "made": result.made,
        "made_by": result.made_by,
        "projects": len(result.marks),
        "pairs": {kind: kinds[kind] for kind in FAULTS},
        "dismissed": sum(each.dismissed is not None for each in result.pairs),
        "signed_by": [each.person for each in shelf.approval(result).signatures],
    }


def _say_pairs(result: RoundPairs) -> None:
    kinds = Counter(each.kind for each in result.pairs if each.dismissed is None)
    for kind in FAULTS:
        OUT.print(f"{kind_label(kind, 'en')} {kind_label(kind, 'zh')}: {kinds[kind]:,}")
    dismissed = sum(each.dismissed is not None for each in result.pairs)
    OUT.print(f"Dismissed before, not told again 已排除: {dismissed:,}")
