"""Pairs among the recorded projects of a round, as callers may see them; and their dismissal."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from features.catalogue import Catalogue
from features.duplicates.compared_fields import compared_of
from features.duplicates.finding import found_pairs
from features.duplicates.found_pair import FoundPair
from features.duplicates.kinds import KINDS
from features.duplicates.neighbours import MOST_YEARS
from features.duplicates.traits import Traits
from features.errors import Fault
from serving.access.caller import Caller
from serving.asker import Asker
from serving.duplicates.dismissal import (
    DISMISSAL,
    Dismissal,
    dismissal_record,
    dismissals_in,
    require_dismissal,
)
from serving.duplicates.query import PairQuery
from serving.duplicates.recorded import RecordedProjects, RecordedReader
from serving.duplicates.told_pair import told_pair
from serving.projects.record_view import RecordView, sight_of
from serving.projects.view import ProjectView
from serving.recording.kept_answer import refused
from serving.recording.project_line import score_of
from serving.recording.read_record import note_reading
from serving.records.errors import RecordsError
from serving.records.log_reading import StoredRecord
from serving.records.record_log import RecordLog
from serving.routes import DISMISS_DUPLICATE, DUPLICATES
from serving.wording.envelope import Json, Refusal

_REMEMBERED = 8
"""Rounds whose pairs are kept, for those who look at them page by page."""
PAGE_PAIRS = 20


@dataclass(frozen=True)
class ShownPair:
    """A pair with the records of both projects, and its dismissal where one holds."""

    pair: FoundPair
    records: tuple[str, str]
    dismissed: Dismissal | None

    def as_json(self, catalogue: Catalogue) -> Json:
        """The pair for machines."""
        return told_pair(self.pair, catalogue) | {
            "records": list(self.records),
            "dismissed": None if self.dismissed is None else self.dismissed.as_json(),
        }


@dataclass(frozen=True)
class PairPage:
    """A page of the pairs of a round.

    counts: pairs of each kind that are not dismissed; hidden: those that are. left_out: projects
    that were too many to compare.
    """

    year: int | None
    years: tuple[int, ...]
    pairs: tuple[ShownPair, ...]
    counts: Mapping[str, int]
    hidden: int
    total: int
    compared: int
    left_out: int

    def as_json(self, query: PairQuery, catalogue: Catalogue) -> Json:
        """The page for machines."""
        more = query.after + len(self.pairs)
        return {
            "year": self.year,
            "pairs": [pair.as_json(catalogue) for pair in self.pairs],
            "total": self.total,
            "counts": dict(self.counts),
            "dismissed": self.hidden,
            "compared": self.compared,
            "left_out": self.left_out,
            "next_after": more if more < self.total else None,
            "advisory": True,
        }


class DuplicateView:
    """Finds pairs in a log for callers of the service. Every method raises Refusal: 422, 503."""

    def __init__(self, log: RecordLog, catalogue: Catalogue) -> None:
        self._log = log
        self._catalogue = catalogue
        self._compared = compared_of(catalogue)
        self._projects = ProjectView(log, catalogue)
        self._reader = RecordedReader(self._projects, catalogue, self._compared)
        self._found: OrderedDict[str, list[FoundPair]] = OrderedDict()
        self._turn = threading.Lock()

    def page(self, caller: Caller, query: PairQuery) -> PairPage:
        """One page of the pairs of a round; by default of the latest one."""
        years = self._projects.rounds(caller)
        year = query.year if query.year is not None else max(years, default=None)
        recorded = RecordedProjects((), 0)
        if year is not None:
            beside = [year, *(year - apart for apart in range(1, MOST_YEARS + 1))]
            recorded = self._reader.read(caller, beside)
        pairs = [pair for pair in self._pairs(recorded) if year in (pair.one.year, pair.other.year)]
        shown = self._shown(caller, recorded, pairs)
        open_ = [pair for pair in shown if pair.dismissed is None]
        listed = shown if query.dismissed else open_
        if query.kind:
            listed = [pair for pair in listed if pair.pair.kind == query.kind]
        part = tuple(listed[query.after : query.after + PAGE_PAIRS])
        about = tuple(dict.fromkeys(record for pair in part for record in pair.records))
        self._note(caller, about, query, len(listed))
        return PairPage(
            year,
            years,
            part,
            {kind: sum(pair.pair.kind == kind for pair in open_) for kind in KINDS},
            len(shown) - len(open_),
            len(listed),
            len(recorded.projects),
            recorded.left_out,
        )

    def dismiss(self, caller: Caller, form: Mapping[str, str]) -> Json:
        """What was recorded: that a pair is dismissed, by whom and why.

        Raises:
            Refusal: 404 when the caller sees no such record, 422 when the form is not whole or its
                records are no two projects.
        """
        require_dismissal(form)
        try:
            view = RecordView(self._log, self._catalogue)
            subjects = [view.subject(caller, form[name]) for name in ("first", "second")]
            projects = [self._declared(subject) for subject in subjects]
            if projects[0].key == projects[1].key:
                fault = Fault(None, "second", "the record of another project", "the same")
                raise Refusal(422, faults=[fault])
            asker = Asker.of(caller, f"POST {DISMISS_DUPLICATE}")
            record = dismissal_record(form, subjects, projects, asker)
            self._log.append(record).result()
        except RecordsError as error:
            raise refused(error) from error
        about = [subject.record_id for subject in subjects]
        return {"kind": DISMISSAL, "about": about, "record_id": record.record_id}

    def _declared(self, subject: StoredRecord) -> Traits:
        leaf = score_of(subject, self._catalogue)
        traits = None if leaf is None else self._reader.traits(leaf)
        if traits is None:
            fault = Fault(None, "first, second", "records of scores", subject.kind)
            raise Refusal(422, faults=[fault])
        return traits

    def _pairs(self, recorded: RecordedProjects) -> list[FoundPair]:
        """The pairs of these projects: found once, one round at a time."""
        ids = "".join(one.record_id for one in recorded.projects)
        key = sha256(ids.encode()).hexdigest()
        with self._turn:
            if key not in self._found:
                traits = [one.traits for one in recorded.projects]
                self._found[key] = found_pairs(traits, self._compared) if traits else []
                if len(self._found) > _REMEMBERED:
                    self._found.popitem(last=False)
            return self._found[key]

    def _shown(
        self, caller: Caller, recorded: RecordedProjects, pairs: Sequence[FoundPair]
    ) -> list[ShownPair]:
        record_ids = [one.record_id for one in recorded.projects]
        known = self._dismissals(caller, pairs)
        shown = []
        for pair in pairs:
            said = known.get(frozenset((pair.one.key, pair.other.key)))
            holds = said is not None and said.holds(pair.one, pair.other)
            records = (record_ids[pair.rows[0]], record_ids[pair.rows[1]])
            shown.append(ShownPair(pair, records, said if holds else None))
        return shown

    def _dismissals(
        self, caller: Caller, pairs: Sequence[FoundPair]
    ) -> dict[frozenset[tuple[str, int]], Dismissal]:
        names = {p.project_id for pair in pairs for p in (pair.one, pair.other)}
        try:
            acts = self._log.projects.acts_about(sight_of(caller), (DISMISSAL,), sorted(names))
        except RecordsError as error:
            raise refused(error) from error
        return dismissals_in(acts)

    def _note(self, caller: Caller, about: tuple[str, ...], query: PairQuery, total: int) -> None:
        try:
            note_reading(
                self._log, caller, f"GET {DUPLICATES}", about, filters=query.address, pairs=total
            )
        except RecordsError as error:
            raise refused(error) from error
