"""What the service does for whoever audits: each act is recorded before its outcome is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from features.errors import Fault, LingjiError
from serving.access.caller import Caller
from serving.audit.filters import PAGE, Filters
from serving.audit.inclusion_check import InclusionCheck, Signed, inclusion_check
from serving.inquiry import Desk
from serving.page.legible import object_in, texts_in
from serving.projects.record_view import sees_kind, sees_personal, sight_of
from serving.recording.act_record import READ, REPLAY, VERIFICATION, keep_act
from serving.recording.kept_answer import receipt_shown, refused
from serving.recording.kept_rules import KeptRules
from serving.recording.recorded_releases import RecordedReleases
from serving.recording.recorded_side import personal_values, recorded_side
from serving.recording.remade_answer import NotRemade, RemadeAnswer, remade_answer
from serving.recording.replay import REPLAYED, Replay, Replayed
from serving.recording.score_difference import ScoreDifference, score_difference
from serving.recording.score_record import SCORES
from serving.records.errors import LogDamaged, RecordsError
from serving.records.log_query import LogQuery
from serving.records.log_reading import StoredRecord
from serving.records.receipt import Receipt
from serving.wording.envelope import Json, Refusal

_HISTORY = 100
_KEPT_DIFFERENCES = 50


@dataclass(frozen=True)
class Found:
    """A page of a search. next_before: where the next page begins; None at the end."""

    records: list[StoredRecord]
    next_before: int | None


@dataclass(frozen=True)
class Dossier:
    """Everything about one record.

    leaf: its content; empty where it is not JSON any more. receipt: None where the tree is
    damaged. personal: its personal values, for those who may see them; None for others. retold:
    the explained score of a score's record; why_not says why it is missing. history: what is
    linked with it, oldest first; more: whether there is more than is listed.
    """

    stored: StoredRecord
    leaf: Json
    receipt: Receipt | None
    check: InclusionCheck
    personal: Json | None
    retold: RemadeAnswer | None
    why_not: str
    history: list[StoredRecord]
    more: bool


@dataclass(frozen=True)
class Compared:
    """Two records of scores, and what leads from the first to the second."""

    first: StoredRecord
    second: StoredRecord
    difference: ScoreDifference


class Auditing:
    """Reads the log of a service for callers, and does what they ask with its records.

    Every method raises Refusal: 404 for a record that the caller may not see, as for one that does
    not exist; 503 when the log does not answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._log = desk.records
        self._home = desk.home
        self._releases = RecordedReleases(desk.home, desk.release)
        self._rules = KeptRules(desk.home)

    def search(self, caller: Caller, filters: Filters, way: str) -> Found:
        """A page of the records that filters let through and that the caller may see.

        Raises:
            Refusal: 422 when the filters are none.
        """
        if filters.query is None:
            raise Refusal(422, "These are no filters of a search.", filters.faults)
        with _answering():
            found = self._log.search(sight_of(caller), filters.query)
            project = filters.query.project_id
            keep_act(self._log, caller, READ, way, project_id=project)
        more = found[PAGE - 1].leaf_index if len(found) > PAGE else None
        return Found([each for each in found[:PAGE] if sees_kind(caller, each.kind)], more)

    def is_quick(self, caller: Caller, record_id: str) -> bool:
        """Whether showing a record needs no model to be loaded."""
        with _answering():
            stored = self._found(caller, record_id)
        if stored.kind not in SCORES:
            return True
        model = object_in(object_in(stored.legible(), "content"), "model")
        return not model or self._releases.is_ready(model)

    def dossier(self, caller: Caller, record_id: str, way: str) -> Dossier:
        """Everything about a record, once the reading of it is recorded."""
        with _answering():
            stored = self._found(caller, record_id)
            made = self._dossier(caller, stored, inclusion_check(self._log, stored))
            self._keep(caller, READ, way, stored)
        return made

    def replay(self, caller: Caller, record_id: str, way: str) -> tuple[Dossier, Replayed]:
        """A score or a check made again by what its record names, loaded anew, and compared bit by
        bit.

        Raises:
            Refusal: 422 when the record is of another kind.
        """
        with _answering():
            stored = self._found(caller, record_id)
            if stored.kind not in REPLAYED:
                expected = "the record of a score or a check"
                raise Refusal(422, faults=[Fault(None, "id", expected, stored.kind)])
            found = self._log.receipt(stored.record_id, sight_of(caller))
            hashed = b"" if found is None else found.leaf_hash
            (done,) = Replay(self._home).replayed([(stored, hashed)])
            said = done.as_json()
            said |= {"differences": said["differences"][:_KEPT_DIFFERENCES]}
            self._keep(caller, REPLAY, way, stored, said)
            made = self._dossier(caller, stored, inclusion_check(self._log, stored))
        return made, done

    def verify(
        self, caller: Caller, record_id: str, signed: Signed | None, way: str
    ) -> tuple[Dossier, InclusionCheck]:
        """Whether a record is in the log, and among what a checkpoint signed."""
        with _answering():
            stored = self._found(caller, record_id)
            check = inclusion_check(self._log, stored, signed)
            self._keep(caller, VERIFICATION, way, stored, check.as_json())
            made = self._dossier(caller, stored, check)
        return made, check

    def compare(self, caller: Caller, first: str, second: str, way: str) -> Compared:
        """What leads from one recorded score to another, step by step.

        Raises:
            Refusal: 422 when a record is none of a score, or they cannot be compared.
        """
        with _answering():
            one, other = self._score(caller, first, "a"), self._score(caller, second, "b")
            try:
                sides = [recorded_side(each, self._releases) for each in (one, other)]
                found = score_difference(sides[0], sides[1])
            except RecordsError:
                raise
            except LingjiError as error:
                fault = Fault(None, "a, b", "two scores that can be compared", str(error))
                raise Refusal(422, "These two cannot be compared.", [fault]) from error
            ids = (one.record_id, other.record_id)
            keep_act(self._log, caller, READ, way, about=ids, project_id=one.project_id)
        return Compared(one, other, found)

    def checkpoints(self) -> list[str]:
        """The signed checkpoints that the log holds, the smallest first."""
        with _answering():
            return self._log.checkpoints()

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that a record is among the first `size` ones."""
        with _answering():
            return self._log.inclusion_proof(index, size)

    def _found(self, caller: Caller, record_id: str) -> StoredRecord:
        stored = self._log.record(record_id.lower(), sight_of(caller))
        if stored is None or not sees_kind(caller, stored.kind):
            raise Refusal(404, "There is no such record.")
        return stored

    def _score(self, caller: Caller, record_id: str, field: str = "id") -> StoredRecord:
        stored = self._found(caller, record_id)
        if stored.kind not in SCORES:
            raise Refusal(422, faults=[Fault(None, field, "the record of a score", stored.kind)])
        return stored

    def _keep(
        self, caller: Caller, kind: str, way: str, stored: StoredRecord, said: Json | None = None
    ) -> None:
        about, project = (stored.record_id,), stored.project_id
        keep_act(self._log, caller, kind, way, about=about, project_id=project, content=said)

    def _dossier(self, caller: Caller, stored: StoredRecord, check: InclusionCheck) -> Dossier:
        receipt: Receipt | None = None
        with suppress(LogDamaged):  # the check says so
            receipt = self._log.receipt(stored.record_id, sight_of(caller))
        told, why_not = self._retold(stored, receipt)
        history, more = self._history(caller, stored)
        return Dossier(
            stored,
            stored.legible(),
            receipt,
            check,
            personal_values(stored) if sees_personal(caller) else None,
            told,
            why_not,
            history,
            more,
        )

    def _retold(
        self, stored: StoredRecord, receipt: Receipt | None
    ) -> tuple[RemadeAnswer | None, str]:
        if stored.kind not in SCORES:
            return None, ""
        try:
            leaf = stored.content()
            release = self._releases.named(leaf["content"]["model"])
            shown = None if receipt is None else receipt_shown(receipt)
            return remade_answer(release, self._rules, leaf, personal_values(stored), shown), ""
        except NotRemade as error:
            return None, str(error)
        except LingjiError:
            return None, "the version that answered is not here, or not what it was"
        except (KeyError, TypeError, ValueError):
            return None, "the record is damaged"

    def _history(self, caller: Caller, stored: StoredRecord) -> tuple[list[StoredRecord], bool]:
        """What is about the record, what it is about, and the other records of its project."""
        sight = sight_of(caller)
        wanted = [LogQuery(about=stored.record_id, limit=_HISTORY)]
        if stored.project_id is not None:
            wanted.append(LogQuery(project_id=stored.project_id, limit=_HISTORY))
        some = [self._log.search(sight, query) for query in wanted]
        named = [self._log.record(each, sight) for each in texts_in(stored.legible(), "about")]
        listed = [stored, *named, *(each for page in some for each in page)]
        seen = [each for each in listed if each and sees_kind(caller, each.kind)]
        found = {each.leaf_index: each for each in seen}
        more = any(len(each) == _HISTORY for each in some)
        return [found[index] for index in sorted(found)], more


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what the log cannot do into a refusal."""
    try:
        yield
    except RecordsError as error:
        raise refused(error) from error
