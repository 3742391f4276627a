"""What becomes of findings: suspected, then found in order or a violation, then rectified.

Each step is an act of a person and a record of its own about the record that has the finding. What
a topic warns about goes the same way. What was said holds for every record of the same project and
year in which the same is found, held against the same: who asks for more is looked into again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from features.catalogue import Catalogue
from features.errors import Fault
from serving.asker import Asker
from serving.recording.human_act import comment_faults, wrong_fields
from serving.recording.score_record import kept_name
from serving.records.finding_list import CHECKED, HANDLING
from serving.records.record import Record, SealedRecord
from serving.wording.envelope import Json, Refusal
from serving.wording.findings import SUSPECTED

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

_PLACE = r"(:[a-z][a-z0-9_]*\[[0-9]{1,5}\])?"
_RULED = r"[A-Z][A-Z0-9]{1,11}-[0-9]{2,3}"
_WARNED = r"(over_standard|over_scale|prohibited)/[^\u0000-\u001f/:]{1,120}"
MATTER = rf"^({_RULED}|{_WARNED}){_PLACE}$"
"""How what people look into is called: a finding by its rule's code, a warning by its kind and by
what says so; and by its place where it has one."""
_MATTER = re.compile(MATTER)

FIELDS = ("finding", "state", "comment")
__all__ = ("CHECKED", "HANDLING")


@dataclass(frozen=True)
class Matter:
    """What people look into: a finding of a record, or a warning about its project.

    measure: what it was held against, as one JSON text; against another it is another matter.
    standards: the digest of the expenditure standards that say so, where it is they.
    """

    id: str
    measure: str
    standards: str = ""


@dataclass(frozen=True)
class Handled:
    """The record in which something was found: whose project, of which year, and when."""

    record_id: str
    project_id: str | None
    department: str | None
    year: int
    found: str

    @classmethod
    def of(cls, leaf: Json, catalogue: Catalogue) -> Handled:
        """What a leaf of a score or a check says of it."""
        declared = leaf["content"].get("document", {}).get(catalogue.columns.time)
        year = int(declared) if isinstance(declared, int | float) else 0
        named = (leaf["record_id"], leaf["project_id"], leaf["department"])
        return cls(*named, year, leaf["time"])

    def concerned(self, act: Json, matter: Matter) -> bool:
        """Whether an act is about a matter of this record."""
        said = act["content"]
        if said["finding"] != matter.id:
            return False
        if "measure" not in said:  # of a log from before what was said was carried over
            return self.record_id in act["about"]
        same = (act["project_id"], act["department"], said["year"], said["measure"])
        return same == (self.project_id, self.department, self.year, matter.measure)


def measured(measure: Sequence[float | str | None]) -> str:
    """Threshold, actual, excess and what is proposed, as one JSON text."""
    return orjson.dumps(list(measure)).decode()


def found_in(content: Json) -> list[Matter]:
    """The findings of a record of a score or a check, from its content."""
    ids = content.get("findings", [])
    measures = json.loads(content["checks"]["measures"]) if ids and "checks" in content else []
    return [
        Matter(name, measured(measures[place]) if place < len(measures) else "[]")
        for place, name in enumerate(ids)
    ]


def warned_of(subject: Handled, acts: Sequence[Json]) -> list[Matter]:
    """The warnings about a record's project that somebody has said something of, once each."""
    said = [act["content"] for act in acts if is_warning(act["content"]["finding"])]
    matters = dict.fromkeys(Matter(each["finding"], each["measure"]) for each in said)
    return [each for each in matters if any(subject.concerned(act, each) for act in acts)]


def is_warning(matter: str) -> bool:
    """Whether the id of a matter is that of a warning of a topic, not of a finding of a record."""
    return "/" in matter


def handling_act(
    subject: Handled,
    matters: Iterable[Matter],
    acts: Iterable[Json],
    body: Mapping[str, str],
    asker: Asker,
) -> SealedRecord:
    """The sealed record of what somebody says of one matter of a record.

    Args:
        matters: those that there are.
        acts: leaves of acts about the same project so far, oldest first.
        body: as `require_said` lets it through.

    Raises:
        Refusal: 404 when there is no such matter, 409 when the state cannot follow its present one;
            no value is shown.
    """
    matter = next((each for each in matters if each.id == body["finding"]), None)
    if matter is None:
        raise Refusal(404, "The record has no such finding.")
    [course] = handled(subject, [matter], acts)
    state = course["state"]
    if body["state"] not in NEXT[state]:
        expected = f"one of {', '.join(NEXT[state])}, which can follow {state}"
        faults = [Fault(None, "state", expected, "another state")]
        raise Refusal(409, code="state_conflict", faults=faults)
    content = {
        **body,
        "was": state,
        "year": subject.year,
        "measure": matter.measure,
        "found": course["found"],
        **({"standards": matter.standards} if matter.standards else {}),
        "asked": {"role": asker.role, "way": asker.way},
    }
    return Record(
        HANDLING,
        kept_name(asker.actor) or "unknown",
        content,
        about=(subject.record_id,),
        project_id=subject.project_id,
        department=subject.department,
    ).sealed()


def require_said(body: Any) -> None:
    """Return when a body could be said of some matter.

    Raises:
        Refusal: 422 when it could not.
    """
    faults = wrong_fields(body, FIELDS)
    if not faults:
        if not isinstance(body["finding"], str) or not _MATTER.fullmatch(body["finding"]):
            faults.append(Fault(None, "finding", "the id of a finding", "another value"))
        if not isinstance(body["state"], str) or body["state"] not in STATES:
            faults.append(Fault(None, "state", f"one of {', '.join(STATES)}", "another value"))
        faults += comment_faults("comment", body["comment"])
    if faults:
        raise Refusal(422, faults=faults)


def handled(subject: Handled, matters: Iterable[Matter], acts: Iterable[Json]) -> list[Json]:
    """Every matter with its state, what led to it, and how long that took.

    found: when it was first found, as far as somebody has said something of it since.
    seconds_to_decision: from then to the first word about it. seconds_to_rectified: from then
    until it was rectified, for the last time; both null before.

    Args:
        acts: leaves of acts about the same project, oldest first; those about others do not count.
    """
    leaves = list(acts)
    return [
        _course(subject, matter, [act for act in leaves if subject.concerned(act, matter)])
        for matter in matters
    ]


def _course(subject: Handled, matter: Matter, acts: Sequence[Json]) -> Json:
    found = acts[0]["content"].get("found", subject.found) if acts else subject.found
    one: Json = {
        "finding_id": matter.id,
        "state": SUSPECTED,
        "since": subject.found,
        "found": found,
        "history": [],
        "seconds_to_decision": None,
        "seconds_to_rectified": None,
    }
    for act in acts:
        words = act["content"]
        passed = _seconds(found, act["time"])
        if words["state"] != one["state"]:
            one["state"], one["since"] = words["state"], act["time"]
            if words["state"] == RECTIFIED:
                one["seconds_to_rectified"] = passed
        one["history"].append(
            {"state": words["state"], "time": act["time"], "actor": act["actor"]}
            | {"comment": words["comment"], "record_id": act["record_id"]}
        )
        if one["seconds_to_decision"] is None:
            one["seconds_to_decision"] = passed
    return one


def _seconds(start: str, end: str) -> float:
    """Seconds between two times as records have them."""
    first, last = (datetime.fromisoformat(moment) for moment in (start, end))
    return round((last - first).total_seconds(), 3)
