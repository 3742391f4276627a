"""The page of one recorded score: what was answered, and what people said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from serving.page.frame import Frame
from serving.page.handling import HandlingShown, said_matter
from serving.page.pages import report_context
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.projects.list_page import axis_labels, line_view, said_time
from serving.projects.view import ListedLine
from serving.recording.human_act import HUMAN_ACTS, OVERRIDE
from serving.recording.project_line import project_line
from serving.wording.envelope import Json
from serving.wording.words import said_amount


@dataclass(frozen=True)
class ActView:
    """What somebody said about a score, in words."""

    time: str
    actor: str
    kind: str
    said: str
    comment: str


def record_page(
    frame: Frame,
    catalogue: Catalogue,
    shown: Json,
    answer: Json | None,
    handling: HandlingShown,
) -> str:
    """A score's record as a page.

    Args:
        shown: as `RecordView.record` gives it.
        answer: the explained score made again, or None where it is only told in its numbers.
        handling: what there is to look into, and what became of it.
    """
    leaf, lang = shown["record"], frame.lang
    acts = [_act(each, catalogue, lang) for each in shown["human_actions"]]
    said = dict.fromkeys(HUMAN_ACTS, 0)
    listed = ListedLine(project_line(leaf, catalogue), said)
    courses = shown.get("handling", [])
    states = {each["finding_id"]: each["state"] for each in courses}
    report = {} if answer is None else report_context(answer, catalogue, lang, states)
    return rendered(
        "record.html",
        lang,
        frame=frame,
        leaf=leaf,
        time=said_time(leaf["time"]),
        acts=acts + _steps(courses, lang),
        handling=handling,
        holds=shown["verification"]["holds"],
        line=line_view(listed, catalogue, frame),
        axes=axis_labels(catalogue, lang),
        risk_labels=[h.label.of(lang) for h in catalogue.heads if h.kind is HeadKind.PROBABILITY],
        remade=answer is not None,
        level=1,
        improving=None,
        offered=False,
        **report,
    )


def _act(leaf: Json, catalogue: Catalogue, lang: str) -> ActView:
    words, content, chinese = page_words(lang), leaf["content"], lang == "zh"
    if leaf["kind"] == OVERRIDE:
        reason = content["reason_words"][lang]
        put = _joined(
            [said_in_place(n, v, catalogue, lang) for n, v in content["values"].items()], lang
        )
        said, kind = f"{reason}{'：' if chinese else ': '}{put}", words["kind_override"]
    else:
        said, kind = words[f"verdict_{content['verdict']}"], words["kind_review"]
    return ActView(said_time(leaf["time"]), leaf["actor"], kind, said, content["comment"])


def _steps(handling: Sequence[Json], lang: str) -> list[ActView]:
    """What became of findings, step by step, the oldest first."""
    words = page_words(lang)
    steps = [
        (step["time"], each["finding_id"], step) for each in handling for step in each["history"]
    ]
    return [
        ActView(
            said_time(step["time"]),
            step["actor"],
            words["kind_handling"],
            f"{said_matter(finding, lang)} {words['state_' + step['state']]}",
            step["comment"],
        )
        for _, finding, step in sorted(steps, key=lambda one: one[0])
    ]


def _joined(parts: Sequence[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(parts)


def said_in_place(name: str, value: str | float, catalogue: Catalogue, lang: str) -> str:
    """What was put in place of the grade or of a head, with the name of either."""
    declared = {head.name: head for head in catalogue.heads}.get(name)
    if declared is None or isinstance(value, str):
        return f"{page_words(lang)['grade'] if name == 'grade' else name} {value}"
    if declared.kind is HeadKind.AMOUNT:
        shown = said_amount(catalogue, value, lang)
    else:
        shown = f"{value:.1%}" if declared.kind is HeadKind.PROBABILITY else f"{value:.1f}"
    return f"{declared.label.of(lang)} {shown}"
