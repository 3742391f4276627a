"""The pages of reviews as HTML: the queue, a case, findings, the report of agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.release.review import Severity
from models.review.case import CaseAnswers
from models.review.finding import Answered, Closed, Finding, Returned, State
from models.review.judgement import Stance
from models.review.report import ReviewReport
from serving.access.caller import Caller
from serving.page.frame import Frame
from serving.page.pages import page_style
from serving.page.templates import rendered
from serving.recording.score_record import kept_name
from serving.review.answers_view import answers_view, heads_said
from serving.review.finding_desk import FindingDesk
from serving.review.forms import LONGEST_TEXT, judged_heads
from serving.review.judging import Queue, SeenCase, Stage
from serving.review.project_view import project_facts
from serving.review.report_view import report_view, said_stratum
from serving.review.said_view import said_view

Sent = Mapping[str, str]


def queue_page(frame: Frame, found: Sequence[Queue]) -> str:
    """Every round with its cases and how far they have come."""
    return rendered("review/queue.html", frame.lang, frame=frame, queues=found, Stage=Stage)


def case_page(
    frame: Frame, catalogue: Catalogue, seen: SeenCase, given: Sent, wrong: Mapping[str, str]
) -> str:
    """A case as it may be seen; what was typed again, with what is wrong with it."""
    lang = frame.lang
    answers = None if seen.answers is None else answers_view(seen.answers, catalogue, lang)
    return rendered(
        "review/case.html",
        lang,
        frame=frame,
        seen=seen,
        Stage=Stage,
        project=project_facts(seen.case, catalogue, lang),
        answers=answers,
        models=[] if seen.answers is None else [side.model for side in seen.answers.sides],
        chosen=[]
        if seen.answers is None
        else [said_stratum(name, catalogue, lang) for name in seen.answers.strata],
        scores=judged_heads(catalogue, HeadKind.SCORE),
        amounts=judged_heads(catalogue, HeadKind.AMOUNT),
        unit=catalogue.currency.unit if lang == "zh" else catalogue.currency.unit_en,
        stances=list(Stance),
        own=[said_view(each, catalogue, lang) for each in seen.own],
        others=[said_view(each, catalogue, lang) for each in seen.others],
        judges=frame.visitor is not None
        and frame.visitor.may("POST", "/review/cases/{id}/judgement"),
        given=given,
        wrong=wrong,
        longest=LONGEST_TEXT,
    )


def findings_page(
    frame: Frame,
    found: Sequence[Finding],
    subjects: Mapping[str, str],
    versions: Sequence[int],
    caller: Caller,
    given: Sent,
    wrong: Mapping[str, str],
) -> str:
    """Every finding with what became of it, the overdue first, and a form for another."""
    today, name = FindingDesk.today(), kept_name(caller.name) or "unknown"
    listed = sorted(
        found,
        key=lambda f: (f.state is State.CLOSED, not f.overdue(today), f.opened.due, f.id),
    )
    visitor = frame.visitor
    may_answer = visitor is not None and visitor.may("POST", "/review/findings/{id}/answer")
    may_judge = visitor is not None and visitor.may("POST", "/review/findings/{id}/close")
    return rendered(
        "review/findings.html",
        frame.lang,
        frame=frame,
        findings=listed,
        overdue={each.id for each in found if each.overdue(today)},
        answerable={f.id for f in found if may_answer and f.takes(Answered, name)},
        judgeable={
            f.id for f in found if may_judge and f.takes(Closed, name) and f.takes(Returned, name)
        },
        may_open=visitor is not None and visitor.may("POST", "/review/findings/open"),
        subjects=subjects,
        severities=list(Severity),
        versions=versions,
        today=today.isoformat(),
        given=given,
        wrong=wrong,
        longest=LONGEST_TEXT,
    )


def report_page(frame: Frame, catalogue: Catalogue, report: ReviewReport) -> str:
    """The report of agreement."""
    view = report_view(report, catalogue, frame.lang)
    return rendered("review/report.html", frame.lang, frame=frame, report=report, view=view)


def report_alone(lang: str, catalogue: Catalogue, report: ReviewReport) -> str:
    """The same as one file that needs nothing else, to be read and printed."""
    view = report_view(report, catalogue, lang)
    style = Markup(page_style())  # noqa: S704 - ours
    return rendered("review/report_alone.html", lang, report=report, view=view, style=style)


def heads_of(answers: CaseAnswers, catalogue: Catalogue) -> list[str]:
    """The heads that either answer says something of, in the catalogue's order."""
    said = {name for side in answers.sides for name in heads_said(side, catalogue)}
    return [head.name for head in catalogue.heads if head.name in said]
