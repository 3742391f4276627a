"""Findings of reviews: who may open, answer, return and close them; each entry is durable first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from models.registry import Registry
from models.review.finding import Answered, Closed, Entry, Finding, Opened, Returned
from models.review.round import KeptRound
from serving.access.caller import Caller
from serving.asker import Asker
from serving.inquiry import Desk
from serving.recording.kept_answer import refused
from serving.recording.read_record import note_reading
from serving.recording.score_record import kept_name
from serving.records.errors import RecordsError
from serving.records.receipt import Receipt
from serving.records.record import Record, utc_now
from serving.review.open_rounds import OpenRounds
from serving.review.round_records import FINDING, content_of, findings_of
from serving.wording.envelope import Refusal


class FindingDesk:
    """Reads and writes findings for callers. Every method raises Refusal: 404, 409, 503."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._log = desk.records

    def findings(self, caller: Caller, way: str) -> list[Finding]:
        """Those that the caller may see, oldest first; none of a case still to be judged unseen."""
        with _answering():
            found = self._visible(caller)
            note_reading(self._log, caller, way, findings=len(found))
        return found

    def subjects(self, caller: Caller) -> dict[str, str]:
        """What a finding may be of: rounds and cases, each with its round's name."""
        found: dict[str, str] = {}
        for kept in self._rounds():
            found[kept.round.name] = kept.round.name
            for entry in kept.round.cases:
                if kept_name(entry.project_id) not in caller.unseen:
                    found[entry.id] = kept.round.name
        return found

    def versions(self) -> list[int]:
        """The numbers of the registered versions."""
        catalogue = self._desk.release.model.catalogue.catalogue
        return [version.number for version in Registry(self._desk.home, catalogue).versions()]

    def open(self, caller: Caller, opened: Opened, way: str) -> Receipt:
        """The receipt of a finding that the caller opens."""
        kept = next(k for k in self._rounds() if k.round.name == opened.round)
        return self._keep(caller, kept, opened, way)

    def follow(
        self, caller: Caller, finding_id: str, entry: Answered | Returned | Closed, way: str
    ) -> Receipt:
        """The receipt of a further entry of a finding.

        Raises:
            Refusal: 409 when the finding does not take it: from its state, or from this caller.
        """
        with _answering():
            found = next((f for f in self._visible(caller) if f.id == finding_id), None)
        if found is None:
            raise Refusal(404, "There is no such finding.")
        if not found.takes(type(entry), kept_name(caller.name) or "unknown"):
            raise Refusal(409, code="finding_state")
        kept = next(k for k in self._rounds() if k.round.name == found.opened.round)
        return self._keep(caller, kept, entry, way, found)

    @staticmethod
    def today() -> date:
        """The day, by which findings are overdue."""
        return utc_now().date()

    def _rounds(self) -> list[KeptRound]:
        return OpenRounds.of(self._desk).every()

    def _visible(self, caller: Caller) -> list[Finding]:
        rounds = self._rounds()
        hidden = {
            entry.id
            for kept in rounds
            for entry in kept.round.cases
            if kept_name(entry.project_id) in caller.unseen
        }
        every = findings_of(self._log, [kept.round for kept in rounds])
        return [each for each in every if each.opened.case not in hidden]

    def _keep(
        self,
        caller: Caller,
        kept: KeptRound,
        entry: Entry,
        way: str,
        finding: Finding | None = None,
    ) -> Receipt:
        opened = finding.opened if finding is not None else entry
        case = opened.case if isinstance(opened, Opened) else None
        of = None if case is None else kept.round.entry(case)
        asker = Asker.of(caller, way)
        asked = {"role": asker.role, "way": asker.way}
        record = Record(
            FINDING,
            kept_name(caller.name) or "unknown",
            content_of(entry, round=kept.round.name, asked=asked),
            about=(kept.round.record, *(() if finding is None else (finding.id,))),
            project_id=None if of is None else kept_name(of.project_id),
        )
        with _answering():
            return self._log.append(record).result()


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what the log cannot do into a refusal."""
    try:
        yield
    except RecordsError as error:
        raise refused(error) from error
