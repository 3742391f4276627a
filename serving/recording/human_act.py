"""What people say about a record: an override, or a review; a record of its own about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from features.errors import Fault
from features.identity_number import holds_identity_number
from serving.asker import Asker
from serving.override_reasons import OverrideReasons
from serving.recording.score_record import kept_name
from serving.records.log_reading import StoredRecord
from serving.records.record import Record, SealedRecord
from serving.wording.envelope import Json, Refusal

OVERRIDE, REVIEW = "override", "review"
HUMAN_ACTS = (OVERRIDE, REVIEW)

VERDICTS = ("confirmed", "disputed")
LONGEST_COMMENT = 2_000
WRITTEN = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"
"""What a comment matches: more than blanks, and no NUL, which no body may hold."""
GREATEST = 1e15


def human_act(
    kind: str, subject: StoredRecord, body: Any, asker: Asker, reasons: OverrideReasons
) -> SealedRecord:
    """The sealed record of an override or a review of a score.

    An override keeps its reason's words as they are now beside the code.

    Args:
        reasons: those that an override may have.

    Raises:
        Refusal: 422 when the subject is no score, or the body is not what the act takes; no value
            of it is shown.
    """
    if subject.kind != "score":
        raise Refusal(422, faults=[Fault(None, "id", "the record of a score", subject.kind)])
    about = subject.content()["content"]
    fields = _checks(kind, reasons)
    faults = wrong_fields(body, fields)
    if not faults:
        for name, check in fields.items():
            faults += check(name, body[name], about)
    if faults:
        raise Refusal(422, faults=faults)
    content = {**body, "asked": {"role": asker.role, "way": asker.way}}
    if kind == OVERRIDE:
        content["reason_words"] = reasons.labels[body["reason"]].as_json()
    return Record(
        kind,
        kept_name(asker.actor) or "unknown",
        content,
        about=(subject.record_id,),
        project_id=subject.project_id,
        department=subject.department,
    ).sealed()


def wrong_fields(body: Any, fields: Collection[str]) -> list[Fault]:
    """The fields that the body of an act lacks, or that it has beyond them."""
    expected = f"an object of {', '.join(fields)}"
    if not isinstance(body, dict):
        return [Fault(None, None, expected, "another thing")]
    faults = [Fault(None, name, "this field", "nothing") for name in fields if name not in body]
    return faults + [
        Fault(None, str(name)[:64], expected, "another field")
        for name in body
        if name not in fields
    ]


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> list[Fault]:
    if isinstance(value, str) and value in known:
        return []
    return [Fault(None, name, f"one of {', '.join(known)}", "another value")]


def _comment(name: str, value: Any, _: Json) -> list[Fault]:
    return comment_faults(name, value)


def comment_faults(name: str, value: Any) -> list[Fault]:
    """What is wrong with a comment; its text is not shown."""
    expected = f"a text of 1 to {LONGEST_COMMENT:,} characters"
    if not isinstance(value, str) or not 0 < len(value.strip()) <= len(value) <= LONGEST_COMMENT:
        return [Fault(None, name, expected, "another value")]
    if holds_identity_number(value):
        shown = "a value that is not shown"
        return [Fault(None, name, "a text without citizen identity numbers", shown)]
    return []


def _values(name: str, value: Any, about: Json) -> list[Fault]:
    """What is put in place: a grade, or a number for a head that the record has."""
    heads = tuple(about["heads"])
    if not isinstance(value, dict) or not value:
        return [Fault(None, name, f"an object of grade, {', '.join(heads)}", "another value")]
    faults = []
    for key, given in value.items():
        if key == "grade":
            faults += _one_of("values.grade", given, ("A", "B", "C", "D"))
        elif key not in heads:
            known = f"grade, {', '.join(heads)}"
            faults.append(Fault(None, f"values.{str(key)[:64]}", f"one of {known}", "another"))
        elif not _is_number(given):
            faults.append(Fault(None, f"values.{key}", "a number", "another value"))
    return faults


def _is_number(value: Any) -> bool:
    kind = type(value)
    return (kind is int or kind is float) and math.isfinite(value) and abs(value) <= GREATEST


_Check = Callable[[str, Any, Json], list[Fault]]


def _checks(kind: str, reasons: OverrideReasons) -> Mapping[str, _Check]:
    """The fields of an act, each with what it may be."""
    if kind == REVIEW:
        return {"verdict": _code(VERDICTS), "comment": _comment}
    return {"reason": _code(tuple(reasons.labels)), "comment": _comment, "values": _values}


def _code(known: tuple[str, ...]) -> _Check:
    return lambda name, value, _: _one_of(name, value, known)
