"""The command about rules: whether files of rules are right, and which rules are in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from features.checks.operator_table import operator_table
from features.checks.rule_book import RuleBook
from features.checks.rule_files import read_rule_book, rule_texts
from serving.command_line import options
from serving.command_line.speech import OUT, counted, refusing, say_json


@refusing
def rules(
    own: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Rules of your own: a YAML file, or a folder."),
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    operators: Annotated[
        bool, typer.Option("--operators", help="Print what conditions are composed of, Markdown.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """List the rules in use; every rule is tried on its examples, and what is wrong is named."""
    if operators:
        typer.echo(operator_table(), nl=False)
        return
    ruler = load_catalogue(catalogue)
    book = read_rule_book(rule_texts(ruler.catalogue, own), ruler)
    if as_json:
        say_json(_as_json(book))
        return
    table = Table("code", "severity", "dimension", "name", "basis", box=None)
    for rule in book.rules:
        basis = " ".join(part for part in (rule.basis.title.zh, rule.basis.document) if part)
        told = (rule.severity.value, rule.dimension, rule.name.zh, f"{basis} ({rule.basis.kind})")
        table.add_row(rule.code, *told)
    OUT.print(table)
    OUT.print(f"{counted(len(book.rules), 'rule')}, each as its examples say: {book.version}")
    OUT.print(f"version {book.digest}", highlight=False)


_LISTED = {"code", "name", "severity", "dimension", "basis", "effective"}


def _as_json(book: RuleBook) -> dict[str, object]:
    return {
        "digest": book.digest,
        "version": book.version,
        "rules": [rule.model_dump(mode="json", include=_LISTED) for rule in book.rules],
    }
