"""Commands between a challenger and its release: what the gates say, and approval."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from features.errors import ReleaseRefused
from models.approval import Approval, Status, Verdict, Waiver
from models.people import PersonKey, now
from models.release.release_policy import release_policy
from models.release.releasing import Candidate
from serving.command_line import options
from serving.command_line.release_commands import registry_of
from serving.command_line.speech import FAILED, OUT, as_called, counted, in_home, refusing, say_json

Number = Annotated[int, typer.Argument(metavar="N", help="The version that is to be released.")]
_SHOWN = {Status.PASS: "pass", Status.FAIL: "FAIL", Status.NOT_APPLICABLE: "n/a"}


@refusing
def gates(
    number: Number,
    everything: Annotated[
        bool, typer.Option("--all", help="Show passed and not applicable verdicts too.")
    ] = False,
    catalogue: options.Catalogue = "zero_base",
    policy: options.Policy = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say what each gate finds of a version; exit code 1 while a failure is open."""
    registry = registry_of(catalogue, home)
    candidate = Candidate.of(registry, number, release_policy(policy, home))
    found, begun = candidate.verdicts(), candidate.begun()
    waived = {w.verdict for w in begun.statement.waivers} if begun else set()
    open_ = [v for v in found if v.status is Status.FAIL and v.name not in waived]
    if as_json:
        say_json(
            {
                "version": number,
                "comparison": candidate.comparison,
                "policy": candidate.case.policy.file_digest,
                "passed": not open_,
                "verdicts": [{"name": v.name, **v.model_dump(mode="json")} for v in found],
                "waived": sorted(waived),
                "signatures": [s.person for s in begun.signatures] if begun else [],
            }
        )
    else:
        _say_verdicts(found, everything, waived)
        _say_signatures(begun)
    if open_:
        raise typer.Exit(FAILED)


def _say_verdicts(found: list[Verdict], everything: bool, waived: set[str]) -> None:
    table = Table("", "gate", "figure", "threshold", "reason", box=None)
    table.columns[1].overflow = "fold"  # a name is needed whole, to be waived
    for verdict in found:
        if everything or verdict.status is Status.FAIL:
            said = "waived" if verdict.name in waived else _SHOWN[verdict.status]
            table.add_row(
                said,
                verdict.name,
                _number(verdict.figure),
                _number(verdict.threshold),
                verdict.reason,
            )
    if table.row_count:
        OUT.print(table)
    counts = (f"{sum(v.status is s for v in found):,} {s.value}" for s in Status)
    OUT.print("Verdicts: " + ", ".join(counts).replace("_", " "))


def _number(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.4g}"


def _say_signatures(begun: Approval | None) -> None:
    if begun is None:
        return
    for waiver in begun.statement.waivers:
        OUT.print(f"Waived by {waiver.person}: {waiver.verdict}: {waiver.reason}")
    for signature in begun.signatures:
        OUT.print(f"Approved by {signature.person} at {signature.made}")


@refusing
def approve(
    number: Number,
    key: Annotated[
        Path,
        typer.Option("--key", envvar="LINGJI_PERSON_KEY", help="Your private key's file."),
    ],
    statement: Annotated[
        Path | None,
        typer.Option(
            "--statement",
            help="Sign the statement in this file, as a service gives it, in place of the "
            "registry's own; --out gets it with your signature, to be handed in there.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the signed statement goes.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Your name as the service lists it.")
    ] = None,
    waive: Annotated[
        list[str] | None,
        typer.Option(
            "--waive",
            metavar="NAME=REASON",
            help="A failed verdict that shall not stand in the way, and why; the first to approve "
            "says it, the others sign it too.",
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin again, without the signatures that are there.")
    ] = False,
    catalogue: options.Catalogue = "zero_base",
    policy: options.Policy = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Sign that a version may be released, with your own key; two people must, not the trainer."""
    if statement is not None:
        if out is None or name is None:
            raise typer.BadParameter(
                "expected --out and --name with a statement from a service",
                param_hint="--statement",
            )
        given = Approval.read(statement)
        signed = _signed_apart(number, given, PersonKey.load(key), name, waive or [])
        signed.save(out)
        _say_signed_apart(signed, out, as_json)
        return
    registry = registry_of(catalogue, home)
    candidate = Candidate.of(registry, number, release_policy(policy, home))
    names = [verdict.name for verdict in candidate.verdicts()]
    signed = candidate.approve(PersonKey.load(key), reasons_given(waive or [], names), anew)
    people = [signature.person for signature in signed.signatures]
    missing = max(signed.statement.approvers - len(people), 0)
    if as_json:
        say_json({"version": number, "signatures": people, "missing": missing})
        return
    OUT.print(f"Approved by {' and '.join(people)}.")
    if missing:
        OUT.print(f"Still needed: {counted(missing, 'signature')}.")
        return
    where = in_home(home, options.DEFAULT_HOME)
    OUT.print(f"Release it: {as_called()} promote {number} --catalogue {catalogue}{where}")


def _signed_apart(
    number: int, given: Approval, key: PersonKey, name: str, waive: list[str]
) -> Approval:
    """A statement from elsewhere with one more signature.

    Raises:
        ReleaseRefused: when it is about another version, or others have signed without the waivers.
    """
    if given.statement.version != number:
        raise ReleaseRefused(
            f"expected a statement of version {number}; got one of {given.statement.version}"
        )
    reasons = reasons_given(waive, [verdict.name for verdict in given.statement.gates])
    if reasons and given.signatures:
        raise ReleaseRefused(
            "expected the waivers that the first person signed; got others; download the "
            "statement anew, without the signatures that are there"
        )
    if reasons:
        waivers = tuple(Waiver(verdict=n, reason=r, person=name) for n, r in reasons.items())
        given = Approval(statement=given.statement.model_copy(update={"waivers": waivers}))
    return given.signed_apart(key, name, now())


def _say_signed_apart(signed: Approval, out: Path, as_json: bool) -> None:
    digest, open_ = signed.statement.file_digest, signed.statement.open_failures()
    if as_json:
        said = {"statement": digest, "open": [verdict.name for verdict in open_], "out": str(out)}
        say_json({"version": signed.statement.version} | said)
        return
    OUT.print(f"Signed: the statement {digest} of version {signed.statement.version}, in {out}.")
    for verdict in open_:
        OUT.print(f"Still open, so that it will not be taken: {verdict.name}", markup=False)


def reasons_given(waive: list[str], names: Iterable[str]) -> dict[str, str]:
    """Why each named verdict is waived; names and reasons may hold an equals sign of their own.

    Raises:
        typer.BadParameter: when there is no reason, or no such verdict.
    """
    reasons = {}
    for each in waive:
        known = [name for name in names if each.startswith(f"{name}=")]
        name = max(known, key=len, default="")
        reason = each[len(name) + 1 :].strip()
        if not name or not reason:
            raise typer.BadParameter(
                "expected NAME=REASON, NAME being one that `lingji gates` shows",
                param_hint="--waive",
            )
        reasons[name] = reason
    return reasons
