"""What checking one project gave: of every rule its outcome, and its findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from features.checks.rule import Rule, Severity
from features.checks.subject import NO_RECORD, Record
from features.duplicates.round_pairs import ProjectPairs
from features.standards.line_standards import ProjectStandards

MOST_FINDINGS = 50
"""Findings of one rule that are listed; the others are counted."""


_GRAVITY = {severity: place for place, severity in enumerate(Severity)}


class Outcome(StrEnum):
    """What a check of a project came to."""

    PASSED = "passed"
    FINDING = "finding"
    NOT_APPLICABLE = "not_applicable"


class NotApplicable(StrEnum):
    """Why a check does not apply."""

    NOT_IN_FORCE = "not_in_force"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_THE_CASE = "not_the_case"
    NO_RECORDS = "no_records"
    NO_SUCH_RECORD = "no_such_record"
    NOT_GIVEN = "not_given"
    NO_REFERENCE = "no_reference"
    NO_ROUND = "no_round"
    NOT_IN_ROUND = "not_in_round"
    CHANGED_SINCE = "changed_since"


class Measure(NamedTuple):
    """What a condition that does not hold was held against. proposed: what would be right."""

    threshold: float | str | None = None
    actual: float | str | None = None
    excess: float | None = None
    proposed: str | None = None


NO_MEASURE = Measure()


class Finding(NamedTuple):
    """One thing that a check found. item: the number of the record from 1; None for the whole.

    paired: with what else the project was found to be a pair.
    """

    rule: Rule
    item: int | None
    measure: Measure
    record: Record = NO_RECORD
    paired: ProjectPairs | None = None

    @property
    def place(self) -> str:
        """Where it is: `cost_lines[2]`, or "" for the project as a whole."""
        return "" if self.item is None else f"{self.rule.each}[{self.item}]"

    @property
    def finding_id(self) -> str:
        """What it is called within its project."""
        place = self.place
        return f"{self.rule.code}:{place}" if place else self.rule.code


class CheckResult(NamedTuple):
    """The outcome of one check.

    why, fields: why it does not apply, and the fields that say so. judged: how many records were
    looked at; unjudged: how many could not be, for want of a value. more: findings beyond those
    listed.
    """

    rule: Rule
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    why: NotApplicable | None = None
    fields: tuple[str, ...] = ()
    judged: int = 0
    unjudged: int = 0
    more: int = 0


@dataclass(frozen=True)
class Checked:
    """Every check of one project, in the order of the rule book. rules: the book's digest.

    reference: the digests of the reference data that were read, under their names. standards: its
    lines beside the standards in force; None where there are none.
    """

    rules: str
    version: str
    reference: dict[str, str]
    results: tuple[CheckResult, ...]
    standards: ProjectStandards | None = None

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found, the gravest first, then in the order of the rule book."""
        found = [finding for result in self._found for finding in result.findings]
        return tuple(sorted(found, key=lambda finding: _GRAVITY[finding.rule.severity]))

    @property
    def not_listed(self) -> int:
        """How many findings there are beyond those that are listed."""
        return sum([result.more for result in self._found])

    @property
    def admitted(self) -> bool:
        """Whether nothing was found that bars the way."""
        return not any(r.rule.severity is Severity.BLOCK for r in self._found)

    @property
    def counts(self) -> dict[str, int]:
        """How many checks came to each outcome."""
        outcomes = [result.outcome for result in self.results]
        return {outcome.value: outcomes.count(outcome) for outcome in Outcome}

    @cached_property
    def _found(self) -> list[CheckResult]:
        """The checks that found something."""
        return [result for result in self.results if result.findings]
