"""What checks found, as JSON: each finding with its words, and how many checks came to what."""

from __future__ import annotations

import weakref
from typing import Any, cast

import orjson

from features.checks.checked import (
    NO_MEASURE,
    Checked,
    CheckResult,
    Finding,
    Measure,
    NotApplicable,
)
from features.checks.finding_words import LANGUAGES, finding_text, named_fields
from features.checks.rule import Rule
from features.duplicates.round_pairs import ProjectPairs
from features.kept_beside import KeptBeside
from serving.wording.envelope import encoded
from serving.wording.kept_pieces import KeptPieces
from serving.wording.written import Written

Json = dict[str, Any]

MOST_WRITTEN = 500
"""The findings of one rule that are kept, those that came last; a kilobyte each."""

SUSPECTED = "suspected"
"""The state of a finding that nobody has looked at yet (疑点)."""

_WHY: dict[NotApplicable, Json] = {
    NotApplicable.NOT_IN_FORCE: {
        "zh": "规则在该预算年度未生效",
        "en": "the rule is not in force in the fiscal year",
    },
    NotApplicable.OUT_OF_SCOPE: {
        "zh": "项目不在规则适用范围内",
        "en": "the project is out of the rule's scope",
    },
    NotApplicable.NOT_THE_CASE: {
        "zh": "项目没有规则所针对的情形",
        "en": "what the rule is about is not the case",
    },
    NotApplicable.NO_RECORDS: {"zh": "没有填列相应明细", "en": "there are no records to look at"},
    NotApplicable.NO_SUCH_RECORD: {
        "zh": "没有规则所针对的明细",
        "en": "there is no record that the rule is about",
    },
    NotApplicable.NOT_GIVEN: {"zh": "所需数据未填", "en": "a value that it needs is not given"},
    NotApplicable.NO_ROUND: {
        "zh": "该预算年度尚无签署的查重结果",
        "en": "no result of a search for duplicates is signed for the fiscal year",
    },
    NotApplicable.NOT_IN_ROUND: {
        "zh": "该项目未列入本年度查重",
        "en": "the project was not among those that were compared over the round",
    },
    NotApplicable.CHANGED_SINCE: {
        "zh": "查重之后申报内容已经改动",
        "en": "what is declared was changed after the round was compared",
    },
    NotApplicable.NO_REFERENCE: {
        "zh": "没有可比照的支出标准",
        "en": "there is no standard to compare with",
    },
}


class _RuleTold:
    """What every finding of a rule says alike, and what was said of one, which often comes again.

    A finding is kept by what it says beside that, as JSON: item, measure, and the fields of its
    record that its sentence names.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = weakref.ref(rule)  # it is kept beside the rule
        self._fields = named_fields(rule)
        self._written = KeptPieces(self._write, MOST_WRITTEN)
        self.head: Json = {
            "code": rule.code,
            "name": rule.name.as_json(),
            "severity": rule.severity.value,
            **({"dimension": rule.dimension} if rule.dimension else {}),
        }
        self.basis: Json = {
            "kind": rule.basis.kind.value,
            "title": rule.basis.title.as_json(),
            "document": rule.basis.document,
            "clause": rule.basis.clause,
        }
        self.unit = None if rule.shown.unit is None else rule.shown.unit.as_json()

    def written(self, finding: Finding) -> bytes:
        """A finding of the rule as JSON."""
        if finding.paired is not None:
            return encoded(finding_told(finding))
        record = finding.record
        said = [record.get(name) for name in self._fields]
        return self._written[orjson.dumps([finding.item, *finding.measure, *said])]

    def _write(self, key: bytes) -> bytes:
        item, *rest = orjson.loads(key)
        measure, said = Measure(*rest[: len(NO_MEASURE)]), rest[len(NO_MEASURE) :]
        record = dict(zip(self._fields, said, strict=True))
        return encoded(finding_told(Finding(cast(Rule, self._rule()), item, measure, record)))


_of_rule = KeptBeside(_RuleTold)


def findings_told(checked: Checked) -> Written:
    """Every finding, the gravest first."""
    return Written.of([_of_rule(each.rule).written(each) for each in checked.findings])


def finding_told(finding: Finding) -> Json:
    """One finding: of which rule, where, against what, in words, and on what basis."""
    rule, measure = _of_rule(finding.rule), finding.measure
    return {
        "finding_id": finding.finding_id,
        **rule.head,
        "place": finding.place or None,
        "threshold": measure.threshold,
        "actual": measure.actual,
        "excess": measure.excess,
        "unit": rule.unit,
        "proposed": measure.proposed,
        "text": {language: finding_text(finding, language) for language in LANGUAGES},
        "basis": rule.basis,
        "state": SUSPECTED,
        **_paired(finding.paired),
    }


def _paired(found: ProjectPairs | None) -> Json:
    """With which project the surest pair is, by which result, and how many pairs there are more."""
    if found is None:
        return {}
    surest = found.pairs[0]
    return {
        "pair": {
            "kind": surest.kind,
            "project": surest.other(found.project_id).model_dump(),
            "other_department": surest.between_departments(),
            "probability": surest.probability,
            "score": surest.score,
            "agrees": [each.as_json() for each in surest.agrees],
            "more": len(found.pairs) - 1,
            "round": {
                "year": found.round.year,
                "version": found.round.version,
                "made": found.round.made,
                "digest": found.round.digest,
            },
        }
    }


def checks_summed(checked: Checked) -> Json:
    """How many checks came to each outcome, and by which rules."""
    return {
        "rules": {
            "digest": checked.rules,
            "version": checked.version,
            "reference": checked.reference,
        },
        "admitted": checked.admitted,
        "counts": checked.counts,
        "not_listed": checked.not_listed,
    }


def check_told(result: CheckResult) -> Json:
    """One check of a project: what it came to, on what basis, and why it does not apply."""
    rule = _of_rule(result.rule)
    why = result.why
    return {
        **rule.head,
        "outcome": result.outcome.value,
        "basis": rule.basis,
        "why": None if why is None else why.value,
        "why_text": None if why is None else _WHY[why],
        "fields": list(result.fields),
        "judged": result.judged,
        "unjudged": result.unjudged,
        "findings": [finding.finding_id for finding in result.findings],
        "not_listed": result.more,
    }
