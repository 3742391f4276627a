"""A pair that somebody has looked into and dismissed, with a reason: a record about both projects.

It hides the pair for as long as both projects are what they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from features.duplicates.traits import Traits
from features.errors import Fault
from features.identity_number import holds_identity_number
from serving.asker import Asker
from serving.recording.human_act import LONGEST_COMMENT
from serving.recording.score_record import kept_name
from serving.records.log_reading import StoredRecord
from serving.records.record import Record, SealedRecord
from serving.wording.envelope import Json, Refusal

DISMISSAL = "dismissal"
REASONS: Mapping[str, Mapping[str, str]] = {
    "different": {"zh": "经核实为不同项目", "en": "found to be different projects"},
    "coordinated": {"zh": "分工明确，经费不重复", "en": "shared out, no cost twice"},
    "withdrawn": {"zh": "其中一项已撤回或合并", "en": "one was withdrawn or merged"},
    "required": {"zh": "按上级统一要求申报", "en": "declared alike as higher authorities require"},
    "other": {"zh": "其他", "en": "other"},
}
"""For which reasons a pair may be dismissed."""
FIELDS = ("first", "second", "reason", "comment")

PairKey = frozenset[tuple[str, int]]
"""Two projects, each by its id and round."""


@dataclass(frozen=True)
class Dismissal:
    """What was said of a pair. digests: of both projects as they were, by id and round."""

    record_id: str
    time: str
    actor: str
    reason: str
    comment: str
    digests: Mapping[tuple[str, int], str]

    def holds(self, one: Traits, other: Traits) -> bool:
        """Whether both projects are still what they were."""
        now = {one.key: one.digest, other.key: other.digest}
        return now == self.digests

    def as_json(self) -> Json:
        """The dismissal for machines."""
        return {
            "record_id": self.record_id,
            "time": self.time,
            "by": self.actor,
            "reason": self.reason,
            "reason_words": dict(REASONS[self.reason]),
            "comment": self.comment,
        }


def require_dismissal(form: Mapping[str, str]) -> None:
    """Return when a form says which pair is dismissed and why.

    Raises:
        Refusal: 422, naming every field that is absent or not what it must be.
    """
    faults = [
        Fault(None, name, "this field", "nothing") for name in FIELDS if not form.get(name, "")
    ]
    unknown = [name for name in form if name not in FIELDS]
    faults += [Fault(None, name[:64], f"one of {', '.join(FIELDS)}", "another") for name in unknown]
    if form.get("reason") and form["reason"] not in REASONS:
        faults.append(Fault(None, "reason", f"one of {', '.join(REASONS)}", "another value"))
    comment = form.get("comment", "")
    if len(comment) > LONGEST_COMMENT or (comment and (not comment.strip() or "\0" in comment)):
        expected = f"a text of 1 to {LONGEST_COMMENT:,} characters"
        faults.append(Fault(None, "comment", expected, "another value"))
    elif holds_identity_number(comment):
        expected = "a text without citizen identity numbers"
        faults.append(Fault(None, "comment", expected, "a value that is not shown"))
    if faults:
        raise Refusal(422, faults=faults)


def dismissal_record(
    form: Mapping[str, str],
    subjects: Sequence[StoredRecord],
    projects: Sequence[Traits],
    asker: Asker,
) -> SealedRecord:
    """The sealed record of a dismissal.

    A department sees it where both projects are its own.

    Args:
        subjects: the records of both projects' newest scores. projects: what they declare.
    """
    departments = {subject.department for subject in subjects}
    content = {
        "projects": [[one.project_id, one.year, one.digest] for one in projects],
        "reason": form["reason"],
        "reason_words": dict(REASONS[form["reason"]]),
        "comment": form["comment"],
        "asked": {"role": asker.role, "way": asker.way},
    }
    return Record(
        DISMISSAL,
        kept_name(asker.actor) or "unknown",
        content,
        about=tuple(subject.record_id for subject in subjects),
        project_id=subjects[0].project_id,
        department=departments.pop() if len(departments) == 1 else None,
    ).sealed()


def dismissals_in(records: Iterable[StoredRecord]) -> dict[PairKey, Dismissal]:
    """The latest dismissal of each pair, from records in the order of the log."""
    found: dict[PairKey, Dismissal] = {}
    for stored in records:
        leaf = stored.content()
        content = leaf["content"]
        digests = {(name, year): digest for name, year, digest in content["projects"]}
        found[frozenset(digests)] = Dismissal(
            stored.record_id, leaf["time"], leaf["actor"], content["reason"], content["comment"],
            digests,
        )  # fmt: skip
    return found
