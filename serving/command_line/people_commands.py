"""Commands about the people who approve releases: add one with a key, list them, end a key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from models.people import People, Person, PersonKey, account, now
from serving.command_line import options
from serving.command_line.speech import OUT, refusing, say_json

PEOPLE = typer.Typer(
    help="People who approve releases: their names and public keys.\n\n"
    "批准模型发布的人员及其公钥。",
    no_args_is_help=True,
)


@PEOPLE.command()
@refusing
def add(
    name: Annotated[str, typer.Argument(help="The person's name, as it stands in approvals.")],
    out: Annotated[Path, typer.Option("--out", help="The private key's file to write (PEM).")],
    account_: Annotated[
        str | None,
        typer.Option(
            "--account", help="The account under which this person works; default: this one."
        ),
    ] = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Make a person's key and list its public half; the person alone keeps the file."""
    key = PersonKey.generate()
    person = Person(name=name, account=account_ or account(), key=key.public, since=now())
    people = People.of(home).joined_by(person)
    key.save(out)
    people.save(home)
    if as_json:
        say_json({"private": str(out), **person.model_dump(mode="json")})
        return
    OUT.print(f"{name} may approve releases, with the key in {out}: nobody else may have it.")


@PEOPLE.command(name="list")
@refusing
def list_(home: options.Home = options.DEFAULT_HOME, as_json: options.AsJson = False) -> None:
    """List everybody whose signature counts or once did."""
    people = People.of(home).people
    if as_json:
        say_json([person.model_dump(mode="json") for person in people])
        return
    table = Table("name", "account", "since", "until", "public key", box=None)
    for person in people:
        table.add_row(person.name, person.account, person.since, person.until or "", person.key)
    OUT.print(table)


@PEOPLE.command()
@refusing
def end(
    name: Annotated[str, typer.Argument(help="The person whose key ends.")],
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Let a person's signature count no longer; what was signed before still holds."""
    when = now()
    People.of(home).left_by(name, when).save(home)
    if as_json:
        say_json({"name": name, "until": when})
        return
    OUT.print(f"Signatures of {name} count no longer from {when} on.")
