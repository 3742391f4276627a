"""A round of review as commands need it: found, held against the log, reported on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from features.catalogue import Catalogue
from features.errors import ReviewError
from models.registry import Registry
from models.release.review import ReviewedCases, Severity
from models.review.finding import State
from models.review.report import ReviewReport
from models.review.round import KeptRound, rounds_in
from serving.record_address import record_address
from serving.wording.words import LANGUAGES
from training.review.case_policy import CasePolicy

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog
    from serving.review.round_records import CaseSaid


def round_asked(ruler: Catalogue, home: Path, number: int) -> KeptRound:
    """The newest round of a version.

    Raises:
        ReviewError: when there is none.
    """
    registry = Registry(home, ruler.catalogue)
    registry.version(number)
    found = [kept for kept in rounds_in(registry.folder) if kept.round.version == number]
    if not found:
        raise ReviewError(
            f"expected a review of version {number}; got none; `lingji review open {number}` "
            "chooses its cases"
        )
    return max(found, key=lambda kept: kept.round.made)


def concluded_cases(registry: Registry, kept: KeptRound) -> ReviewedCases:
    """What the newest conclusion of a round rests on.

    Raises:
        ReviewError: when it is not concluded, so that judgements may still come.
    """
    from models.release.review import newest_review

    review = newest_review(registry.folder, kept.round.version, kept.round.comparison)
    if review is None or review.cases is None:
        raise ReviewError(
            f"expected a concluded review of version {kept.round.version}; got an open one; "
            f"`lingji review conclude {kept.round.version}` ends it"
        )
    return review.cases


def reported(
    kept: KeptRound, log: RecordLog, ruler: Catalogue, rule: CasePolicy
) -> tuple[ReviewReport, list[Path]]:
    """The report of a round as the log stands, and the files that now hold it."""
    from serving.review.pages import report_alone
    from serving.review.round_records import findings_of, seen_before
    from training.review.agreement_report import Heard, agreement_report

    _require_opened(kept, log)
    size = log.head().size
    said = said_in(log, kept)
    heard = Heard(
        said.judgement_forms(),
        said.opinion_forms(),
        len(said.corrections),
        findings_of(log, [kept.round]),
        seen_before(log, kept.round, said),
        size,
    )
    made = agreement_report(kept, heard, ruler, rule.least_told)
    paths = [made.save(kept.path)]
    for lang in LANGUAGES:
        path = kept.path / f"report.{lang}.html"
        path.write_text(report_alone(lang, ruler, made), encoding="utf-8")
        paths.append(path)
    return made, paths


def _require_opened(kept: KeptRound, log: RecordLog) -> None:
    """Return when the round is the one that the log says was opened.

    Raises:
        ReviewError: otherwise.
    """
    stored = log.record(kept.round.record)
    digest = stored.content()["content"]["round_digest"] if stored else "no record of it"
    if digest != kept.round.file_digest:
        raise ReviewError(
            f"expected the cases that were opened, {digest}; got {kept.round.file_digest}: "
            f"{kept.path} was changed, or this is another log"
        )


def said_in(log: RecordLog, kept: KeptRound) -> CaseSaid:
    """What has been said in a round."""
    from serving.review.round_records import case_said

    return case_said(log, kept.round)


def reviewed_cases(made: ReviewReport) -> ReviewedCases:
    """What a report says that a conclusion rests on."""
    open_: dict[Severity, int] = {
        severity: sum(count for state, count in states.items() if state is not State.CLOSED)
        for severity, states in made.findings.items()
    }
    return ReviewedCases(
        round=made.round,
        report=made.file_digest,
        log_size=made.log_size,
        cases=made.judged,
        experts=len(made.experts),
        open_findings={severity: count for severity, count in open_.items() if count},
    )


@contextmanager
def review_log(records: str | None, home: Path, *, make: bool = False) -> Iterator[RecordLog]:
    """The record log, which judgements are kept in."""
    from serving.records.record_log import RecordLog  # the database costs time to import

    address = record_address(records, home)
    opened = RecordLog.open if make else RecordLog.open_existing
    with opened(address) as log:
        yield log
