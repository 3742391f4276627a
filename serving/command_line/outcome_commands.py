"""Commands about contributions of outcomes: take one in, list them, leave one out, take it back."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from serving.command_line import options
from serving.command_line.speech import ERR, OUT, counted, progress, refusing, say_json
from training.contribution import Contribution
from training.outcome_store import OutcomeStore

OUTCOMES = typer.Typer(
    help="Contributions of appraisal outcomes, which `lingji retrain` learns from.",
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(metavar="N", help="The contribution's number.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]
By = Annotated[str | None, typer.Option("--by", help="Who; default: the user at the terminal.")]


@OUTCOMES.command()
@refusing
def add(
    path: Annotated[
        Path,
        typer.Argument(
            help="A flat file, a folder with projects.* and outcomes.*, or outcomes.* alone."
        ),
    ],
    by: By = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Take a contribution in; the same bytes again change nothing."""
    store = _store(catalogue, home)
    with progress("reading") as step:
        contribution, new = store.add(path, by or getpass.getuser(), step)
    if as_json:
        say_json({"added": new, "contribution": told(contribution)})
        return
    if not new:
        OUT.print(f"Nothing changed: these files are contribution {contribution.number} already.")
        return
    quality = contribution.quality
    OUT.print(
        f"Contribution {contribution.number}: {counted(quality.rows, 'row')}, rounds "
        f"{_rounds(contribution)}, quality {quality.score:.1%}."
    )
    if quality.score < 1:
        ERR.print(
            f"Readable {quality.read:.1%}, possible {quality.possible:.1%}: "
            "see `lingji check` and the data quality of the next `lingji retrain`."
        )


@OUTCOMES.command(name="list")
@refusing
def list_(
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """List the contributions, oldest first, with what was decided about them."""
    every = _store(catalogue, home).contributions()
    if as_json:
        say_json({"contributions": [told(each) for each in every]})
        return
    if not every:
        OUT.print("No contributions yet: take one in with `lingji outcomes add`.")
        return
    table = Table("", "from", "received", "rounds", "rows", "quality", "digest", "", box=None)
    for each in every:
        last = each.decisions[-1] if each.decisions else None
        decided = f"{'excluded' if last.excluded else 'included'}: {last.reason}" if last else ""
        quality = each.quality
        table.add_row(
            *(str(each.number), each.contributor, each.received, _rounds(each)),
            *(f"{quality.rows:,}", f"{quality.score:.1%}", each.digest[:19], decided),
        )
    OUT.print(table)


@OUTCOMES.command()
@refusing
def exclude(
    number: Number,
    reason: Reason,
    by: By = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Leave a contribution out of what is learned from; nothing of it is deleted."""
    _decide(number, True, reason, by, _store(catalogue, home), as_json)


@OUTCOMES.command()
@refusing
def include(
    number: Number,
    reason: Reason,
    by: By = None,
    catalogue: options.Catalogue = "zero_base",
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Take an excluded contribution back."""
    _decide(number, False, reason, by, _store(catalogue, home), as_json)


def told(contribution: Contribution) -> dict[str, object]:
    """A contribution for machines."""
    return {
        "number": contribution.number,
        "digest": contribution.digest,
        "kind": contribution.kind.value,
        "contributor": contribution.contributor,
        "received": contribution.received,
        "rounds": list(contribution.rounds),
        "excluded": contribution.excluded,
        "quality": {
            "score": contribution.quality.score,
            "rows": contribution.quality.rows,
            "read": contribution.quality.read,
            "possible": contribution.quality.possible,
            "known": dict(contribution.quality.known),
        },
        "decisions": [
            {"excluded": d.excluded, "by": d.by, "when": d.when, "reason": d.reason}
            for d in contribution.decisions
        ],
    }


def _decide(
    number: int, excluded: bool, reason: str, by: str | None, store: OutcomeStore, as_json: bool
) -> None:
    contribution = store.decide(number, excluded, by or getpass.getuser(), reason)
    if as_json:
        say_json({"contribution": told(contribution)})
        return
    now = "left out of" if contribution.excluded else "part of"
    OUT.print(f"Contribution {number} is {now} what is learned from.")


def _rounds(contribution: Contribution) -> str:
    rounds = contribution.rounds
    return f"{rounds[0]}–{rounds[-1]}" if rounds else "none"


def _store(catalogue: str, home: Path) -> OutcomeStore:
    return OutcomeStore(home, load_catalogue(catalogue))
