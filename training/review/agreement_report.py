"""The report of a round: who agrees with whom, over which cases, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np

from features.catalogue import Catalogue
from models.people import now
from models.priority import grade
from models.release.review import Severity
from models.review.case import CaseAnswers, Kind, ModelRole, Side
from models.review.finding import Finding, State
from models.review.judgement import Judgement, Opinion, Stance
from models.review.report import ALL, PANEL, Agreement, Pair, ReviewReport
from models.review.round import KeptRound
from training.review.agreement import Compared, Word, agreement

By = tuple[str, str]
"""A case's id and an expert's name."""


@dataclass(frozen=True)
class Heard:
    """What experts have said of a round so far, as the log has it.

    log_size: how many records it had. seen_before: judgements by somebody who had looked at a
    record of the project before.
    """

    judgements: Mapping[By, Judgement]
    opinions: Mapping[By, Opinion]
    corrections: int
    findings: Sequence[Finding]
    seen_before: int
    log_size: int


def agreement_report(
    kept: KeptRound, heard: Heard, catalogue: Catalogue, least: int
) -> ReviewReport:
    """The report of what was heard.

    Args:
        least: with fewer cases a figure is not told.

    Raises:
        FormError: when a case is not what was kept.
    """
    answers = {entry.id: kept.answers(entry) for entry in kept.round.cases}
    experts = sorted({expert for _, expert in heard.judgements})
    words = {
        expert: {
            case: _word(said, catalogue)
            for (case, who), said in heard.judgements.items()
            if who == expert
        }
        for expert in experts
    }
    panel = _panel(heard.judgements, catalogue)
    comparing = _Comparing(answers, least)
    review = kept.round
    return ReviewReport(
        catalogue=review.catalogue,
        version=review.version,
        challenger=review.challenger,
        champion=review.champion,
        comparison=review.comparison,
        round=review.file_digest,
        round_name=review.name,
        made=now(),
        log_size=heard.log_size,
        projects=review.projects,
        strata=review.strata,
        cases=len(review.cases),
        judged=len({case for case, _ in heard.judgements}),
        judgements=len(heard.judgements),
        corrections=heard.corrections,
        seen_before=heard.seen_before,
        experts={expert: len(words[expert]) for expert in experts},
        models=tuple(comparing.with_models({PANEL: panel, **words})) if experts else (),
        between=tuple(
            comparing.pair(first, second, words[first], words[second])
            for first, second in combinations(experts, 2)
        ),
        stances=_stances(heard.opinions.values()),
        findings=_findings(heard.findings),
    )


def _word(said: Judgement, catalogue: Catalogue) -> Word:
    amounts = {name: (a.low, a.middle, a.high) for name, a in said.amounts.items()}
    return Word(said.scores, amounts, said.grade(catalogue.priority))


def _panel(judgements: Mapping[By, Judgement], catalogue: Catalogue) -> dict[str, Word]:
    """The mean of all experts of each case, of amounts the geometric one, and the grade of it."""
    by_case: dict[str, list[Judgement]] = {}
    for (case, _), said in judgements.items():
        by_case.setdefault(case, []).append(said)
    return {case: _mean(said, catalogue) for case, said in by_case.items()}


def _mean(said: Sequence[Judgement], catalogue: Catalogue) -> Word:
    scores: dict[str, list[float]] = {}
    amounts: dict[str, list[float]] = {}
    for each in said:
        for name, points in each.scores.items():
            scores.setdefault(name, []).append(points)
        for name, amount in each.amounts.items():
            amounts.setdefault(name, []).append(amount.middle)
    means = {name: float(np.mean(points)) for name, points in scores.items()}
    middles = {name: float(np.exp(np.mean(np.log(found)))) for name, found in amounts.items()}
    policy, standing = catalogue.priority, None
    if policy is not None and {policy.necessity, policy.importance} <= means.keys():
        necessity, importance = (
            Decimal(str(means[name])) for name in (policy.necessity, policy.importance)
        )
        standing = grade(necessity, importance, policy)
    return Word(means, {name: (None, middle, None) for name, middle in middles.items()}, standing)


@dataclass(frozen=True)
class _Comparing:
    """Compares what two say, over all cases and in every stratum."""

    answers: Mapping[str, CaseAnswers]
    least: int

    def with_models(self, words: Mapping[str, Mapping[str, Word]]) -> Iterator[Pair]:
        """Everybody with each model, by model."""
        for role in ModelRole:
            said = {
                case: _said(side)
                for case, found in self.answers.items()
                if (side := found.side(role)) is not None
            }
            if said:
                for who, own in words.items():
                    yield self.pair(who, role.value, own, said)

    def pair(
        self, first: str, second: str, own: Mapping[str, Word], other: Mapping[str, Word]
    ) -> Pair:
        """Two who are compared on the cases of which both say something."""
        shared = [case for case in self.answers if case in own and case in other]
        groups: dict[str, Agreement] = {
            ALL: agreement(self._compared(shared, own, other), self.least, intervals=True)
        }
        for stratum in self._strata():
            some = [case for case in shared if stratum in self.answers[case].strata]
            groups[stratum] = agreement(self._compared(some, own, other), self.least)
        return Pair(first=first, second=second, groups=groups)

    def _strata(self) -> list[str]:
        """Every stratum but chance alone, to which all cases belong."""
        named = {name for found in self.answers.values() for name in found.strata}
        order = {kind.value: place for place, kind in enumerate(Kind)}
        named.discard(Kind.RANDOM.value)
        return sorted(named, key=lambda name: (order[name.partition("=")[0]], name))

    def _compared(
        self, cases: Sequence[str], own: Mapping[str, Word], other: Mapping[str, Word]
    ) -> list[Compared]:
        return [Compared(own[c], other[c], 1 / self.answers[c].chance) for c in cases]


def _said(side: Side) -> Word:
    """What a model says: every head's figure stands for a score and for an amount alike, and the
    experts' own words choose which is compared."""
    values = {name: figure.value for name, figure in side.figures.items()}
    amounts = {name: (f.low, f.value, f.high) for name, f in side.figures.items()}
    return Word(values, amounts, side.grade)


def _stances(opinions: Iterable[Opinion]) -> dict[ModelRole, dict[str, dict[Stance, int]]]:
    found: dict[ModelRole, dict[str, dict[Stance, int]]] = {}
    for opinion in opinions:
        for model, heads in opinion.stances.items():
            for head, stance in heads.items():
                counts = found.setdefault(model, {}).setdefault(head, dict.fromkeys(Stance, 0))
                counts[stance] += 1
    return {model: found[model] for model in ModelRole if model in found}


def _findings(findings: Sequence[Finding]) -> dict[Severity, dict[State, int]]:
    found: dict[Severity, dict[State, int]] = {}
    for each in findings:
        counts = found.setdefault(each.opened.severity, dict.fromkeys(State, 0))
        counts[each.state] += 1
    return {severity: found[severity] for severity in Severity if severity in found}
