"""What becomes of findings: suspected, then found in order or a violation, then rectified.

Each step is an act of a person and a record of its own about the record that has the finding; the
state of a finding is what its acts lead to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from features.errors import Fault
from serving.asker import Asker
from serving.recording.human_act import comment_faults, wrong_fields
from serving.recording.score_record import kept_name
from serving.records.log_reading import StoredRecord
from serving.records.record import Record, SealedRecord
from serving.wording.envelope import Json, Refusal
from serving.wording.findings import SUSPECTED

HANDLING = "handling"
NORMAL, VIOLATION, RECTIFIED = "normal", "violation", "rectified"
STATES = (NORMAL, VIOLATION, RECTIFIED)
"""What a person may say of a finding: in order, a violation, a violation that was rectified."""

NEXT: Mapping[str, tuple[str, ...]] = {
    SUSPECTED: (NORMAL, VIOLATION),
    NORMAL: (NORMAL, VIOLATION),
    VIOLATION: (VIOLATION, RECTIFIED, NORMAL),
    RECTIFIED: (RECTIFIED, VIOLATION),
}
"""From which state which may follow; what one has said another may confirm."""

FINDING = r"^[A-Z][A-Z0-9]{1,11}-[0-9]{2,3}(:[a-z][a-z0-9_]*\[[0-9]{1,5}\])?$"
"""How a finding is called: by its rule's code, and its place where it has one."""
_FINDING = re.compile(FINDING)

_CHECKED = ("score", "check")
_FIELDS = ("finding", "state", "comment")


def handling_act(
    subject: StoredRecord, acts: Iterable[StoredRecord], body: Any, asker: Asker
) -> SealedRecord:
    """The sealed record of what somebody says of one finding of a score or a check.

    Args:
        acts: those about the same record so far, oldest first.

    Raises:
        Refusal: 422 when the body is not what is said of a finding, 404 when the record has no such
            finding, 409 when the state cannot follow its present one; no value is shown.
    """
    if subject.kind not in _CHECKED:
        expected = "the record of a score or a check"
        raise Refusal(422, faults=[Fault(None, "id", expected, subject.kind)])
    _require_sound(body)
    found = {each["finding_id"]: each["state"] for each in handled(subject, acts)}
    state = found.get(body["finding"])
    if state is None:
        raise Refusal(404, "The record has no such finding.")
    if body["state"] not in NEXT[state]:
        expected = f"one of {', '.join(NEXT[state])}, which can follow {state}"
        faults = [Fault(None, "state", expected, "another state")]
        raise Refusal(409, code="state_conflict", faults=faults)
    content = {**body, "was": state, "asked": {"role": asker.role, "way": asker.way}}
    return Record(
        HANDLING,
        kept_name(asker.actor) or "unknown",
        content,
        about=(subject.record_id,),
        project_id=subject.project_id,
        department=subject.department,
    ).sealed()


def _require_sound(body: Any) -> None:
    """Return when a body could be said of some finding.

    Raises:
        Refusal: 422 when it could not.
    """
    faults = wrong_fields(body, _FIELDS)
    if not faults:
        if not isinstance(body["finding"], str) or not _FINDING.fullmatch(body["finding"]):
            faults.append(Fault(None, "finding", "the id of a finding", "another value"))
        if not isinstance(body["state"], str) or body["state"] not in STATES:
            faults.append(Fault(None, "state", f"one of {', '.join(STATES)}", "another value"))
        faults += comment_faults("comment", body["comment"])
    if faults:
        raise Refusal(422, faults=faults)


def handled(subject: StoredRecord, acts: Iterable[StoredRecord]) -> list[Json]:
    """Every finding of a record with its state, what led to it, and how long that took.

    seconds_to_decision: from the finding to the first word about it. seconds_to_rectified: from
    the finding until it was rectified, for the last time; both null before.
    """
    leaf = subject.content()
    content = leaf["content"]
    found: dict[str, Json] = {
        finding: {
            "finding_id": finding,
            "state": SUSPECTED,
            "since": leaf["time"],
            "history": [],
            "seconds_to_decision": None,
            "seconds_to_rectified": None,
        }
        for finding in content.get("findings", [])
    }
    for act in acts:
        said = act.content()
        words = said["content"]
        one = found.get(words["finding"])
        if one is None:
            continue
        passed = _seconds(leaf["time"], said["time"])
        if words["state"] != one["state"]:
            one["state"], one["since"] = words["state"], said["time"]
            if words["state"] == RECTIFIED:
                one["seconds_to_rectified"] = passed
        one["history"].append(
            {"state": words["state"], "time": said["time"], "actor": said["actor"]}
            | {"comment": words["comment"], "record_id": said["record_id"]}
        )
        if one["seconds_to_decision"] is None:
            one["seconds_to_decision"] = passed
    return list(found.values())


def _seconds(start: str, end: str) -> float:
    """Seconds between two times as records have them."""
    first, last = (datetime.fromisoformat(moment) for moment in (start, end))
    return round((last - first).total_seconds(), 3)
