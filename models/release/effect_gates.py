"""The gates about what must not move a head: the request and last year's budget, who declares, and
what a department merely declares."""

from __future__ import annotations

from collections.abc import Iterator

from features.errors import BundleError
from models.approval import Verdict
from models.release.comparison import Comparison
from models.release.release_policy import ReleasePolicy
from models.release.verdicts import Said, failed, judged, not_applicable
from models.trial import Trial


def effect_gates(
    comparison: Comparison, policy: ReleasePolicy, trial: Trial | BundleError
) -> Iterator[Verdict]:
    """The verdicts of from_zero, identity and climber for every head."""
    if isinstance(trial, BundleError):
        for gate in ("from_zero", "identity", "climber"):
            yield not_applicable(gate, Said("模型包无法试运行", "the bundle could not be tried"))
        return
    for head in trial.heads:
        yield _from_zero(comparison, trial, head)
        yield from _identity(comparison, head)
        yield _climber(comparison, policy, head)


def _from_zero(comparison: Comparison, trial: Trial, head: str) -> Verdict:
    """A head that judges from zero does not move with the request or last year's budget at all."""
    if head not in trial.zero_based:
        return not_applicable(
            "from_zero",
            Said("该预测项可以使用申报金额", "this head may know what is asked for"),
            head=head,
        )
    effect = comparison.effects.zero_base.get(head)
    if effect is None:
        return failed("from_zero", Said("未测量其影响", "its effect was not measured"), head=head)
    reason = Said(
        "结果随申报金额或上年预算变动", "it moves with the requested amount or last year's budget"
    )
    return judged("from_zero", effect == 0, reason, head=head, figure=effect, threshold=0.0)


def _identity(comparison: Comparison, head: str) -> Iterator[Verdict]:
    """No head moves with who declares."""
    roles = comparison.effects.identity
    if not roles:
        yield failed(
            "identity",
            Said("未测量申报主体的影响", "the effect of who declares was not measured"),
            head=head,
        )
    for role, effects in roles.items():
        effect = effects.get(head)
        if effect is None:
            yield failed(
                "identity",
                Said("未测量其影响", "its effect was not measured"),
                head=head,
                metric=role,
            )
            continue
        yield judged(
            "identity",
            effect == 0,
            Said("结果随申报主体变动", "it moves with who declares"),
            head=head,
            metric=role,
            figure=effect,
            threshold=0.0,
        )


def _climber(comparison: Comparison, policy: ReleasePolicy, head: str) -> Verdict:
    """What a department merely declares carries a head only so far."""
    gain = comparison.effects.climb.get(head)
    compared = comparison.heads.get(head)
    if gain is None or compared is None:
        return failed(
            "climber",
            Said("未测量仅凭申报内容可抬高的幅度", "its gain was not measured"),
            head=head,
        )
    limit = policy.climber.of(compared.kind)
    reason = Said(
        "仅凭申报内容抬高的幅度超过政策允许值",
        "declared facts alone carry it further than the policy allows",
    )
    return judged("climber", gain <= limit, reason, head=head, figure=gain, threshold=limit)
