"""The command about rulers of dimensions: what takes how many points, and is a file right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from features.checks.dimensions.ruler import IndicatorScale, Ruler, Section
from features.checks.dimensions.ruler_files import (
    rating_by,
    read_ruler,
    ruler_in_force,
    shipped_ruler,
)
from features.checks.rule_files import read_rule_book, rule_texts
from features.errors import Fault, RuleError
from serving.command_line import options
from serving.command_line.speech import OUT, refusing, say_json


@refusing
def ruler(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A ruler of your own to be tried; default: in use."),
    ] = None,
    text: Annotated[
        bool, typer.Option("--text", help="Print the file that ships, to begin your own with.")
    ] = False,
    catalogue: options.Catalogue = "zero_base",
    rules: options.Rules = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Show how the dimensions are scored; what does not fit catalogue and rules is named."""
    known = load_catalogue(catalogue)
    if text:
        shipped = shipped_ruler(known.catalogue)
        typer.echo("" if shipped is None else shipped.read_text(encoding="utf-8"), nl=False)
        return
    found = ruler_in_force(home, known.catalogue) if file is None else read_ruler(file)
    if found is None:
        fault = Fault(None, None, f"a ruler for {known.catalogue}", "none", "see docs/rules.md")
        raise RuleError([fault], "ruler")
    rating_by(found, known, read_rule_book(rule_texts(known.catalogue, rules), known))
    if as_json:
        say_json({"digest": found.file_digest} | found.model_dump(mode="json"))
        return
    _show(found)


def _show(found: Ruler) -> None:
    table = Table("dimension", "weight", "section", "points", "by", box=None)
    for dimension in found.dimensions:
        name, weight = dimension.name, f"{dimension.weight:g}"
        if dimension.head is not None:
            table.add_row(name, weight, "", "", f"head {dimension.head}")
        for section in dimension.sections:
            table.add_row(name, weight, section.label.zh, f"{section.points:g}", _by(section))
            name = weight = ""
    OUT.print(table)
    for severity, deducted in found.findings.items():
        OUT.print(
            f"{severity.value}: {deducted.each:g} a finding, at most {deducted.most:g} a rule"
        )
    for code, deducted in found.rules.items():
        OUT.print(f"{code}: {deducted.each:g} a finding, at most {deducted.most:g}")
    OUT.print(f"{found.identity}, for a score at least {found.least_judged:g} points judged")
    OUT.print(f"version {found.file_digest}", highlight=False)


def _by(section: Section) -> str:
    rules = [*section.rules, *(["others"] if section.others else [])]
    rules += [f"{code} takes all" for code in section.missing]
    return ", ".join([*rules, *map(_scale, section.indicators)])


def _scale(scale: IndicatorScale) -> str:
    if scale.counted is not None:
        return f"{scale.indicator} {scale.counted.each:g} each, at most {scale.counted.most:g}"
    bands = ", ".join(f"below {band.below:g}: {band.points:g}" for band in scale.bands)
    return f"{scale.indicator} ({bands})"
