"""The gates before a release: a verdict each, for every head and every group by itself.

A gate never averages: a group that fails is named and fails, whatever the others do. What cannot be
judged is not passed over: its verdict says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from features.errors import BundleError, ReleaseRefused
from models.approval import Status, Verdict, named
from models.people import People
from models.release.comparison import Better, ComparedMetric, Comparison, metrics_of
from models.release.effect_gates import effect_gates
from models.release.metric_gates import metric_gates
from models.release.release_policy import ReleasePolicy
from models.release.review import Conclusion, Review
from models.release.verdicts import failed, judged, not_applicable, passed
from models.trial import Trial
from models.version import Version


@dataclass(frozen=True)
class Judged:
    """All that the gates look at.

    serving: the version in service, or None. serving_heads: what it predicts. trial: what the
    bundle showed in a child process, or why it showed nothing. now: the time against which a
    review's age counts. people: whose signatures under a review count.
    """

    catalogue: str
    comparison: Comparison
    policy: ReleasePolicy
    version: Version
    serving: Version | None
    serving_heads: tuple[str, ...]
    trial: Trial | BundleError
    review: Review | None
    now: str
    people: People = field(default_factory=People)


def verdicts(case: Judged) -> list[Verdict]:
    """What every gate says, in a fixed order."""
    return [
        *_belongs(case),
        _distinct(case.comparison),
        _bundle(case.trial),
        *_later_rounds(case),
        *_complete(case),
        *metric_gates(case.comparison, case.policy),
        *effect_gates(case.comparison, case.policy, case.trial),
        *_data_quality(case.comparison),
        *_stability(case),
        reviewed(case),
    ]


def _belongs(case: Judged) -> Iterator[Verdict]:
    """The metrics are of this challenger and of this champion, and of no other model."""
    compared, version = case.comparison, case.version
    catalogue = compared.catalogue.partition("@")[0]
    given = (catalogue, compared.challenger.version, compared.challenger.digest)
    meant = (case.catalogue, version.number, version.digest)
    yield judged("challenger", given == meant, f"metrics of {given[2]}, expected {meant[2]}")
    theirs = compared.champion.digest if compared.champion else None
    serving = case.serving.digest if case.serving else None
    yield judged(
        "champion",
        theirs == serving,
        f"compared with {theirs or 'nothing'}, while {serving or 'nothing'} serves; compare again",
    )


def _distinct(comparison: Comparison) -> Verdict:
    """Two models, and two sets of metrics: one set cannot be shown for both."""
    if comparison.champion is None:
        return not_applicable("distinct", "nothing serves yet")
    if comparison.champion.digest == comparison.challenger.digest:
        return failed("distinct", "one bundle is compared with itself")
    pairs = [
        (metric.challenger, metric.champion)
        for _, _, _, metric in metrics_of(comparison.heads)
        if metric.challenger is not None and metric.champion is not None
    ]
    if pairs and all(ours == theirs for ours, theirs in pairs):
        return failed("distinct", "both models have the very same metrics: one set stands twice")
    return passed("distinct")


def _bundle(trial: Trial | BundleError) -> Verdict:
    """The bundle is what was registered, and says the same of its golden rows, bit for bit."""
    if isinstance(trial, BundleError):
        return failed("bundle", str(trial))
    if not trial.golden:
        return failed("bundle", "it holds no golden rows to be tried on; train it again")
    return passed("bundle", figure=float(trial.golden))


def _later_rounds(case: Judged) -> Iterator[Verdict]:
    """What it is measured on came after what it learned from."""
    trial, rounds = case.trial, case.comparison.data.rounds
    if isinstance(trial, BundleError):
        yield not_applicable("later_rounds", "the bundle could not be tried")
        return
    if not rounds:
        yield failed("later_rounds", "the comparison names no round")
        return
    yield judged(
        "later_rounds",
        min(rounds) > trial.learned_until,
        f"measured on round {min(rounds)}, though it learned from rounds until "
        f"{trial.learned_until}: outcomes leak into the figures",
        figure=float(min(rounds)),
        threshold=float(trial.learned_until),
    )


def _complete(case: Judged) -> Iterator[Verdict]:
    """Every head of the bundle was measured, and none that serves is missing from it."""
    if isinstance(case.trial, BundleError):
        yield not_applicable("complete", "the bundle could not be tried")
        return
    for head in case.trial.heads:
        compared = case.comparison.heads.get(head)
        measured = compared is not None and _has_figures(compared.metrics.values())
        yield judged("complete", measured, "no figure of this head in the comparison", head=head)
    for head in case.serving_heads:
        if head not in case.trial.heads:
            yield failed("complete", "the champion predicts it, the challenger does not", head=head)


def _has_figures(metrics: Iterable[ComparedMetric]) -> bool:
    return any(m.challenger is not None and m.better is not Better.NEAR for m in metrics)


def _data_quality(comparison: Comparison) -> Iterator[Verdict]:
    """Nothing is flagged among the outcomes that were learned from."""
    for kind, found in comparison.data_quality.flagged():
        yield judged(
            "data_quality",
            not found,
            f"flagged and not left out: {named(found)}",
            metric=kind,
            figure=float(len(found)),
            threshold=0.0,
        )


def _stability(case: Judged) -> Iterator[Verdict]:
    """The same projects are judged much as before, or a waiver explains why not."""
    same, limits = case.comparison.same_projects, case.policy.stability
    if same is None or not same.projects:
        yield not_applicable("stability", "no project was answered by both models")
        return
    for name, limit, least in (
        ("grade_flips", limits.grade_flips, False),
        ("rank_correlation", limits.rank_correlation, True),
        ("changed_top_reasons", limits.changed_top_reasons, False),
    ):
        figure = getattr(same, name)
        if figure is None:
            yield not_applicable("stability", "it cannot be told", metric=name)
            continue
        yield judged(
            "stability",
            figure >= limit if least else figure <= limit,
            f"{'below' if least else 'above'} the policy's limit",
            metric=name,
            figure=figure,
            threshold=limit,
        )


def reviewed(case: Judged) -> Verdict:
    """Experts have looked at this very comparison, not too long ago, and approve."""
    review = case.review
    if review is None:
        return failed("reviewed", "nobody has reviewed this comparison; see `lingji review`")
    if review.challenger != case.version.digest or review.version != case.version.number:
        return failed("reviewed", "the review is of another model")
    if review.conclusion is not Conclusion.APPROVE:
        return failed("reviewed", f"{named(review.reviewers)} rejected it: {review.comment}")
    limit = case.policy.review.oldest_days
    age = review.age_days(case.now)
    if age > limit or age < -1:
        return failed(
            "reviewed",
            f"the review of {review.made} is older than {limit} days"
            if age > 0
            else f"the review says that it was made later than now, at {review.made}",
            threshold=float(limit),
        )
    return _judged_cases(case, review)


def _judged_cases(case: Judged, review: Review) -> Verdict:
    """Enough cases, judged by enough experts, nothing grave left open, and the review signed."""
    rule, found = case.policy.review, review.cases
    who = f"{review.made} {named(review.reviewers)}"
    if found is None and not rule.without_cases:
        return failed("reviewed", "the review rests on no judged cases; see `lingji review open`")
    if found is not None:
        for said, number, least in (
            ("cases were judged", found.cases, rule.least_cases),
            ("experts judged", found.experts, rule.least_experts),
        ):
            if number < least:
                reason = f"{number} {said}, fewer than the policy asks for"
                about = {"figure": float(number), "threshold": float(least)}
                return failed("reviewed", reason, **about)
        if grave := [s.value for s in rule.closed_before if found.open_findings.get(s, 0)]:
            return failed("reviewed", f"findings are open: {named(grave)}")
    if review.format == 1:
        return Verdict(gate="reviewed", status=Status.PASS, reason=f"{who}; without judged cases")
    try:
        reviewers = review.require_signed(case.people)
    except ReleaseRefused as error:
        return failed("reviewed", str(error))
    if any(person.is_called(case.version.trainer) for person in reviewers):
        return failed("reviewed", f"{case.version.trainer} trained it and reviewed it")
    said = "without judged cases"
    if found is not None:
        said = f"{found.cases} cases judged by {found.experts} experts"
    return Verdict(gate="reviewed", status=Status.PASS, reason=f"{who}; {said}")
