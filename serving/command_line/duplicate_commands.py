"""The command that finds duplicates, splits and copies in a file of declared projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from features.catalogue import Catalogue, load_catalogue
from features.duplicates.compared_fields import Compared, compared_of
from features.duplicates.finding import found_pairs
from features.duplicates.found_pair import FoundPair
from features.duplicates.groups import groups_of
from features.duplicates.kinds import FAULTS, KINDS
from features.duplicates.traits import Traits, traits_of
from features.project_rows import parse_rows
from serving.command_line import options
from serving.command_line.speech import ERR, OUT, counted, progress, refusing, say_json
from serving.duplicates.told_pair import kind_label, told_pair
from serving.files.result_columns import Cell, Columns
from serving.files.result_files import ResultWriter

_COLUMNS: Columns = {
    "kind": str,
    "kind_zh": str,
    "group": int,
    "probability": float,
    "score": float,
    "project_id_1": str,
    "year_1": int,
    "row_1": int,
    "name_1": str,
    "amount_1": float,
    "project_id_2": str,
    "year_2": int,
    "row_2": int,
    "name_2": str,
    "amount_2": float,
    "text_zh": str,
    "text_en": str,
    "reasons_zh": str,
    "reasons_en": str,
}


@refusing
def duplicates(
    file: Annotated[Path, typer.Argument(help="csv, xlsx, parquet, jsonl or json.")],
    out: Annotated[Path, typer.Option("--out", help="csv, xlsx, parquet or jsonl, by its ending.")],
    catalogue: options.Catalogue = "zero_base",
    continued: Annotated[
        bool, typer.Option("--continued", help="Also write projects continued from year to year.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Find projects declared twice, split below a threshold, or copied; a row for each pair."""
    ruler = load_catalogue(catalogue)
    compared = compared_of(ruler)
    projects, numbers, bad = read_traits(file, ruler, compared)
    with ERR.status("comparing"):
        found = found_pairs(projects, compared)
    wanted = KINDS if continued else FAULTS
    shown = [pair for pair in found if pair.kind in wanted]
    with ResultWriter(out, _COLUMNS) as results:
        results.write(_rows(shown, numbers, ruler))
    counts = Counter(pair.kind for pair in found)
    if as_json:
        say_json(
            {
                "file": str(file),
                "projects": len(projects),
                "bad_rows": bad,
                "pairs": {kind: counts[kind] for kind in KINDS},
                "compared": compared.digest,
                "out": str(out),
            }
        )
        return
    OUT.print(f"{counted(len(projects), 'project')} compared, {counted(bad, 'bad row')} left out")
    for kind in KINDS:
        OUT.print(f"{kind_label(kind, 'en')} {kind_label(kind, 'zh')}: {counts[kind]:,}")
    OUT.print(f"Pairs written to {out}: what was found is for people to find out about.")


def read_traits(
    file: Path, ruler: Catalogue, compared: Compared
) -> tuple[list[Traits], list[int], int]:
    """What is compared of each good row, the rows' numbers, and how many are bad."""
    projects: list[Traits] = []
    numbers: list[int] = []
    bad = 0
    with progress("reading") as step:
        for batch in parse_rows(file, ruler):
            for row in batch.rows:
                if row.project is None:
                    bad += 1
                    continue
                projects.append(traits_of(row.project, compared.fields))
                numbers.append(row.number)
            step(len(batch.rows))
    return projects, numbers, bad


def _rows(
    pairs: Sequence[FoundPair], numbers: Sequence[int], ruler: Catalogue
) -> Iterator[dict[str, Cell]]:
    group = _group_numbers(pairs)
    for pair in pairs:
        told = told_pair(pair, ruler)
        row: dict[str, Cell] = {
            "kind": pair.kind,
            "kind_zh": told["label"]["zh"],
            "group": group[pair.rows[0]] if group[pair.rows[0]] == group[pair.rows[1]] else None,
            "probability": told["probability"],
            "score": float(told["score"]),
        }
        for side, place, project in ((1, pair.rows[0], pair.one), (2, pair.rows[1], pair.other)):
            row |= {
                f"project_id_{side}": project.project_id,
                f"year_{side}": project.year,
                f"row_{side}": numbers[place],
                f"name_{side}": project.name,
                f"amount_{side}": project.amount,
            }
        for lang, between in (("zh", "；"), ("en", "; ")):
            row[f"text_{lang}"] = told["text"][lang]
            row[f"reasons_{lang}"] = between.join(r["text"][lang] for r in told["reasons"])
        yield row


def _group_numbers(pairs: Sequence[FoundPair]) -> dict[int, int]:
    """The number of the group that each row is in; a row that joins none has one of its own."""
    groups = groups_of((*pair.rows, pair.score) for pair in pairs)
    numbers = {row: number for number, group in enumerate(groups, start=1) for row in group}
    alone = (row for pair in pairs for row in pair.rows if row not in numbers)
    return {**{row: -row - 1 for row in alone}, **numbers}
