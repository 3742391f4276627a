"""What people look into of one record: its findings, and what topics warn about its project."""

from __future__ import annotations

from features.errors import FormError
from serving.access.caller import Caller
from serving.findings.words import said_severity
from serving.inquiry import Desk
from serving.page.frame import Frame
from serving.page.handling import HandlingShown, MatterShown, matter_shown
from serving.page.words import page_words
from serving.projects.record_view import RecordView
from serving.recording.handling import NEXT, found_in
from serving.recording.human_act import LONGEST_COMMENT
from serving.recording.kept_rules import KeptRules
from serving.recording.recorded_findings import RecordedFindings
from serving.routes import SAY_OF_FINDING
from serving.topics.warnings import told_warnings
from serving.wording.envelope import Json


def record_matters(
    desk: Desk, view: RecordView, caller: Caller, leaf: Json, frame: Frame
) -> HandlingShown:
    """What there is to look into of a score's or a check's record, with what became of it."""
    may = frame.visitor is not None and frame.visitor.may("POST", SAY_OF_FINDING)
    return HandlingShown(
        _findings(desk, view, caller, leaf, frame.lang),
        _warnings(desk, view, caller, leaf, frame.lang),
        frame.to(SAY_OF_FINDING.format(id=leaf["record_id"])) if may else "",
        LONGEST_COMMENT,
    )


def _findings(
    desk: Desk, view: RecordView, caller: Caller, leaf: Json, lang: str
) -> list[MatterShown]:
    content, words = leaf["content"], page_words(lang)
    recorded = RecordedFindings(KeptRules(desk.home), desk.release.model.catalogue).of(content)
    courses = view.courses(caller, leaf, found_in(content))
    shown = []
    for found, course in zip(recorded, courses, strict=True):
        told = found.told(own=caller.department is not None)
        following = NEXT[course["state"]]
        text = told["text"][lang] if told["text"] else words["findings_no_words"]
        kind = (told["severity"] or "", said_severity(told["severity"], lang))
        shown.append(matter_shown(course, following, text, kind, found.code, found.place, lang))
    return shown


def _warnings(
    desk: Desk, view: RecordView, caller: Caller, leaf: Json, lang: str
) -> list[MatterShown]:
    """What topics warn about today."""
    try:
        warnings = told_warnings(desk, leaf, lang)
    except FormError:  # a bureau's file of topics, of which the pages of topics tell
        return []
    courses = view.courses(caller, leaf, [each.matter for each in warnings])
    return [
        matter_shown(course, NEXT[course["state"]], *each.shown, lang)
        for each, course in zip(warnings, courses, strict=True)
    ]
