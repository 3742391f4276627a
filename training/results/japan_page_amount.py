"""The page's sections on the executed amount and on the grade proxy."""

from __future__ import annotations

import math

from training.results.japan_amount import AmountResult, Pinballs, RangeQuality
from training.results.japan_floors import PINBALL_CONSTANT, PINBALL_FLOOR
from training.results.japan_grade import GRADES, Agreement, GradeResult
from training.results.markdown import band, count, figure, percent, table


def amount_section(amount: AmountResult) -> str:
    """Sharpness, coverage, groups, and the allowance for rounds that differ."""
    return f"""## Executed amount (`executed_amount`)

{_pinball(amount)}

{_coverage(amount)}

{_drift(amount)}"""


def _pinball(amount: AmountResult) -> str:
    def row(name: str, losses: Pinballs) -> tuple[str, ...]:
        return (name, *(figure(loss) for loss in losses))

    rows = [
        row("**Lingji**, range as shown", amount.pinball_shown),
        row("Lingji, raw quantiles", amount.pinball_raw),
        row("floor: plain LightGBM", PINBALL_FLOOR),
        row("request × constant ratio, here", amount.pinball_constant),
        row("request × constant ratio, data's description", PINBALL_CONSTANT),
    ]
    spent = [
        row("**Lingji**, range as shown", amount.pinball_shown_spent),
        row("Lingji, raw quantiles", amount.pinball_raw_spent),
    ]
    header = ("pinball loss of the logarithm", "10 %", "50 %", "90 %")
    return f"""### Sharpness

Where both request and execution are above zero (n = {count(amount.n_asked)}):

{table(header, rows)}

Where execution is above zero, with or without a request (n = {count(amount.n_spent)}):

{table(header, spent)}"""


def _coverage(amount: AmountResult) -> str:
    def row(name: str, found: RangeQuality) -> tuple[str, ...]:
        shares = (percent(s) for s in (found.coverage, found.spent, found.below, found.above))
        widths = (f"× {math.exp(found.median_width):.2f}", figure(found.mean_width))
        return (name, *shares, *widths)

    rows = [
        row("raw quantiles", amount.raw),
        row("calibrated on the last round alone", amount.plain),
        row("**as shown**: with allowance for a new round", amount.shown),
    ]
    groups = [
        (
            one.group,
            count(one.n),
            percent(one.raw),
            percent(one.plain),
            percent(one.shown),
            band(*one.band),
            band(*one.wide_band),
            f"× {math.exp(one.width):.2f}",
        )
        for one in amount.groups
    ]
    header = ("80 % range", "holds", "holds, zero left out", "below", "above", "median high ÷ low",
              "mean log width")  # fmt: skip
    by_group = (
        "group", "n", "raw", "last round", "as shown", "99 % band", "99 % for all at once",
        "high ÷ low",
    )  # fmt: skip
    return f"""### Does the range hold?

All {count(amount.n)} tested programmes. An execution of zero counts as a miss.

{table(header, rows)}

99 % band of a true 80 %: {band(*amount.band)}. Where request and execution are above zero the
shown range holds {percent(amount.asked_coverage)}.

{table(by_group, groups)}

![Coverage](pictures/japan-review-coverage.svg)"""


def _drift(amount: AmountResult) -> str:
    drift = amount.drift
    misses = [
        (str(year), percent(low), percent(high))
        for year, (low, high) in zip(drift.rounds, drift.misses, strict=True)
    ]
    ordinary = [
        (
            str(one.round),
            count(one.n),
            percent(one.plain),
            percent(one.with_allowance),
            f"× {one.wider:.2f}",
        )
        for one in amount.ordinary
    ]
    return f"""### The allowance for a round unlike the last, and its price

Each past round is forecast from one round before it. Under one common range these shares fall
outside:

{table(("round", "below", "above"), misses)}

Between rounds the miss rate varies by {percent(drift.between, 2)} (standard deviation beyond
chance). With 95 % confidence a new round stays within {percent(drift.allowance)} more misses per
tail; so each tail is made stricter by {percent(drift.allowance)}. The estimate rests on
{len(drift.rounds)} rounds. It is a model and no guarantee.

What this costs in ordinary rounds, each calibrated on the round before it (the allowance itself
was measured on these rounds too):

{table(("round", "n", "without allowance", "with allowance", "log width"), ordinary)}

Where more than 80 % are held, the range is wider than it need be. That is the price for a round
like the tested one."""


def grade_section(grade: GradeResult) -> str:
    """The revealed priority beside the approved share."""

    def row(name: str, found: Agreement) -> tuple[str, ...]:
        return (name, figure(found.spearman), figure(found.kappa), figure(found.accuracy))

    rows = [
        row("**Lingji**, cuts that give the calibration round its shares", grade.model),
        row("Lingji, the grades' own cuts", grade.plain),
        row("size and growth of the request alone", grade.growth),
        row("commonest grade for everybody", grade.majority),
    ]
    confusion = [
        (f"revealed {GRADES[level]}", *(count(number) for number in reversed(line)))
        for level, line in reversed(list(enumerate(grade.confusion)))
    ]
    shares = ", ".join(
        f"{name} {percent(share)}" for name, share in zip(GRADES, grade.shares, strict=True)
    )
    better = grade.model.accuracy >= grade.growth.accuracy
    said = "also" if better else "**not**"
    return f"""## The grade proxy (`approval_share`)

No panel graded these programmes. What is used is the finance ministry's revealed priority: A at
99.5 % of the request or more, B from 90 %, C from 60 %, D below. It mixes merit with how much was
asked for. Tested: {count(grade.n)} ({shares}).

{table(("", "Spearman with the share", "κ, quadratic", "accuracy"), rows)}

A mean is never as extreme as an outcome, so the grades' own cuts give hardly an A. In order and
in κ the model is {_than(grade.model.kappa, grade.growth.kappa)} the simple rule; in accuracy it is
{said} better.

{table(("", *(f"given {name}" for name in reversed(GRADES))), confusion)}"""


def _than(model: float, rule: float) -> str:
    return "better than" if model > rule else "no better than"
