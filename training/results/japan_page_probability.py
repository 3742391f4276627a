"""The page's section on probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from training.results.japan_floors import FLOORS, LATER_BASELINES
from training.results.japan_probability import (
    LEAST_LEFT_OUT,
    Discrimination,
    LeftOut,
    ProbabilityResult,
)
from training.results.markdown import NOTHING, count, figure, percent, table

Results = Sequence[ProbabilityResult]
_TITLES: Mapping[str, str] = {
    "cut": "Approved less than 90 % of the request (`cut`)",
    "low_execution": "Spent less than 80 % of the budget (`low_execution`)",
    "low_outcome": "Outcome below 80 % of its target (`low_outcome`)",
}
_BASELINES: Mapping[str, str] = {
    "cut": "sceptic: size and growth of the request alone",
    "low_execution": "sceptic: last year's execution rate alone",
    "low_outcome": "sceptic: static fields and texts",
}


def probability_section(results: Results) -> str:
    """Order, honesty, and ministries left out."""
    by_head = "\n\n".join(_head(one) for one in results)
    return f"""## Probabilities

The sceptic's baselines are grown by the same settings on the same split and calibrated alike.

{by_head}

{_calibration(results)}

{_ministries(results)}"""


def _head(one: ProbabilityResult) -> str:
    def row(name: str, found: Discrimination) -> tuple[str, ...]:
        aucs = (figure(value) for value in (found.total, found.within, found.unseen))
        return (name, *aucs, figure(found.brier, 4))

    baseline = f"{_BASELINES[one.head]} ({one.baseline_inputs} inputs)"
    rows = [
        row("**Lingji**", one.model),
        row("floor: plain LightGBM", FLOORS[one.head]),
        row(baseline, one.baseline),
        row("the letters of the texts alone", one.texts),
        ("the learned share for everybody", *(["0.500"] * 3), figure(one.constant, 4)),
    ]
    header = ("", "AUC", "within ministry", f"not seen before (n = {one.unseen_n})", "Brier")
    return f"""### {_TITLES[one.head]}

{count(one.n)} tested, {percent(one.positive)} positive. Not seen before: {one.unseen_n}, of them
{one.unseen_positive} positive; bootstrap standard error of Lingji's AUC there
{figure(one.unseen_error)}. On later sheets, which are not here, the data's description gives this
baseline an AUC of {figure(LATER_BASELINES[one.head])}.

{table(header, rows)}"""


def _calibration(results: Results) -> str:
    summary = [
        (
            one.head,
            percent(one.positive),
            percent(one.before.mean),
            percent(one.after.mean),
            figure(one.before.error, 4),
            figure(one.after.error, 4),
            f"{figure(one.slope)} · margin + {figure(one.intercept)}",
        )
        for one in results
    ]
    bins = [
        (str(place + 1), *(part for one in results for part in _bin(one, place)))
        for place in range(len(results[0].after.bins))
    ]
    header = ("tenth", *(f"{one.head} {part}" for one in results for part in ("said", "seen")))
    return f"""### Calibration

A probability is calibrated by a map of its margin, fitted on the calibration round.

{table(("", "seen", "said before", "said after", "error before", "error after", "map"), summary)}

Error: mean distance between said and seen over tenths of the programmes. By tenths, after
calibration:

{table(header, bins)}

![Calibration](pictures/japan-review-calibration.svg)"""


def _bin(one: ProbabilityResult, place: int) -> tuple[str, str]:
    said, seen, _ = one.after.bins[place]
    return percent(said), percent(seen)


def _ministries(results: Results) -> str:
    names = sorted({left.ministry for one in results for left in one.left_out})
    found: list[dict[str, LeftOut]] = [
        {left.ministry: left for left in one.left_out} for one in results
    ]
    rows = [
        (name, *(part for ministries in found for part in _left_out(ministries.get(name))))
        for name in names
    ]
    means = (
        "mean, by n",
        *(part for one in results for part in ("", figure(one.left_out_mean), "")),
    )
    worst = (
        "least",
        *(part for one in results for part in ("", figure(one.left_out_worst.without), "")),
    )
    parts = ("n", "without", "with")
    header = ("ministry", *(f"{one.head} {part}" for one in results for part in parts))
    return f"""### Each ministry left out

For each ministry the trees are grown again without its sheets and tested on them alone
(*without*). *With*: the model that has seen its older sheets. Ministries with at least
{LEAST_LEFT_OUT} tested programmes and both outcomes. A small difference says that what is learned
elsewhere holds there.

{table(header, [*rows, means, worst])}"""


def _left_out(left: LeftOut | None) -> tuple[str, str, str]:
    if left is None:
        return NOTHING, NOTHING, NOTHING
    return count(left.n), figure(left.without), figure(left.with_it)
