"""One rule made ready to be asked of every project of its catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from features.catalogue import Catalogue
from features.checks.checked import (
    MOST_FINDINGS,
    CheckResult,
    Finding,
    NotApplicable,
    Outcome,
)
from features.checks.condition import Condition, Test
from features.checks.conditions import condition
from features.checks.rule import Rule
from features.checks.subject import NO_RECORD, Record, Subject
from features.checks.terms import Place, Terms, WrongCondition

_NOTHING = (None, "", ())
_ScopeTest = tuple[str, Callable[[Subject], bool | None]]


class CompiledRule:
    """A rule with its conditions compiled. Several threads may ask it at once."""

    def __init__(self, rule: Rule, catalogue: Catalogue, tables: dict[str, JsonValue]) -> None:
        """Compile a rule.

        Raises:
            WrongCondition: when a condition cannot be asked of the catalogue's projects.
        """
        self.rule = rule
        if rule.each is not None and rule.each not in {part.name for part in catalogue.parts}:
            raise WrongCondition(("each",), f"a part of {catalogue.identity}", rule.each)
        whole, looked_at = Terms(catalogue, None, tables), Terms(catalogue, rule.each, tables)
        self._when = None if rule.when is None else condition(rule.when, whole, ("when",))
        of_records: list[Condition] = []
        self._scopes: list[_ScopeTest] = []
        for name, codes in rule.scope.items():
            place: Place = ("scope", name)
            part, dot, _ = name.partition(".")
            if not dot:
                self._scopes.append((name, _begins(whole, name, codes, place).test))
            elif part == rule.each:
                of_records.append(_begins(looked_at, name, codes, place))
            else:
                raise WrongCondition(place, f"a field of the project, or of {rule.each}", name)
        if rule.where is not None:
            of_records.append(condition(rule.where, looked_at, ("where",)))
        self._where = _together([each.test for each in of_records])
        self._require = condition(rule.require, looked_at, ("require",))
        self._test = self._require.test
        self._first, self._last = rule.effective.years
        self._passed = CheckResult(rule, Outcome.PASSED, judged=1)
        self._passes: dict[tuple[int, int], CheckResult] = {}
        self._outside = {why: self._not(why) for why in NotApplicable}
        self._out_of_scope, self._no_scope = (
            {name: self._not(why, (name,)) for name, _ in self._scopes}
            for why in (NotApplicable.OUT_OF_SCOPE, NotApplicable.NOT_GIVEN)
        )

    @property
    def needs_reference(self) -> bool:
        """Whether it compares a project with reference data."""
        return self._require.reference

    def check(self, subject: Subject, year: int) -> CheckResult:
        """The outcome of the rule for a project of a fiscal year."""
        if not self._first <= year <= self._last:
            return self._outside[NotApplicable.NOT_IN_FORCE]
        for name, within in self._scopes:
            held = within(subject)
            if held is not True:
                return self._out_of_scope[name] if held is False else self._no_scope[name]
        if self._when is not None:
            held = self._when.test(subject)
            if held is not True:
                return self._not_when(subject, self._when, held)
        if self.rule.each is not None:
            return self._each(subject, subject.records(self.rule.each))
        held = self._test(subject)
        if held is None:
            return self._unknown(subject)
        if held:
            return self._passed
        measure, paired = self._require.measure(subject), self._require.paired(subject)
        finding = Finding(self.rule, None, measure, paired=paired)
        return CheckResult(self.rule, Outcome.FINDING, (finding,), judged=1)

    def _each(self, subject: Subject, records: Sequence[Record] | None) -> CheckResult:
        """The rule asked of each record of its part."""
        if not records:
            return self._outside[NotApplicable.NO_RECORDS]
        test, where = self._test, self._where
        judged = unjudged = more = 0
        unknown: Record = NO_RECORD
        findings: list[Finding] = []
        for number, record in enumerate(records):
            subject.item, subject.number = record, number
            if where is not None and not where(subject):
                continue
            held = test(subject)
            if held:
                judged += 1
            elif held is None:
                unjudged, unknown = unjudged + 1, record
            elif len(findings) < MOST_FINDINGS:
                judged += 1
                measure = self._require.measure(subject)
                findings.append(Finding(self.rule, number + 1, measure, record))
            else:
                judged, more = judged + 1, more + 1
        if not judged and not unjudged:
            return self._outside[NotApplicable.NO_SUCH_RECORD]
        if not judged:
            subject.item = unknown
            return self._unknown(subject, unjudged)
        if not findings:
            return self._passed_with(judged, unjudged)
        found = tuple(findings)
        return CheckResult(
            self.rule, Outcome.FINDING, found, judged=judged, unjudged=unjudged, more=more
        )

    def _passed_with(self, judged: int, unjudged: int) -> CheckResult:
        """The result of so many records in order; the same for every project that has as many."""
        key = (judged, unjudged)
        found = self._passes.get(key)
        if found is None:
            found = CheckResult(self.rule, Outcome.PASSED, judged=judged, unjudged=unjudged)
            self._passes[key] = found
        return found

    def _not(self, why: NotApplicable, fields: tuple[str, ...] = ()) -> CheckResult:
        return CheckResult(self.rule, Outcome.NOT_APPLICABLE, why=why, fields=fields)

    def _not_when(self, subject: Subject, when: Condition, held: bool | None) -> CheckResult:
        if held is False:
            return self._outside[NotApplicable.NOT_THE_CASE]
        return self._not(NotApplicable.NOT_GIVEN, self._absent(subject, when))

    def _unknown(self, subject: Subject, unjudged: int = 0) -> CheckResult:
        """Why nothing could be judged: a value is missing, or what it would be compared with."""
        absent = self._absent(subject, self._require)
        if self._require.why is not None:
            return self._not(self._require.why(subject))
        if self._require.reference and not absent:
            return self._not(NotApplicable.NO_REFERENCE)
        return self._not(NotApplicable.NOT_GIVEN, absent)._replace(unjudged=unjudged)

    def _absent(self, subject: Subject, asked: Condition) -> tuple[str, ...]:
        """The fields that a condition reads and that are not given."""
        return tuple(name for name in asked.reads if _value(subject, name) in _NOTHING)


def _together(tests: Sequence[Test]) -> Test | None:
    """Whether all of some tests hold; None where there are none."""
    if len(tests) < 2:
        return tests[0] if tests else None
    first, second = tests[0], _together(tests[1:])
    return lambda subject: first(subject) and second is not None and second(subject)


def _value(subject: Subject, name: str) -> object:
    _, dot, field = name.partition(".")
    return subject.item.get(field) if dot else subject.values.get(name)


def _begins(terms: Terms, name: str, codes: Sequence[str], place: Place) -> Condition:
    """Whether a code begins with one of some, which for a whole code is that it is one."""
    return condition({"begins_with": name, "prefixes": list(codes)}, terms, place)
