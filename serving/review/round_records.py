"""What the record log holds of a round: judgements, opinions, corrections and findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import TypeAdapter

from features.form import Form
from models.review.finding import Entry, Finding, Noted
from models.review.judgement import Correction, Judgement, Opinion
from models.review.round import ReviewRound
from serving.recording.act_record import READ
from serving.recording.score_record import kept_name
from serving.records.database import SERVICE
from serving.records.log_query import LogQuery
from serving.records.log_reader import LogReader
from serving.records.log_reading import StoredRecord

OPENED, CONCLUDED = "review_opened", "review_concluded"
JUDGEMENT, OPINION, CORRECTION = "case_judgement", "case_opinion", "case_correction"
FINDING = "finding"
SAID = "said"
"""The field of such a record's content that holds the form."""

_FORMS: Mapping[str, type[Judgement | Opinion]] = {
    JUDGEMENT: Judgement,
    OPINION: Opinion,
    CORRECTION: Correction,
}
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_PAGE = 200
F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Said:
    """What an expert said of a case, in which record, when."""

    record_id: str
    leaf_index: int
    time: str
    expert: str
    kind: str
    form: Judgement | Opinion

    @property
    def case(self) -> str:
        """The id of the case."""
        return self.form.case


@dataclass(frozen=True)
class CaseSaid:
    """What has been said in a round: what counts of it, in the order of the log.

    judgements, opinions: by case and expert, the first of each: what comes later cannot replace
    what was said unseen. corrections: all.
    """

    judgements: Mapping[tuple[str, str], Said]
    opinions: Mapping[tuple[str, str], Said]
    corrections: tuple[Said, ...]

    @classmethod
    def of(cls, said: Iterable[Said]) -> CaseSaid:
        """What counts of everything that was said, given in the order of the log.

        An opinion without a judgement before it is none, and neither is such a correction.
        """
        judgements: dict[tuple[str, str], Said] = {}
        opinions: dict[tuple[str, str], Said] = {}
        corrections = []
        for each in said:
            key = (each.case, each.expert)
            if each.kind == JUDGEMENT:
                judgements.setdefault(key, each)
            elif key in judgements and each.kind == OPINION:
                opinions.setdefault(key, each)
            elif key in judgements:
                corrections.append(each)
        return cls(judgements, opinions, tuple(corrections))

    def judgement_forms(self, until: int | None = None) -> dict[tuple[str, str], Judgement]:
        """The judgements by case and expert, those before a place in the log."""
        return {
            key: each.form
            for key, each in self.judgements.items()
            if isinstance(each.form, Judgement) and (until is None or each.leaf_index < until)
        }

    def opinion_forms(self) -> dict[tuple[str, str], Opinion]:
        """The opinions by case and expert."""
        return {k: each.form for k, each in self.opinions.items() if isinstance(each.form, Opinion)}

    @property
    def judged(self) -> frozenset[str]:
        """The cases that somebody has judged."""
        return frozenset(case for case, _ in self.judgements)

    @property
    def experts(self) -> frozenset[str]:
        """Who has judged."""
        return frozenset(expert for _, expert in self.judgements)

    def judged_by(self, expert: str) -> frozenset[str]:
        """The cases that an expert has judged."""
        return frozenset(case for case, who in self.judgements if who == expert)


def case_said(log: LogReader, review: ReviewRound, project_id: str | None = None) -> CaseSaid:
    """What has been said in a round, or of one project in it.

    Raises:
        RecordsError: when the log cannot be read.
    """
    found = [
        _said(stored)
        for kind in _FORMS
        for stored in _all(log, LogQuery(about=review.record, kind=kind, project_id=project_id))
    ]
    return CaseSaid.of(sorted(found, key=lambda each: each.leaf_index))


def judged_by(log: LogReader, review: ReviewRound, expert: str) -> frozenset[str]:
    """The cases of a round that an expert has judged.

    Raises:
        RecordsError: when the log cannot be read.
    """
    query = LogQuery(about=review.record, kind=JUDGEMENT, actor=expert)
    return frozenset(_said(stored).case for stored in _all(log, query))


def seen_before(log: LogReader, review: ReviewRound, said: CaseSaid) -> int:
    """How many judgements are by somebody who had read a record of the project before.

    Raises:
        RecordsError: when the log cannot be read.
    """
    count = 0
    for (case, expert), each in said.judgements.items():
        entry = review.entry(case)
        if entry is None:
            continue
        query = LogQuery(
            actor=expert,
            kind=READ,
            project_id=kept_name(entry.project_id),
            before=each.leaf_index,
        )
        reads = (stored.content()["content"] for stored in _all(log, query))
        count += any("case" not in content for content in reads)
    return count


def findings_of(log: LogReader, reviews: Sequence[ReviewRound]) -> list[Finding]:
    """The findings of some rounds, oldest first.

    Raises:
        RecordsError: when the log cannot be read.
    """
    noted: dict[str, list[Noted]] = {}
    records = [
        stored
        for review in reviews
        for stored in _all(log, LogQuery(about=review.record, kind=FINDING))
    ]
    for stored in sorted(records, key=lambda each: each.leaf_index):
        leaf = stored.content()
        entry = _ENTRY.validate_json(json.dumps(leaf["content"][SAID]))
        subject = leaf["about"][1] if len(leaf["about"]) > 1 else stored.record_id
        found = Noted(stored.record_id, leaf["time"], leaf["actor"], entry)
        noted.setdefault(subject, []).append(found)
    return [Finding.of(entries) for entries in noted.values()]


def content_of(form: Form, **more: Any) -> dict[str, Any]:
    """The content of a record that holds a form."""
    return {"format": 1, SAID: form.model_dump(mode="json"), **more}


def _said(stored: StoredRecord) -> Said:
    leaf = stored.content()
    form = _FORMS[stored.kind].model_validate_json(json.dumps(leaf["content"][SAID]))
    return Said(stored.record_id, stored.leaf_index, leaf["time"], leaf["actor"], stored.kind, form)


def _all(log: LogReader, query: LogQuery) -> Iterator[StoredRecord]:
    """Everything that a query wants, newest first."""
    query = replace(query, limit=_PAGE)
    while some := log.search(SERVICE, query):
        yield from some
        query = replace(query, before=some[-1].leaf_index)
