"""The gates about metrics: worse than the champion, coverage, calibration, and too good."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from models.approval import Verdict
from models.release.binomial_band import binomial_band, simultaneous
from models.release.calibration_chance import chance
from models.release.comparison import Better, ComparedHead, ComparedMetric, Comparison, Metrics
from models.release.release_policy import ReleasePolicy
from models.release.verdicts import Said, failed, judged, not_applicable

COVERAGE = "coverage"


def metric_gates(comparison: Comparison, policy: ReleasePolicy) -> Iterator[Verdict]:
    """The verdicts of no_worse, coverage, calibration and too_good, for every head and group."""
    for head, compared in comparison.heads.items():
        judge = _HeadJudge(head, compared, policy, comparison.champion is not None)
        for group, metrics in compared.everywhere():
            for name in metrics:
                yield from judge.verdicts(group, name, metrics)


class _HeadJudge:
    """Judges one head's metrics; a group too small for it is said to be."""

    def __init__(
        self, head: str, compared: ComparedHead, policy: ReleasePolicy, replaces: bool
    ) -> None:
        self._head, self._policy, self._replaces = head, policy, replaces
        self._limits = policy.calibration.of(compared.kind)
        self._groups = sum(
            any(metric.n >= policy.least_group for metric in metrics.values())
            for metrics in compared.groups.values()
        )

    def verdicts(self, group: str, name: str, metrics: Metrics) -> Iterator[Verdict]:
        """What each gate that the metric of that name concerns says of it."""
        metric = metrics[name]
        about = {"head": self._head, "group": group, "metric": name}
        for gate, judge in (
            ("no_worse", self._no_worse),
            ("coverage", self._coverage),
            ("calibration", partial(self._calibration, metrics)),
            ("too_good", self._too_good),
        ):
            if not self._concerns(gate, name, metric):
                continue
            if group and metric.n < self._policy.least_group:
                few = Said(
                    f"项目过少：{metric.n}个，至少需要{self._policy.least_group}个",
                    f"too few projects: {metric.n}, of {self._policy.least_group} needed",
                )
                yield not_applicable(gate, few, **about)
            else:
                yield judge(metric, about)

    def _concerns(self, gate: str, name: str, metric: ComparedMetric) -> bool:
        policy = self._policy
        if gate == "no_worse":
            judged_ = name not in policy.no_worse.not_judged
            return judged_ and metric.better is not Better.NEAR
        if gate == "coverage":
            return name == COVERAGE
        return name in (self._limits if gate == "calibration" else policy.too_good)

    def _no_worse(self, metric: ComparedMetric, about: dict[str, Any]) -> Verdict:
        """Not worse for certain: the whole interval of the difference lies on the worse side."""
        if not self._replaces:
            return not_applicable("no_worse", Said("尚无在用模型", "nothing serves yet"), **about)
        if metric.challenger is None and metric.champion is not None:
            return failed(
                "no_worse",
                Said(
                    "在用模型有此项指标，候选模型没有", "the champion has this figure, it has none"
                ),
                **about,
            )
        if metric.low is None or metric.high is None or metric.champion is None:
            return not_applicable(
                "no_worse", Said("没有带区间的差值", "no difference with an interval"), **about
            )
        rule = self._policy.no_worse
        share = rule.group_margin if about["group"] else rule.margin
        margin = share * abs(metric.champion)
        if metric.better is Better.LOWER:
            return judged(
                "no_worse",
                metric.low <= margin,
                Said(
                    "高于在用模型，且超出不确定范围",
                    "higher than the champion's beyond its uncertainty",
                ),
                figure=metric.low,
                threshold=margin,
                **about,
            )
        return judged(
            "no_worse",
            metric.high >= -margin,
            Said(
                "低于在用模型，且超出不确定范围", "lower than the champion's beyond its uncertainty"
            ),
            figure=metric.high,
            threshold=-margin,
            **about,
        )

    def _coverage(self, metric: ComparedMetric, about: dict[str, Any]) -> Verdict:
        """Inside the band that chance explains; all groups' bands hold together."""
        if metric.challenger is None or metric.nominal is None or not metric.n:
            return not_applicable("coverage", Said("未给出区间", "no ranges were given"), **about)
        rule = self._policy.coverage
        confidence = self._confidence(rule.confidence, about)
        low, high = binomial_band(metric.n, metric.nominal, confidence)
        below = metric.challenger < low
        return judged(
            "coverage",
            not below and metric.challenger <= high + rule.above,
            Said(
                f"不在{metric.nominal}附近的允许范围{low:.3f}–{high + rule.above:.3f}内，"
                f"项目数{metric.n}",
                f"outside {low:.3f} – {high + rule.above:.3f} around {metric.nominal}, "
                f"n = {metric.n}",
            ),
            figure=metric.challenger,
            threshold=low if below or metric.challenger <= high else high + rule.above,
            **about,
        )

    def _confidence(self, given: float, about: dict[str, Any]) -> float:
        """The confidence of one group's band, so that those of all groups hold together."""
        return simultaneous(self._groups, given) if about["group"] else given

    def _calibration(
        self, beside: Metrics, metric: ComparedMetric, about: dict[str, Any]
    ) -> Verdict:
        """Off by no more than the policy allows and chance explains."""
        if metric.challenger is None:
            return not_applicable("calibration", Said("无法计算", "it cannot be told"), **about)
        limit = self._limits[about["metric"]]
        if about["group"]:
            limit *= self._policy.calibration.group_factor
        confidence = self._confidence(self._policy.calibration.confidence, about)
        limit += chance(about["metric"], beside, confidence)
        holds, figure = abs(metric.challenger) <= limit, metric.challenger
        reason = Said(
            "与实际结果的偏差超过政策允许值，且非偶然所能解释",
            "further from what came than the policy allows and chance explains",
        )
        return judged("calibration", holds, reason, figure=figure, threshold=limit, **about)

    def _too_good(self, metric: ComparedMetric, about: dict[str, Any]) -> Verdict:
        """As good as knowing the outcome: then it has leaked into what the model reads."""
        if metric.challenger is None:
            return not_applicable("too_good", Said("无法计算", "it cannot be told"), **about)
        limit = self._policy.too_good[about["metric"]]
        reason = Said(
            "好得不合常理：评审结果混入了输入", "no honest model is so good: outcomes leak into it"
        )
        holds, figure = metric.challenger < limit, metric.challenger
        return judged("too_good", holds, reason, figure=figure, threshold=limit, **about)
