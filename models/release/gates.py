"""The gates before a release: a verdict each, for every head and every group by itself.

A gate never averages: a group that fails is named and fails, whatever the others do. What cannot be
judged is not passed over: its verdict says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from features.errors import BundleError, ReleaseRefused
from models.approval import Verdict, named
from models.people import People
from models.release.comparison import Better, ComparedMetric, Comparison, metrics_of
from models.release.effect_gates import effect_gates
from models.release.metric_gates import metric_gates
from models.release.release_policy import ReleasePolicy
from models.release.review import Conclusion, Review
from models.release.verdicts import Said, failed, judged, not_applicable, passed
from models.trial import Trial
from models.version import Version

_WITHOUT_CASES = Said("没有经评判的案例", "without judged cases")


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
    yield judged(
        "challenger",
        given == meant,
        Said(f"指标属于{given[2]}，应为{meant[2]}", f"metrics of {given[2]}, expected {meant[2]}"),
    )
    theirs = compared.champion.digest if compared.champion else None
    serving = case.serving.digest if case.serving else None
    yield judged(
        "champion",
        theirs == serving,
        Said(
            f"比较对象为{theirs or '无'}，而在用的是{serving or '无'}；请重新比较",
            f"compared with {theirs or 'nothing'}, while {serving or 'nothing'} serves; "
            "compare again",
        ),
    )


def _distinct(comparison: Comparison) -> Verdict:
    """Two models, and two sets of metrics: one set cannot be shown for both."""
    if comparison.champion is None:
        return not_applicable("distinct", Said("尚无在用模型", "nothing serves yet"))
    if comparison.champion.digest == comparison.challenger.digest:
        return failed(
            "distinct", Said("同一模型包与自身比较", "one bundle is compared with itself")
        )
    pairs = [
        (metric.challenger, metric.champion)
        for _, _, _, metric in metrics_of(comparison.heads)
        if metric.challenger is not None and metric.champion is not None
    ]
    if pairs and all(ours == theirs for ours, theirs in pairs):
        return failed(
            "distinct",
            Said(
                "两个模型的指标完全相同：同一组指标出现两次",
                "both models have the very same metrics: one set stands twice",
            ),
        )
    return passed("distinct")


def _bundle(trial: Trial | BundleError) -> Verdict:
    """The bundle is what was registered, and says the same of its golden rows, bit for bit."""
    if isinstance(trial, BundleError):
        return failed("bundle", _error(trial))
    if not trial.golden:
        return failed(
            "bundle",
            Said(
                "模型包内没有用于试算的样例行；请重新训练",
                "it holds no golden rows to be tried on; train it again",
            ),
        )
    return passed("bundle", figure=float(trial.golden))


def _later_rounds(case: Judged) -> Iterator[Verdict]:
    """What it is measured on came after what it learned from."""
    trial, rounds = case.trial, case.comparison.data.rounds
    if isinstance(trial, BundleError):
        yield not_applicable(
            "later_rounds", Said("模型包无法试运行", "the bundle could not be tried")
        )
        return
    if not rounds:
        yield failed(
            "later_rounds", Said("比较结果未列明评审轮次", "the comparison names no round")
        )
        return
    yield judged(
        "later_rounds",
        min(rounds) > trial.learned_until,
        Said(
            f"在{min(rounds)}年度上检验，而训练已用到{trial.learned_until}年度：评审结果混入了指标",
            f"measured on round {min(rounds)}, though it learned from rounds until "
            f"{trial.learned_until}: outcomes leak into the figures",
        ),
        figure=float(min(rounds)),
        threshold=float(trial.learned_until),
    )


def _complete(case: Judged) -> Iterator[Verdict]:
    """Every head of the bundle was measured, and none that serves is missing from it."""
    if isinstance(case.trial, BundleError):
        yield not_applicable("complete", Said("模型包无法试运行", "the bundle could not be tried"))
        return
    for head in case.trial.heads:
        compared = case.comparison.heads.get(head)
        measured = compared is not None and _has_figures(compared.metrics.values())
        yield judged(
            "complete",
            measured,
            Said("比较结果中没有该预测项的指标", "no figure of this head in the comparison"),
            head=head,
        )
    for head in case.serving_heads:
        if head not in case.trial.heads:
            yield failed(
                "complete",
                Said(
                    "在用模型有此预测项，候选模型没有",
                    "the champion predicts it, the challenger does not",
                ),
                head=head,
            )


def _has_figures(metrics: Iterable[ComparedMetric]) -> bool:
    return any(m.challenger is not None and m.better is not Better.NEAR for m in metrics)


def _data_quality(comparison: Comparison) -> Iterator[Verdict]:
    """Nothing is flagged among the outcomes that were learned from."""
    for kind, found in comparison.data_quality.flagged():
        yield judged(
            "data_quality",
            not found,
            Said(f"已标记但未剔除：{named(found)}", f"flagged and not left out: {named(found)}"),
            metric=kind,
            figure=float(len(found)),
            threshold=0.0,
        )


def _stability(case: Judged) -> Iterator[Verdict]:
    """The same projects are judged much as before, or a waiver explains why not."""
    same, limits = case.comparison.same_projects, case.policy.stability
    if same is None or not same.projects:
        yield not_applicable(
            "stability",
            Said("没有两个模型都作出结果的项目", "no project was answered by both models"),
        )
        return
    for name, limit, least in (
        ("grade_flips", limits.grade_flips, False),
        ("rank_correlation", limits.rank_correlation, True),
        ("changed_top_reasons", limits.changed_top_reasons, False),
    ):
        figure = getattr(same, name)
        if figure is None:
            yield not_applicable("stability", Said("无法计算", "it cannot be told"), metric=name)
            continue
        yield judged(
            "stability",
            figure >= limit if least else figure <= limit,
            Said(
                f"{'低于' if least else '超过'}政策限值",
                f"{'below' if least else 'above'} the policy's limit",
            ),
            metric=name,
            figure=figure,
            threshold=limit,
        )


def reviewed(case: Judged) -> Verdict:
    """Experts have looked at this very comparison, not too long ago, and approve."""
    review = case.review
    if review is None:
        return failed(
            "reviewed",
            Said(
                "尚无人评审该比较结果；见 `lingji review`",
                "nobody has reviewed this comparison; see `lingji review`",
            ),
        )
    if review.challenger != case.version.digest or review.version != case.version.number:
        return failed("reviewed", Said("评审针对的是另一个模型", "the review is of another model"))
    if review.conclusion is not Conclusion.APPROVE:
        return failed(
            "reviewed",
            Said(
                f"{named(review.reviewers)}不同意：{review.comment}",
                f"{named(review.reviewers)} rejected it: {review.comment}",
            ),
        )
    limit = case.policy.review.oldest_days
    age = review.age_days(case.now)
    if age > limit or age < -1:
        return failed(
            "reviewed",
            Said(
                f"{review.made}的评审已超过{limit}天",
                f"the review of {review.made} is older than {limit} days",
            )
            if age > 0
            else Said(
                f"评审所记时间{review.made}晚于当前时间",
                f"the review says that it was made later than now, at {review.made}",
            ),
            threshold=float(limit),
        )
    return _judged_cases(case, review)


def _judged_cases(case: Judged, review: Review) -> Verdict:
    """Enough cases, judged by enough experts, nothing grave left open, and the review signed."""
    rule, found = case.policy.review, review.cases
    who = f"{review.made} {named(review.reviewers)}"
    if found is None and not rule.without_cases:
        return failed(
            "reviewed",
            Said(
                "评审没有经专家评判的案例；见 `lingji review open`",
                "the review rests on no judged cases; see `lingji review open`",
            ),
        )
    if found is not None:
        for said, number, least in (
            (Said("个案例经评判", " cases were judged"), found.cases, rule.least_cases),
            (Said("名专家参与评判", " experts judged"), found.experts, rule.least_experts),
        ):
            if number < least:
                few = Said(
                    f"仅有{number}{said.zh}，少于政策要求",
                    f"{number}{said.en}, fewer than the policy asks for",
                )
                about = {"figure": float(number), "threshold": float(least)}
                return failed("reviewed", few, **about)
        if grave := [s.value for s in rule.closed_before if found.open_findings.get(s, 0)]:
            open_ = named(grave)
            return failed(
                "reviewed", Said(f"尚有未了结的问题：{open_}", f"findings are open: {open_}")
            )
    if review.format == 1:
        return passed("reviewed", _by(who, _WITHOUT_CASES))
    try:
        reviewers = review.require_signed(case.people)
    except ReleaseRefused as error:
        return failed("reviewed", _error(error))
    if any(person.is_called(case.version.trainer) for person in reviewers):
        trainer = case.version.trainer
        both = Said(f"{trainer}既是训练人又是评审人", f"{trainer} trained it and reviewed it")
        return failed("reviewed", both)
    if found is None:
        return passed("reviewed", _by(who, _WITHOUT_CASES))
    rests = Said(
        f"{found.experts}名专家评判了{found.cases}个案例",
        f"{found.cases} cases judged by {found.experts} experts",
    )
    return passed("reviewed", _by(who, rests))


def _by(who: str, rests: Said) -> Said:
    return Said(f"{who}；{rests.zh}", f"{who}; {rests.en}")


def _error(error: Exception) -> Said:
    return Said(f"未通过校验：{error}", str(error))
