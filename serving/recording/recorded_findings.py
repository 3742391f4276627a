"""Findings as a record has them, with the words of the rules that it names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from features.catalogue import Catalogue
from features.checks.checked import Finding, Measure
from features.checks.rule import Rule
from features.checks.rule_book import RuleBook
from features.checks.subject import Record
from features.declared_project import parse_project
from features.duplicates.round_pairs import ProjectPairs
from features.errors import FormError, ProjectError, RuleError
from serving.recording.kept_rules import KeptRules
from serving.records.log_reading import StoredRecord
from serving.wording.envelope import Json
from serving.wording.findings import finding_told
from serving.wording.own_answer import own_findings


@dataclass(frozen=True)
class RecordedFinding:
    """One finding of a record. rule: None where the rules of the record are not kept here.

    paired: with what else its project was found to be a pair, for a rule that says so.
    """

    finding_id: str
    code: str
    place: str
    measure: Measure
    rule: Rule | None
    record: Record
    paired: ProjectPairs | None = None

    def told(self, *, own: bool = False) -> Json:
        """The finding for machines, as it was answered but for its state; where its rule is not
        kept, without name, severity, words and basis.

        own: without what other departments declare.
        """
        if self.rule is None:
            nothing = dict.fromkeys(("name", "severity", "unit", "text", "basis"))
            place = {"place": self.place or None}
            known = {"finding_id": self.finding_id, "code": self.code}
            return known | nothing | place | self.measure._asdict()
        item = int(self.place.rpartition("[")[2].rstrip("]")) if self.place else None
        found = Finding(self.rule, item, self.measure, self.record, self.paired)
        told = finding_told(found)
        if own:
            [told] = own_findings([told])
        if tells_pairs(self.rule) and self.paired is None:  # the result of its round is not here
            told["text"] = None
        return {name: value for name, value in told.items() if name != "state"}

    @property
    def excess(self) -> float | None:
        """By how much too much is asked for, in money; None for what is measured otherwise."""
        money = self.rule is not None and self.rule.shown.kind == "money"
        return self.measure.excess if money else None


class RecordedFindings:
    """Reads findings from records of a catalogue; rule books once asked for stay at hand."""

    def __init__(self, kept: KeptRules, catalogue: Catalogue) -> None:
        self._kept = kept
        self._catalogue = catalogue
        self._rules: dict[str, Mapping[str, Rule]] = {}

    def leaf(self, stored: StoredRecord) -> Json | None:
        """The leaf of a score or a check of this catalogue; None for any other record."""
        leaf = stored.content()
        content = leaf["content"]
        named = content["model"]["catalogue"] if "model" in content else content.get("catalogue")
        return leaf if str(named).partition("@")[0] == self._catalogue.catalogue else None

    def of(self, content: Json) -> list[RecordedFinding]:
        """The findings of a score or a check, from its content, as they stand in it."""
        return list(self._findings(content))

    def _findings(self, content: Json) -> Iterator[RecordedFinding]:
        checks = content.get("checks")
        rules = {} if checks is None else self._of_book(str(checks["rules"]))
        measures = [] if checks is None else json.loads(checks["measures"])
        for number, finding_id in enumerate(content.get("findings", [])):
            code, _, place = finding_id.partition(":")
            rule = rules.get(code)
            measure = Measure(*measures[number]) if number < len(measures) else Measure()
            record = _record(content["document"], place)
            pairs = None if rule is None or not tells_pairs(rule) else self._paired(content, code)
            yield RecordedFinding(finding_id, code, place, measure, rule, record, pairs)

    def _paired(self, content: Json, code: str) -> ProjectPairs | None:
        """The pairs that a rule finds in the recorded input once more; None where it cannot."""
        try:
            project = parse_project(content["document"], self._catalogue)
            checks = self._kept.named(content["checks"], self._catalogue)
        except (ProjectError, RuleError, FormError):
            return None
        found = () if checks is None else checks.checked(project).findings
        return next((each.paired for each in found if each.rule.code == code), None)

    def _of_book(self, digest: str) -> Mapping[str, Rule]:
        if digest not in self._rules:
            try:
                self._rules[digest] = _by_code(self._kept.book(digest))
            except RuleError:
                self._rules[digest] = {}
        return self._rules[digest]


def tells_pairs(rule: Rule) -> bool:
    """Whether a rule is about pairs of projects, which its findings name."""
    return "not_paired" in rule.require


def _by_code(book: RuleBook) -> Mapping[str, Rule]:
    return {rule.code: rule for rule in book.rules}


def _record(document: Mapping[str, Any], place: str) -> Record:
    """The record of a part that a finding is about, numbers as they were read."""
    part, _, number = place.partition("[")
    records = document.get(part) or []
    at = int(number.rstrip("]")) - 1 if number else -1
    if not 0 <= at < len(records):
        return {}
    return {name: _as_read(value) for name, value in records[at].items()}


def _as_read(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
