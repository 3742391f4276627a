"""Commands of expert review: open, report, list findings, conclude, hand judgements over."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from features.catalogue import load_catalogue
from features.errors import ReleaseRefused
from models.approval import Status
from models.people import People, PersonKey, account, now
from models.registry import Registry
from models.release.gates import reviewed
from models.release.release_policy import release_policy
from models.release.releasing import Candidate
from models.release.review import Conclusion, Review, keep_review
from models.review.finding import State
from models.review.round import KeptRound, publish_round, round_of, rounds_in
from serving.command_line import options
from serving.command_line.review_round import (
    concluded_cases,
    reported,
    review_log,
    reviewed_cases,
    round_asked,
    said_in,
)
from serving.command_line.speech import ERR, OUT, counted, progress, refusing, say_json
from training.outcome_store import OutcomeStore
from training.review.case_policy import case_policy

REVIEW = typer.Typer(
    help="Expert review of a challenger: cases judged unseen, findings, a report, a conclusion.\n\n"
    "专家评审：盲评案例、评审问题、一致性报告与结论。",
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(metavar="N", help="The version that is to be released.")]
CasesRule = Annotated[
    Path | None,
    typer.Option(
        "--cases",
        help="How cases are chosen (YAML); default: cases.yaml in the working folder, or the rule "
        "that ships.",
    ),
]


@REVIEW.command(name="open")
@refusing
def open_(
    number: Number,
    catalogue: options.Catalogue = "zero_base",
    cases: CasesRule = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Choose the cases that experts judge of a version's comparison with what serves."""
    from serving.command_line.told_answer import told_answer
    from serving.recording.score_record import kept_name
    from serving.records.record import Record, new_record_id
    from serving.review.round_records import OPENED
    from training.review.opening import prepare_opening

    ruler, rule = load_catalogue(catalogue), case_policy(cases, home)
    registry, store = Registry(home, ruler.catalogue), OutcomeStore(home, ruler)
    with review_log(records, home, make=True) as log, progress("choosing cases", 4) as step:
        made = prepare_opening(
            store,
            registry,
            number,
            rule,
            told_answer,
            new_record_id(),
            account(),
            lambda _: step(1),
        )
        content = {
            "format": 1,
            "catalogue": registry.catalogue,
            "version": {"version": number, "digest": made.round.challenger},
            "round": made.round.name,
            "round_digest": made.round.file_digest,
            "cases": len(made.round.cases),
            "asked": {"role": "command_line", "way": "lingji review open"},
        }
        actor = kept_name(f"os:{account()}") or "unknown"
        record = Record(OPENED, actor, content, record_id=made.round.record)
        log.append(record).result()  # it can be shown only what the log knows of
        kept = publish_round(made.waiting)
    if as_json:
        say_json({"round": kept.round.name, "cases": len(kept.round.cases), "path": str(kept.path)})
        return
    _say_opened(kept)


@REVIEW.command()
@refusing
def report(
    number: Number,
    catalogue: options.Catalogue = "zero_base",
    cases: CasesRule = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say how far experts agree with each other and with both models; write it for people too."""
    ruler = load_catalogue(catalogue)
    with review_log(records, home) as log:
        made, paths = reported(
            round_asked(ruler, home, number), log, ruler, case_policy(cases, home)
        )
    if as_json:
        say_json(made.model_dump(mode="json"))
        return
    OUT.print(
        f"{counted(made.judged, 'case')} of {made.cases} judged by "
        f"{counted(len(made.experts), 'expert')}."
    )
    for path in paths:
        OUT.print(str(path))


@REVIEW.command()
@refusing
def findings(
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="Of this version only; default: of all.")
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those past their day.")] = False,
    catalogue: options.Catalogue = "zero_base",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """List findings with their owners, their days and what became of them; the overdue first."""
    from serving.records.record import utc_now
    from serving.review.machine import findings as told
    from serving.review.round_records import findings_of

    registry, today = Registry(home, load_catalogue(catalogue).catalogue), utc_now().date()
    rounds = [k.round for k in rounds_in(registry.folder) if number in (None, k.round.version)]
    with review_log(records, home) as log:
        found = findings_of(log, rounds)
    found = [each for each in found if each.overdue(today) or not overdue]
    found.sort(key=lambda f: (f.state is State.CLOSED, not f.overdue(today), f.opened.due))
    if as_json:
        say_json(told(found))
        return
    if not found:
        OUT.print("No findings.")
        return
    table = Table("", "severity", "owner", "due", "about", "finding", "fixed in", box=None)
    for each in found:
        answered = each.answered.entry if each.answered else None
        state = "OVERDUE" if each.overdue(today) else each.state.value
        version = str(getattr(answered, "fixed_in", None) or "")
        opened = each.opened
        table.add_row(
            *(state, opened.severity.value, opened.owner, opened.due),
            *(opened.case or opened.round, opened.text, version),
        )
    OUT.print(table)


@REVIEW.command()
@refusing
def conclude(
    number: Number,
    key: Annotated[
        list[Path],
        typer.Option(
            "--key",
            envvar="LINGJI_PERSON_KEY",
            help="The private key's file of who concludes; may be given repeatedly.",
        ),
    ],
    conclusion: Annotated[
        Literal["approve", "reject"], typer.Option("--conclusion", help="What they conclude.")
    ],
    comment: Annotated[str, typer.Option("--comment", help="Why, for those who approve.")],
    catalogue: options.Catalogue = "zero_base",
    policy: options.Policy = None,
    cases: CasesRule = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Sign what the experts' judgements lead to; from then on the cases are judged no more."""
    from serving.recording.score_record import kept_name
    from serving.records.record import Record
    from serving.review.round_records import CONCLUDED

    ruler = load_catalogue(catalogue)
    registry, people = Registry(home, ruler.catalogue), People.of(home)
    candidate = Candidate.of(registry, number, release_policy(policy, home))
    keys = [PersonKey.load(path) for path in key]
    with review_log(records, home, make=True) as log:
        kept = round_of(registry.folder, number, candidate.comparison)
        found = None
        if kept is not None:
            found = reviewed_cases(reported(kept, log, ruler, case_policy(cases, home))[0])
        made = Review(
            format=2,
            catalogue=registry.catalogue,
            version=number,
            challenger=candidate.case.version.digest,
            comparison=candidate.comparison,
            reviewers=tuple(people.owner(each.public).name for each in keys),
            conclusion=Conclusion(conclusion),
            comment=comment,
            made=now(),
            cases=found,
        ).signed_by(keys, people)
        verdict = reviewed(replace(candidate.case, review=made))
        if made.conclusion is Conclusion.APPROVE and verdict.status is Status.FAIL:
            raise ReleaseRefused(
                f"expected a review that the policy accepts; got one of which: {verdict.reason}"
            )
        content = {
            "format": 1,
            "catalogue": registry.catalogue,
            "version": {"version": number, "digest": made.challenger},
            "review": made.model_dump(mode="json"),
            "review_digest": made.file_digest,
            "asked": {"role": "command_line", "way": "lingji review conclude"},
        }
        about = () if kept is None else (kept.round.record,)
        actor = kept_name(f"os:{account()}") or "unknown"
        log.append(Record(CONCLUDED, actor, content, about=about)).result()
        path = keep_review(made, registry.folder)
    if as_json:
        say_json({"review": str(path), "digest": made.file_digest})
        return
    OUT.print(f"Signed by {' and '.join(made.reviewers)}; kept in {path}.")


@REVIEW.command()
@refusing
def outcomes(
    number: Number,
    by: Annotated[
        str | None, typer.Option("--by", help="Who; default: the user at the terminal.")
    ] = None,
    catalogue: options.Catalogue = "zero_base",
    policy: options.Policy = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Hand a concluded review's judgements over as outcomes, learned from by `--judgements`."""
    from serving.command_line.outcome_commands import told
    from training.review.judged_outcomes import hand_over

    ruler = load_catalogue(catalogue)
    registry, kept = Registry(home, ruler.catalogue), round_asked(ruler, home, number)
    concluded = concluded_cases(registry, kept)
    with review_log(records, home) as log:
        said = said_in(log, kept)
    judgements = said.judgement_forms(until=concluded.log_size)
    store = OutcomeStore(home, ruler)
    contribution, new = hand_over(store, kept, judgements, by or getpass.getuser())
    if as_json:
        say_json({"added": new, "contribution": told(contribution)})
        return
    if not new:
        OUT.print(f"Nothing changed: they are contribution {contribution.number} already.")
        return
    OUT.print(
        f"Contribution {contribution.number}: {counted(contribution.quality.rows, 'case')}; "
        "learned from by `lingji retrain --judgements` only."
    )


def _say_opened(kept: KeptRound) -> None:
    table = Table("chosen for", "projects", "drawn", box=None)
    for name, size in kept.round.strata.items():
        table.add_row(name, f"{size.projects:,}", f"{size.drawn:,}")
    OUT.print(table)
    OUT.print(
        f"{counted(len(kept.round.cases), 'case')} of {kept.round.projects:,} projects in "
        f"{kept.path}."
    )
    ERR.print("Experts judge them at /review, with a key of the role expert.")
