"""Records as callers may read them: their own only, with what people said and with their proof.

What a person reads is recorded too, as a `read`; a review platform, which is a program, is not
followed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from features.catalogue import Catalogue
from serving.access.caller import Caller, Role
from serving.page.legible import object_in
from serving.recording.handling import (
    CHECKED,
    HANDLING,
    Handled,
    Matter,
    found_in,
    handled,
    warned_of,
)
from serving.recording.human_act import HUMAN_ACTS
from serving.recording.kept_answer import refused
from serving.recording.read_record import note_reading
from serving.recording.score_record import BESIDE, kept_name
from serving.records.database import SERVICE, Sight
from serving.records.errors import RecordsError
from serving.records.log_query import LogQuery
from serving.records.log_reading import StoredRecord
from serving.records.receipt import Receipt, in_base64
from serving.records.record_log import RecordLog
from serving.records.verification import leaf_hash, root_from_inclusion
from serving.wording.envelope import Json, Refusal

PAGE_RECORDS = 100
_BESIDE_TO = frozenset({Role.TRAINER, Role.AUDITOR, Role.ADMIN})
_PERSONAL_TO = frozenset({Role.DEPARTMENT, Role.AUDITOR, Role.ADMIN})


class RecordView:
    """Reads a log for callers of the service. Every method raises Refusal: 404, 503."""

    def __init__(self, log: RecordLog, catalogue: Catalogue) -> None:
        self._log = log
        self._catalogue = catalogue

    def record(self, caller: Caller, record_id: str) -> Json:
        """A record, what people said about it, its receipt, and whether it holds."""
        try:
            return self._record(caller, record_id)
        except RecordsError as error:
            raise refused(error) from error

    def _record(self, caller: Caller, record_id: str) -> Json:
        stored, receipt = self._found(caller, record_id)
        acts = self.acts(caller, stored)
        handling = self._handling(caller, stored)
        note_reading(self._log, caller, "GET /record/{id}", (stored.record_id,), stored.project_id)
        shown: Json = {"record": stored.content(), "human_actions": [a.content() for a in acts]}
        if handling:
            shown["handling"] = handling
        if sees_personal(caller):
            shown["private"] = {
                name: None if kept is None else json.loads(kept.value)
                for name, kept in stored.private.items()
            }
        return shown | {"receipt": receipt.as_json(), "verification": verified(stored, receipt)}

    def receipt(self, caller: Caller, record_id: str) -> Json:
        """The receipt of a record at the log's present size, with the proof of inclusion."""
        try:
            return self._found(caller, record_id)[1].as_json()
        except RecordsError as error:
            raise refused(error) from error

    def history(
        self, caller: Caller, project_id: str, kind: str | None = None, after: int = -1
    ) -> Json:
        """The records of a project, oldest first, without their content."""
        try:
            found = self._log.records(
                sight_of(caller),
                project_id=kept_name(project_id),
                kind=kind,
                after=after,
                limit=PAGE_RECORDS,
            )
            note_reading(self._log, caller, "GET /records", (), kept_name(project_id))
        except RecordsError as error:
            raise refused(error) from error
        more = found[-1].leaf_index if len(found) == PAGE_RECORDS else None
        shown = [record_line(stored) for stored in found if sees_kind(caller, stored.kind)]
        return {"records": shown, "next_after": more}

    def subject(self, caller: Caller, record_id: str) -> StoredRecord:
        """The record that somebody wants to say something about."""
        return self._found(caller, record_id)[0]

    def _found(self, caller: Caller, record_id: str) -> tuple[StoredRecord, Receipt]:
        sight = sight_of(caller)
        stored = self._log.record(record_id, sight)
        if stored is not None and not sees_kind(caller, stored.kind):
            stored = None
        receipt = None if stored is None else self._log.receipt(record_id, sight)
        if stored is None or receipt is None:
            raise Refusal(404, "There is no such record.")
        return stored, receipt

    def handling_acts(self, caller: Caller, stored: StoredRecord) -> list[Json]:
        """What people said of the findings of a record's project, oldest first."""
        named = [] if stored.project_id is None else [stored.project_id]
        acts = self._log.projects.acts_about(sight_of(caller), (HANDLING,), named)
        return [act.content() for act in acts]

    def _handling(self, caller: Caller, stored: StoredRecord) -> list[Json]:
        """What became of a record's findings, and of warnings that somebody has looked into."""
        if stored.kind not in CHECKED:
            return []
        leaf, acts = stored.content(), self.handling_acts(caller, stored)
        subject = Handled.of(leaf, self._catalogue)
        return handled(subject, [*found_in(leaf["content"]), *warned_of(subject, acts)], acts)

    def courses(self, caller: Caller, leaf: Json, matters: Sequence[Matter]) -> list[Json]:
        """What became of some matters of a record, in their order, as `handling.handled` has it."""
        try:
            named = [] if leaf["project_id"] is None else [leaf["project_id"]]
            found = self._log.projects.acts_about(sight_of(caller), (HANDLING,), named)
        except RecordsError as error:
            raise refused(error) from error
        subject = Handled.of(leaf, self._catalogue)
        return handled(subject, matters, [act.content() for act in found])

    def acts(self, caller: Caller, stored: StoredRecord) -> list[StoredRecord]:
        """What people said about a record, oldest first."""
        acts: list[StoredRecord] = []
        for kind in HUMAN_ACTS:
            query = LogQuery(about=stored.record_id, kind=kind, limit=PAGE_RECORDS)
            while some := self._log.search(sight_of(caller), query):
                acts += some
                query = replace(query, before=some[-1].leaf_index)
        return sorted(acts, key=lambda act: act.leaf_index)


def sees_kind(caller: Caller, kind: str) -> bool:
    """Whether a caller may see records of a kind: a challenger's answers are for few to see."""
    return kind != BESIDE or caller.role in _BESIDE_TO


def sees_personal(caller: Caller) -> bool:
    """Whether a caller may see the personal values of the records that it may see."""
    return caller.role in _PERSONAL_TO


def sight_of(caller: Caller) -> Sight:
    """What a caller may see of the log."""
    if caller.department is None:
        return replace(SERVICE, without=caller.unseen) if caller.unseen else SERVICE
    return Sight.of_department(kept_name(caller.department) or "")


def verified(stored: StoredRecord, receipt: Receipt) -> dict[str, Any]:
    """Whether a record is the one that was logged, and its personal values those committed to.

    It is the service's own word; what an auditor can rely on is `lingji audit verify`.
    """
    root = root_from_inclusion(
        receipt.leaf_index, receipt.tree_size, leaf_hash(stored.leaf), receipt.proof
    )
    committed = stored.content().get("private", {})
    altered = stored.damaged + [
        name
        for name, kept in stored.private.items()
        if kept is not None and in_base64(kept.commitment) != committed.get(name)
    ]
    return {
        "in_log": root == receipt.root,
        "personal_values_altered": altered,
        "personal_values_erased": stored.erased,
        "holds": root == receipt.root and not altered,
    }


def record_line(stored: StoredRecord) -> Json:
    """A record as one line of a list: what it is, and of a score what it said."""
    leaf = stored.legible()
    content = object_in(leaf, "content")
    line: Json = {"record_id": stored.record_id, "kind": stored.kind}
    line |= {name: leaf.get(name) for name in ("time", "about", "actor")}
    line |= {"project_id": stored.project_id, "department": stored.department}
    line |= {"leaf_index": stored.leaf_index}
    line |= {name: content[name] for name in ("status", "grade", "rank_score") if name in content}
    model = object_in(content, "model")
    if "version" in model:
        line["model_version"] = model["version"]
    return line
