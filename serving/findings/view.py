"""The list of findings as callers may see it: their own only; what people are shown is recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from features.errors import Fault
from serving.access.caller import Caller
from serving.findings.query import GRAVITY, FindingQuery, written_cursor
from serving.inquiry import Desk
from serving.projects.record_view import sight_of
from serving.recording.handling import HANDLING, Handled, found_in, handled
from serving.recording.kept_answer import refused
from serving.recording.kept_rules import KeptRules
from serving.recording.read_record import note_reading
from serving.recording.recorded_findings import RecordedFinding, RecordedFindings
from serving.records.errors import RecordsError
from serving.records.finding_list import (
    FindingAt,
    FindingChoices,
    FindingCount,
    FindingCursor,
    ListedFinding,
    ListedRecord,
)
from serving.records.log_reading import StoredRecord
from serving.routes import CHECK_FINDINGS
from serving.wording.envelope import Json, Refusal

PAGE_FINDINGS = 50
MOST_TOGETHER = 10_000
"""Findings that are written to a file at once."""


@dataclass(frozen=True)
class FindingLine:
    """A line of the list: of which record, what was found, and what has become of it.

    course: as `handling.handled` has it. own: whether what other departments declare is left out.
    """

    stored: StoredRecord
    time: str
    name: str
    year: int
    region: str
    found: RecordedFinding
    course: Json
    own: bool

    def told(self) -> Json:
        """What was found, for whoever the line is for."""
        return self.found.told(own=self.own)

    def as_json(self) -> Json:
        """The line for machines."""
        return {
            "record_id": self.stored.record_id,
            "of": self.stored.kind,
            "time": self.time,
            "project_id": self.stored.project_id,
            "project_name": self.name or None,
            "department": self.stored.department,
            "region": self.region or None,
            "year": self.year,
            **self.told(),
            **self.course,
        }


@dataclass(frozen=True)
class FindingPage:
    """A page of the list.

    counts: of the findings that meet the filters. after: where the next page begins, or None.
    behind: records that are not in the list yet.
    """

    lines: list[FindingLine]
    counts: list[FindingCount]
    after: FindingCursor | None
    behind: int

    @property
    def total(self) -> int:
        """Findings that meet the filters."""
        return sum(each.findings for each in self.counts)

    def summed(self, by: str) -> dict[Any, int]:
        """How many there are by `state`, by `severity` or by `code`."""
        sums: dict[Any, int] = defaultdict(int)
        for each in self.counts:
            sums[getattr(each, by)] += each.findings
        return dict(sums)

    def as_json(self, query: FindingQuery) -> Json:
        """The page for machines."""
        graves = self.summed("severity")
        return {
            "findings": [line.as_json() for line in self.lines],
            "total": self.total,
            "counts": {
                "state": self.summed("state"),
                "severity": {n: graves[g] for n, g in GRAVITY.items() if g in graves},
                "rule": self.summed("code"),
            },
            "filters": query.filters,
            "sort": query.sort,
            "next_after": None if self.after is None else written_cursor(self.after),
            "not_yet_listed": self.behind,
            "advisory": True,
        }


class FindingView:
    """Reads the list of a log for callers of the service. Every method raises Refusal: 422, 503."""

    def __init__(self, desk: Desk) -> None:
        self._log = desk.records
        self._catalogue = desk.release.model.catalogue
        self._read = RecordedFindings(KeptRules(desk.home), self._catalogue)

    def page(self, caller: Caller, query: FindingQuery) -> FindingPage:
        """One page of the list; what it shows comes from the records."""
        with _answering():
            behind, sight = self._log.findings.catch_up(self._listed), sight_of(caller)
            listing, wanted = self._log.findings, query.wanted
            found = listing.page(sight, wanted, query.sort, query.after, PAGE_FINDINGS + 1)
            shown = found[:PAGE_FINDINGS]
            more = shown[-1].at if len(found) > PAGE_FINDINGS else None
            page = FindingPage(
                self._lines(caller, shown), listing.counts(sight, wanted), more, behind
            )
            about = tuple(dict.fromkeys(each.stored.record_id for each in shown))
            self._note(caller, f"GET {CHECK_FINDINGS}", query, page.total, about)
        return page

    def choices(self, caller: Caller, query: FindingQuery) -> FindingChoices:
        """What the filters of a caller's list may be set to."""
        with _answering():
            return self._log.findings.choices(sight_of(caller), query.wanted.kind)

    def whole(self, caller: Caller, query: FindingQuery) -> list[FindingLine]:
        """Every finding that meets the filters, for a file, whose writing out is recorded by
        `note_export`.

        Raises:
            Refusal: 422 when they are more than MOST_TOGETHER, 503 while the list is incomplete.
        """
        with _answering():
            if behind := self._log.findings.catch_up(self._listed):
                said = f"{behind:,} records are not listed yet; try again in a moment."
                raise Refusal(503, said, headers={"Retry-After": "2"})
            sight, listing = sight_of(caller), self._log.findings
            total = sum(each.findings for each in listing.counts(sight, query.wanted))
            if total > MOST_TOGETHER:
                expected = f"filters that leave at most {MOST_TOGETHER:,}"
                faults = [Fault(None, "findings", expected, f"{total:,}")]
                said = "There are too many findings at once; narrow the filters."
                raise Refusal(422, said, faults)
            every = list(listing.all_of(sight, query.wanted, query.sort))
            return self._lines(caller, every)

    def note_export(
        self, caller: Caller, query: FindingQuery, total: int, digest: str, way: str
    ) -> None:
        """Return when it is recorded that a file of findings was given out."""
        with _answering():
            self._note(caller, way, query, total, sha256=digest)

    def _listed(self, stored: StoredRecord, acts: Sequence[StoredRecord]) -> ListedRecord | None:
        leaf = self._read.leaf(stored)
        if leaf is None:
            return None
        said = [act.content() for act in acts]
        lines = self._told(stored, leaf, said, own=True)  # what is sought tells nothing of others
        findings = tuple(_listed_finding(line) for line in lines)
        year = Handled.of(leaf, self._catalogue).year
        return ListedRecord(year, self._region(leaf) or None, findings)

    def _lines(self, caller: Caller, found: Sequence[FindingAt]) -> list[FindingLine]:
        """The lines of some findings; of each record all are read once."""
        names = sorted({each.stored.project_id or "" for each in found})
        acts: Mapping[str | None, list[Json]] = defaultdict(list)
        for act in self._log.projects.acts_about(sight_of(caller), (HANDLING,), names):
            acts[act.project_id].append(act.content())
        told: dict[int, dict[str, FindingLine]] = {}
        for stored in (each.stored for each in found):
            leaf = None if stored.leaf_index in told else self._read.leaf(stored)
            if leaf is not None:
                own = caller.department is not None
                lines = self._told(stored, leaf, acts[stored.project_id], own=own)
                told[stored.leaf_index] = {line.found.finding_id: line for line in lines}
        return [
            told[each.stored.leaf_index][each.finding]
            for each in found
            if each.finding in told.get(each.stored.leaf_index, {})
        ]

    def _told(
        self, stored: StoredRecord, leaf: Json, acts: Iterable[Json], *, own: bool
    ) -> Iterator[FindingLine]:
        content, subject = leaf["content"], Handled.of(leaf, self._catalogue)
        columns = self._catalogue.columns
        name = content["document"].get(columns.name) if columns.name else None
        courses = handled(subject, found_in(content), acts)
        for found, course in zip(self._read.of(content), courses, strict=True):
            yield FindingLine(
                stored,
                leaf["time"],
                name if isinstance(name, str) else "",
                subject.year,
                self._region(leaf),
                found,
                course,
                own,
            )

    def _region(self, leaf: Json) -> str:
        field = self._catalogue.columns.region
        return str(leaf["content"]["document"].get(field) or "") if field else ""

    def _note(
        self,
        caller: Caller,
        way: str,
        query: FindingQuery,
        total: int,
        about: tuple[str, ...] = (),
        **said: str,
    ) -> None:
        filters = query.filters
        note_reading(self._log, caller, way, about, filters=filters, findings=total, **said)


def _listed_finding(line: FindingLine) -> ListedFinding:
    told, excess = line.told(), line.found.excess
    said = [str(line.stored.project_id), line.name, line.found.code]
    for words in (told["name"], told["text"]):
        said += [] if words is None else [words["zh"], words["en"]]
    return ListedFinding(
        finding=line.found.finding_id,
        code=line.found.code,
        severity=GRAVITY.get(str(told["severity"]), 0),
        state=line.course["state"],
        excess=None if excess is None else round(excess, 2),
        words=" ".join(said).lower(),
    )


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what the log cannot do into a refusal."""
    try:
        yield
    except RecordsError as error:
        raise refused(error) from error
