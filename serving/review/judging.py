"""Judging cases: unseen first, then with both answers; each step is durable before the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from features.form import Form
from models.review.case import Case, CaseAnswers
from models.review.judgement import Correction, Judgement, Opinion
from models.review.report import FILE as REPORT
from models.review.round import CaseEntry, KeptRound
from serving.access.caller import Caller, Role
from serving.asker import Asker
from serving.inquiry import Desk
from serving.recording.kept_answer import refused
from serving.recording.read_record import note_reading
from serving.recording.score_record import kept_name
from serving.records.errors import KeyConflict, KeyExpired, RecordsError
from serving.records.receipt import Once, Receipt
from serving.records.record import Record
from serving.review.open_rounds import OpenRounds
from serving.review.round_records import (
    CORRECTION,
    JUDGEMENT,
    OPINION,
    CaseSaid,
    Said,
    case_said,
    content_of,
)
from serving.wording.envelope import Refusal


class Stage(StrEnum):
    """How far somebody has come with a case."""

    JUDGE = "judge"
    """To be judged unseen: no answer is shown."""
    COMPARE = "compare"
    """Judged; both answers are shown, not yet whose they are."""
    DONE = "done"
    """Judged and compared, or seen by one who does not judge."""


@dataclass(frozen=True)
class SeenCase:
    """A case as somebody may see it.

    answers: None while it is to be judged unseen. own: what the caller has said, oldest first;
    others: what everybody else has, for those who are through with it. open: whether more may be
    said.
    """

    kept: KeptRound
    entry: CaseEntry
    case: Case
    stage: Stage
    answers: CaseAnswers | None
    own: tuple[Said, ...]
    others: tuple[Said, ...]
    open: bool


@dataclass(frozen=True)
class QueuedCase:
    """A case in the queue: how far the caller has come, and how many have judged it."""

    entry: CaseEntry
    stage: Stage | None
    judged: int


@dataclass(frozen=True)
class Queue:
    """A round's cases. stage of a case: None for one who does not judge.

    listed: whether the caller may know which projects they are.
    """

    kept: KeptRound
    open: bool
    cases: tuple[QueuedCase, ...]
    experts: int
    listed: bool

    @property
    def reported(self) -> bool:
        """Whether there is a report that the caller may see: not before judging everything."""
        unseen = self.open and any(case.stage is Stage.JUDGE for case in self.cases)
        return not unseen and (self.kept.path / REPORT).is_file()

    @property
    def judged(self) -> int:
        """Cases that somebody has judged."""
        return sum(case.judged > 0 for case in self.cases)

    @property
    def own(self) -> int:
        """Cases that the caller has judged."""
        return sum(case.stage in (Stage.COMPARE, Stage.DONE) for case in self.cases)

    @property
    def next(self) -> CaseEntry | None:
        """The first case that the caller has not judged, else not compared."""
        for stage in (Stage.JUDGE, Stage.COMPARE):
            for case in self.cases:
                if case.stage is stage:
                    return case.entry
        return None


class Judging:
    """What a service does for whoever judges cases, and whoever looks on.

    Every method raises Refusal: 404 for a case that there is not, 503 when the log does not answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._log = desk.records

    @property
    def rounds(self) -> OpenRounds:
        """The rounds of the catalogue."""
        return OpenRounds.of(self._desk)

    def queues(self, caller: Caller) -> list[Queue]:
        """Every round with its cases, the newest first."""
        with _answering():
            return [self._queue(caller, kept) for kept in reversed(self.rounds.every())]

    def queue(self, caller: Caller, name: str) -> Queue:
        """The round of that name."""
        with _answering():
            for kept in self.rounds.every():
                if kept.round.name == name:
                    return self._queue(caller, kept)
        raise Refusal(404, "There is no such round.")

    def require_judged(self, caller: Caller, case_id: str) -> None:
        """Return when the caller has judged a case, and may see its answers.

        Raises:
            Refusal: 409 otherwise.
        """
        if (case_id, _name(caller)) not in self._to_say(caller, case_id)[2].judgements:
            raise Refusal(409, code="not_judged")

    def case(self, caller: Caller, case_id: str, way: str) -> SeenCase:
        """A case as the caller may see it, once the looking is recorded."""
        kept, entry = self.named(case_id)
        with _answering():
            seen = self._seen(caller, kept, entry)
            said: dict[str, Any] = {"case": case_id, "stage": seen.stage.value}
            note_reading(self._log, caller, way, (kept.round.record,), entry.project_id, **said)
        return seen

    def judge(self, caller: Caller, judgement: Judgement, way: str) -> Receipt:
        """The receipt of a judgement unseen, durable; from now on the answers are shown.

        Raises:
            Refusal: 409 when the caller has judged it before, or the review is over.
        """
        kept, entry, said = self._to_say(caller, judgement.case)
        if (entry.id, _name(caller)) in said.judgements:
            raise Refusal(409, code="judged_already")
        return self._keep(caller, JUDGEMENT, kept, entry, judgement, way, once=True)

    def compare(self, caller: Caller, opinion: Opinion, way: str) -> Receipt:
        """The receipt of what the caller thinks of both answers; then it is told whose they are.

        Raises:
            Refusal: 409 when the caller has not judged it yet, has said this before, or the review
                is over.
        """
        kept, entry, said = self._to_say(caller, opinion.case)
        key = (entry.id, _name(caller))
        if key not in said.judgements:
            raise Refusal(409, code="not_judged")
        if key in said.opinions:
            raise Refusal(409, code="judged_already")
        return self._keep(caller, OPINION, kept, entry, opinion, way, once=True)

    def correct(self, caller: Caller, correction: Correction, way: str) -> Receipt:
        """The receipt of a correction, which stands beside the judgement and replaces nothing.

        Raises:
            Refusal: 409 when the caller has not judged it yet, or the review is over.
        """
        kept, entry, said = self._to_say(caller, correction.case)
        first = said.judgements.get((entry.id, _name(caller)))
        if first is None:
            raise Refusal(409, code="not_judged")
        about = (kept.round.record, first.record_id)
        return self._keep(caller, CORRECTION, kept, entry, correction, way, about=about)

    def named(self, case_id: str) -> tuple[KeptRound, CaseEntry]:
        """The round and the entry of a case."""
        for kept in self.rounds.every():
            if (entry := kept.round.entry(case_id)) is not None:
                return kept, entry
        raise Refusal(404, "There is no such case.")

    def _queue(self, caller: Caller, kept: KeptRound) -> Queue:
        said = case_said(self._log, kept.round)
        judged = {entry.id: 0 for entry in kept.round.cases}
        for case, _ in said.judgements:
            judged[case] += 1
        cases = tuple(
            QueuedCase(entry, _stage(caller, entry.id, said), judged[entry.id])
            for entry in kept.round.cases
        )
        listed = caller.role is not Role.TRAINER  # who trains shall not train for the cases
        return Queue(kept, self.rounds.is_open(kept), cases, len(said.experts), listed)

    def _seen(self, caller: Caller, kept: KeptRound, entry: CaseEntry) -> SeenCase:
        said = case_said(self._log, kept.round, kept_name(entry.project_id))
        is_open, name = self.rounds.is_open(kept), _name(caller)
        stage = _stage(caller, entry.id, said) or Stage.DONE
        if not is_open:
            stage = Stage.DONE  # nothing that is said now counts
        everything = [
            *(each for (case, _), each in said.judgements.items() if case == entry.id),
            *(each for (case, _), each in said.opinions.items() if case == entry.id),
            *(each for each in said.corrections if each.case == entry.id),
        ]
        everything.sort(key=lambda each: each.leaf_index)
        others = (each for each in everything if each.expert != name)
        return SeenCase(
            kept,
            entry,
            kept.case(entry),
            stage,
            None if stage is Stage.JUDGE else kept.answers(entry),
            tuple(each for each in everything if each.expert == name),
            tuple(others) if stage is Stage.DONE else (),
            is_open,
        )

    def _to_say(self, caller: Caller, case_id: str) -> tuple[KeptRound, CaseEntry, CaseSaid]:
        kept, entry = self.named(case_id)
        if not self.rounds.is_open(kept):
            raise Refusal(409, code="review_over")
        with _answering():
            return kept, entry, case_said(self._log, kept.round, kept_name(entry.project_id))

    def _keep(
        self,
        caller: Caller,
        kind: str,
        kept: KeptRound,
        entry: CaseEntry,
        form: Form,
        way: str,
        *,
        about: tuple[str, ...] | None = None,
        once: bool = False,
    ) -> Receipt:
        asker = Asker.of(caller, way)
        asked = {"role": asker.role, "way": asker.way}
        record = Record(
            kind,
            _name(caller),
            content_of(form, round=kept.round.name, asked=asked),
            about=about or (kept.round.record,),
            project_id=kept_name(entry.project_id),
        )
        # Two at the same moment cannot both be the first: the key is taken with the record.
        digest = sha256(record.record_id.encode()).digest()
        key = Once(f"{caller.grant}:{caller.name}", f"{kind}:{entry.id}", digest)
        try:
            with _answering():
                return self._log.append(record, key if once else None).result()
        except _Taken as error:
            raise Refusal(409, code="judged_already") from error


class _Taken(Exception):
    """The key of an act is used: somebody was first."""


def _stage(caller: Caller, case: str, said: CaseSaid) -> Stage | None:
    """How far an expert has come; None for one who does not judge."""
    if caller.role is not Role.EXPERT:
        return None
    key = (case, _name(caller))
    if key not in said.judgements:
        return Stage.JUDGE
    return Stage.DONE if key in said.opinions else Stage.COMPARE


def _name(caller: Caller) -> str:
    """The name under which the log keeps what a caller does."""
    return kept_name(caller.name) or "unknown"


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what the log cannot do into a refusal."""
    try:
        yield
    except (KeyConflict, KeyExpired) as error:
        raise _Taken from error
    except RecordsError as error:
        raise refused(error) from error
