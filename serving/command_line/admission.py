"""What rules say of the projects of a file: counts by rule, and every finding in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.table import Table

from features.catalogue import Catalogue
from features.checks.checked import Finding, Outcome
from features.checks.checks import Checks
from features.checks.finding_words import LANGUAGES, finding_text
from features.checks.reference import Reference
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import DeclaredProject
from serving.command_line.speech import MOST_SHOWN, OUT, counted
from serving.files.result_columns import Cell, Columns
from serving.files.result_files import ResultWriter
from serving.wording.envelope import Json

_COLUMNS: Columns = {
    "project_id": str,
    "year": int,
    "admitted": bool,
    "finding_id": str,
    "severity": str,
    "dimension": str,
    "threshold": str,
    "actual": str,
    "excess": float,
    "proposed": str,
    **{f"text_{language}": str for language in LANGUAGES},
}
_FEW = 3
"""Projects of which every finding is told in words."""


class Admission:
    """Checks projects by rules, and counts what was found."""

    def __init__(self, checks: Checks | None) -> None:
        self._checks = checks
        self._projects = self._admitted = 0
        self._by_rule: Counter[str] = Counter()
        self._by_outcome: Counter[Outcome] = Counter()
        self._told: list[tuple[str, Finding]] = []
        self._writer: ResultWriter | None = None

    @classmethod
    def by(cls, catalogue: Catalogue, own: Path | None, reference: Reference) -> Admission:
        """What the rules for a catalogue say, those that ship and a bureau's own.

        Args:
            reference: what projects are compared with.

        Raises:
            RuleError: when they cannot be used.
        """
        texts = rule_texts(catalogue.catalogue, own)
        book = read_rule_book(texts, catalogue) if texts else None
        return cls(None if book is None else Checks(book, catalogue, reference))

    @contextmanager
    def writing(self, out: Path | None) -> Iterator[None]:
        """Write every finding to a file meanwhile, where one is named."""
        if out is None:
            yield
            return
        with ResultWriter(out, _COLUMNS) as self._writer:
            yield

    def add(self, projects: Sequence[DeclaredProject]) -> None:
        """Check some projects."""
        if self._checks is None:
            return
        for project in projects:
            checked = self._checks.checked(project)
            findings = list(checked.findings)
            self._projects += 1
            self._admitted += checked.admitted
            self._by_rule.update({finding.rule.code for finding in findings})
            self._by_outcome.update(result.outcome for result in checked.results)
            if self._projects <= _FEW:
                self._told += [(project.project_id, finding) for finding in findings]
            if self._writer is not None:
                rows = [_row(project, finding, checked.admitted) for finding in findings]
                self._writer.write(rows)

    def as_json(self) -> Json | None:
        """The counts for machines; None for a catalogue without rules."""
        if self._checks is None:
            return None
        return {
            "digest": self._checks.book.digest,
            "version": self._checks.book.version,
            "projects": self._projects,
            "admitted": self._admitted,
            "outcomes": {outcome.value: self._by_outcome[outcome] for outcome in Outcome},
            "projects_with_finding": dict(sorted(self._by_rule.items())),
        }

    def say(self) -> None:
        """Write the counts to the terminal, and of few projects every finding."""
        if self._checks is None:
            return
        barred = self._projects - self._admitted
        OUT.print(
            f"Rules: {counted(self._projects, 'project')} checked, {self._admitted:,} may be "
            f"admitted, {barred:,} not"
        )
        if self._projects <= _FEW:
            for name, finding in self._told[:MOST_SHOWN]:
                said = f"{name} [{finding.rule.severity}] {finding.finding_id}: "
                OUT.print(said + finding_text(finding, "zh"), markup=False, highlight=False)
            return
        table = Table("rule", "severity", "projects", "name", box=None)
        for rule in self._checks.book.rules:
            if self._by_rule[rule.code]:
                found = f"{self._by_rule[rule.code]:,}"
                table.add_row(rule.code, rule.severity.value, found, rule.name.zh)
        OUT.print(table)


def _row(project: DeclaredProject, finding: Finding, admitted: bool) -> dict[str, Cell]:
    measure = finding.measure
    return {
        "project_id": project.project_id,
        "year": project.year,
        "admitted": admitted,
        "finding_id": finding.finding_id,
        "severity": finding.rule.severity.value,
        "dimension": finding.rule.dimension,
        "threshold": _text(measure.threshold),
        "actual": _text(measure.actual),
        "excess": measure.excess,
        "proposed": measure.proposed,
        **{f"text_{language}": finding_text(finding, language) for language in LANGUAGES},
    }


def _text(value: float | str | None) -> str | None:
    return f"{value:.15g}" if isinstance(value, float) else value
