"""The list of projects as callers may see it: their own only; what people are shown is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.errors import Fault
from serving.access.caller import Caller
from serving.projects.query import ProjectQuery, written_cursor
from serving.projects.record_view import sight_of
from serving.projects.tendencies import Tendencies, tendencies
from serving.recording.human_act import HUMAN_ACTS
from serving.recording.kept_answer import refused
from serving.recording.project_line import ProjectLine, project_line, score_of
from serving.recording.read_record import note_reading
from serving.records.errors import RecordsError
from serving.records.log_reading import StoredRecord
from serving.records.project_list import Choices, Cursor, Listed, Wanted
from serving.records.record_log import RecordLog
from serving.wording.envelope import Json, Refusal

PAGE_PROJECTS = 50
MOST_TOGETHER = 3_000
"""Projects that are summed up, or written to a workbook, at once."""


@dataclass(frozen=True)
class ListedLine:
    """A line of the list. acts: how often people overrode and reviewed the score, by kind."""

    line: ProjectLine
    acts: dict[str, int]

    def as_json(self) -> Json:
        """The line for machines."""
        return self.line.as_json() | {"human_actions": self.acts}


@dataclass(frozen=True)
class ProjectPage:
    """A page of the list.

    total: projects that meet the filters. after: where the next page begins, or None. behind:
    records that are not in the list yet.
    """

    lines: list[ListedLine]
    total: int
    after: Cursor | None
    behind: int

    def as_json(self, query: ProjectQuery) -> Json:
        """The page for machines."""
        return {
            "projects": [listed.as_json() for listed in self.lines],
            "total": self.total,
            "filters": query.filters,
            "sort": query.sort,
            "next_after": None if self.after is None else written_cursor(self.after),
            "not_yet_listed": self.behind,
            "advisory": True,
        }


class ProjectView:
    """Reads the list of a log for callers of the service. Every method raises Refusal: 422, 503."""

    def __init__(self, log: RecordLog, catalogue: Catalogue) -> None:
        self._log = log
        self._catalogue = catalogue

    def page(self, caller: Caller, query: ProjectQuery) -> ProjectPage:
        """One page of the list; what it shows comes from the records."""
        try:
            return self._page(caller, query)
        except RecordsError as error:
            raise refused(error) from error

    def choices(self, caller: Caller) -> Choices:
        """What the filters of a caller's list may be set to."""
        try:
            return self._log.projects.choices(sight_of(caller))
        except RecordsError as error:
            raise refused(error) from error

    def tendencies(self, caller: Caller, query: ProjectQuery) -> Tendencies:
        """Strengths and weaknesses over the projects that meet the filters.

        Raises:
            Refusal: 422 when they are more than MOST_TOGETHER, 503 while the list is incomplete.
        """
        try:
            self._require_whole()
            total = self._require_few(caller, query)
            found = tendencies((leaf for leaf, _ in self._leaves(caller, query)), self._catalogue)
            self._note(caller, "GET /projects/tendencies", query, total)
            return found
        except RecordsError as error:
            raise refused(error) from error

    def whole(self, caller: Caller, query: ProjectQuery) -> list[tuple[Json, ListedLine]]:
        """Every project that meets the filters: the leaf of its score, and its line.

        It is for a file, whose writing out is recorded by `note_export`.

        Raises:
            Refusal: 422 when they are more than MOST_TOGETHER, 503 while the list is incomplete.
        """
        try:
            self._require_whole()
            self._require_few(caller, query)
            found = list(self._leaves(caller, query))
            lines = self._lines(caller, [stored for _, stored in found])
        except RecordsError as error:
            raise refused(error) from error
        return [(leaf, line) for (leaf, _), line in zip(found, lines, strict=True)]

    def rounds(self, caller: Caller) -> tuple[int, ...]:
        """The rounds of which a caller may see projects, the latest first."""
        try:
            self._require_whole()
        except RecordsError as error:
            raise refused(error) from error
        return self.choices(caller).years

    def newest(
        self, caller: Caller, years: Sequence[int], most: int
    ) -> tuple[list[tuple[Json, StoredRecord]], int]:
        """The newest scores of the projects of some rounds, the latest first, at most so many; and
        how many projects these rounds have."""
        try:
            self._require_whole()
            sight, total = sight_of(caller), 0
            found: list[tuple[Cursor, StoredRecord]] = []
            for year in years:
                wanted = Wanted(year=year)
                total += self._log.projects.count(sight, wanted)
                found += self._log.projects.page(
                    sight, wanted, "newest", None, max(most - len(found), 1)
                )
        except RecordsError as error:
            raise refused(error) from error
        leaves = [(score_of(stored, self._catalogue), stored) for _, stored in found[:most]]
        return [(leaf, stored) for leaf, stored in leaves if leaf is not None], total

    def scores(
        self, caller: Caller, query: ProjectQuery, way: str, topic: str
    ) -> list[tuple[Json, str]]:
        """The leaf of every score that meets the filters and the id of its record.

        That they were read is recorded: by which way, and for which topic.

        Raises:
            Refusal: 422 when they are more than MOST_TOGETHER, 503 while the list is incomplete.
        """
        try:
            self._require_whole()
            total = self._require_few(caller, query)
            found = [(leaf, stored.record_id) for leaf, stored in self._leaves(caller, query)]
            self._note(caller, way, query, total, topic=topic)
        except RecordsError as error:
            raise refused(error) from error
        return found

    def note_export(
        self,
        caller: Caller,
        query: ProjectQuery,
        total: int,
        digest: str,
        way: str = "GET /projects/export",
    ) -> None:
        """Return when it is recorded that a file of projects was given out."""
        try:
            self._note(caller, way, query, total, sha256=digest)
        except RecordsError as error:
            raise refused(error) from error

    def _page(self, caller: Caller, query: ProjectQuery) -> ProjectPage:
        behind, sight = self._caught_up(), sight_of(caller)
        listing = self._log.projects
        found = listing.page(sight, query.wanted, query.sort, query.after, PAGE_PROJECTS + 1)
        shown = [stored for _, stored in found[:PAGE_PROJECTS]]
        more = found[PAGE_PROJECTS - 1][0] if len(found) > PAGE_PROJECTS else None
        total = listing.count(sight, query.wanted)
        lines = self._lines(caller, shown)
        about = tuple(stored.record_id for stored in shown)
        self._note(caller, "GET /projects", query, total, about)
        return ProjectPage(lines, total, more, behind)

    def _caught_up(self) -> int:
        return self._log.projects.catch_up(self._listed)

    def _require_whole(self) -> None:
        """Return when every score is in the list: what is summed up shall leave nothing out."""
        behind = self._caught_up()
        if behind:
            said = f"{behind:,} records are not listed yet; try again in a moment."
            raise Refusal(503, said, headers={"Retry-After": "2"})

    def _listed(self, stored: StoredRecord) -> Listed | None:
        leaf = score_of(stored, self._catalogue)
        return None if leaf is None else project_line(leaf, self._catalogue).listed()

    def _require_few(self, caller: Caller, query: ProjectQuery) -> int:
        total = self._log.projects.count(sight_of(caller), query.wanted)
        if total > MOST_TOGETHER:
            fault = Fault(
                None, "projects", f"filters that leave at most {MOST_TOGETHER:,}", f"{total:,}"
            )
            raise Refusal(422, "There are too many projects at once; narrow the filters.", [fault])
        return total

    def _leaves(self, caller: Caller, query: ProjectQuery) -> Iterator[tuple[Json, StoredRecord]]:
        for stored in self._log.projects.all_of(sight_of(caller), query.wanted, query.sort):
            leaf = score_of(stored, self._catalogue)
            if leaf is not None:
                yield leaf, stored

    def _lines(self, caller: Caller, shown: list[StoredRecord]) -> list[ListedLine]:
        """The lines of some records, with what people said about those very scores."""
        said: dict[str, dict[str, int]] = {}
        for act in self._log.projects.acts(sight_of(caller), HUMAN_ACTS, shown):
            for record_id in act.content()["about"]:
                counts = said.setdefault(record_id, dict.fromkeys(HUMAN_ACTS, 0))
                counts[act.kind] += 1
        lines = []
        for stored in shown:
            leaf = score_of(stored, self._catalogue)
            if leaf is not None:
                acts = said.get(stored.record_id, dict.fromkeys(HUMAN_ACTS, 0))
                lines.append(ListedLine(project_line(leaf, self._catalogue), acts))
        return lines

    def _note(
        self,
        caller: Caller,
        way: str,
        query: ProjectQuery,
        total: int,
        about: tuple[str, ...] = (),
        **said: str,
    ) -> None:
        filters = query.filters
        note_reading(self._log, caller, way, about, filters=filters, projects=total, **said)
